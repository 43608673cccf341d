import type { ReservationState } from "../../queries/reservations.ts";

/** What a reservation stands at, for whoever holds it. */
export const STATE_WORDS: Readonly<Record<ReservationState, string>> = {
  held: "These places are held for you.",
  confirmed: "It is confirmed: these places are yours.",
  released: "You gave these places back.",
  expired: "The time to confirm has passed, and the places are for sale again.",
  cancelled: "It is cancelled.",
};

/** How it can be ended by its holder; null: it has ended. */
export const END_WORDS: Readonly<
  Record<ReservationState, { readonly ask: string; readonly sure: string } | null>
> = {
  held: { ask: "Give the places back", sure: "The places go back on sale at once." },
  confirmed: {
    ask: "Cancel this reservation",
    sure: "This is for good: the tickets stop working, and the places go back on sale.",
  },
  released: null,
  expired: null,
  cancelled: null,
};
