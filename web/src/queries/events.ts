import type { Money } from "../format/money.ts";
import { getJson, type Query, useJson } from "./use-json.ts";

// The shapes of API answers that these pages use.

export interface EventSummary {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly location: { readonly name: string | null; readonly address: string | null } | null;
  /** The language its texts are answered in: the visitor's where there is one. */
  readonly language: string;
  readonly time_zone: string;
  /** Of the first slot; null while there is none. */
  readonly first_slot_at: string | null;
}

export interface Slot {
  readonly id: string;
  readonly starts_at: string;
  readonly ends_at: string;
  readonly capacity: number;
  readonly available: number;
  readonly note: string | null;
}

export interface TicketType {
  readonly id: string;
  readonly name: string;
  readonly price: Money;
}

export interface EventDetail extends EventSummary {
  readonly state: "draft" | "published" | "cancelled";
  readonly description: string | null;
  readonly ticket_types: readonly TicketType[];
  /** The first hundred. */
  readonly slots: readonly Slot[];
  readonly slot_count: number;
}

export interface EventList {
  readonly data: readonly EventSummary[];
  readonly next_cursor: string | null;
}

interface Availability {
  readonly slots: readonly { readonly id: string; readonly available: number }[];
}

const EVENTS = "/v1/events";
/** Often enough to be true when somebody decides; a repeat with an ETag costs next to nothing. */
const AVAILABILITY_EVERY_SECONDS = 5;

export function useEvents(): Query<EventList> {
  return useJson<EventList>(EVENTS);
}

export function moreEvents(cursor: string): Promise<Query<EventList>> {
  return getJson<EventList>(`${EVENTS}?cursor=${encodeURIComponent(cursor)}`);
}

export function useEvent(slug: string): Query<EventDetail> {
  return useJson<EventDetail>(`${EVENTS}/${slug}`);
}

/** What is left in each slot, by its id, asked for again and again. Empty until the first answer. */
export function useAvailability(eventId: string): ReadonlyMap<string, number> {
  const { data } = useJson<Availability>(
    `${EVENTS}/${eventId}/availability`,
    AVAILABILITY_EVERY_SECONDS,
  );
  return new Map(data?.slots.map(({ id, available }) => [id, available]));
}
