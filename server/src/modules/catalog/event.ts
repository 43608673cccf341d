/** A draft is seen by its managers only; a published event is for sale; a cancelled one is over for good. */
export const EVENT_STATES = ["draft", "published", "cancelled"] as const;
export type EventState = (typeof EVENT_STATES)[number];
