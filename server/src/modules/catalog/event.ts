import type { EpochMs } from "#platform/clock.ts";
import type { Id } from "#platform/id.ts";
import type { Texts } from "#platform/text.ts";

// What is true of events, slots and ticket types. No I/O.

/** A draft is seen by its managers only; a published event is for sale; a cancelled one is over for good. */
export const EVENT_STATES = ["draft", "published", "cancelled"] as const;
export type EventState = (typeof EVENT_STATES)[number];

/** What may happen to an event as a whole. */
export type EventAction = "edit" | "publish" | "cancel";

/** The state after an action; `same`: it is so already, nothing changes; null: not from here. */
export const TRANSITIONS: Readonly<
  Record<EventState, Readonly<Record<EventAction, EventState | "same" | null>>>
> = {
  draft: { edit: "draft", publish: "published", cancel: "cancelled" },
  published: { edit: "published", publish: "same", cancel: "cancelled" },
  cancelled: { edit: null, publish: null, cancel: "same" },
};

export const SLOTS_PER_EVENT_MAX = 10_000;
export const TICKET_TYPES_PER_EVENT_MAX = 100;
/** A ticket type with a capacity in each slot has a pool in each: so many an event may have. */
export const POOLS_PER_EVENT_MAX = 50_000;
/** 0 closes a slot for sale without removing it. */
export const SLOT_CAPACITY_MAX = 1_000_000;
export const TICKET_TYPE_CAPACITY_MAX = 100_000_000;
export const SLOT_DURATION_DAYS_MAX = 366;
export const PRICE_MINOR_MAX = 1_000_000_000;
export const TICKETS_PER_RESERVATION_MAX = 10_000;
export const ADMITS_MAX = 1_000;
export const HOLD_SECONDS_MAX = 86_400;
export const HOLD_LIFE_SECONDS_MAX = 604_800;
export const ATTENDEE_RETENTION_DAYS_MAX = 3_650;
export const CANCELLATION_FREE_HOURS_MAX = 8_760;
export const OFFLINE_HOLD_HOURS_MAX = 720;
/** Thirty days. */
export const ENTRY_OPENS_MINUTES_MAX = 43_200;
export const GATES_PER_TICKET_TYPE_MAX = 20;
export const GATE_LENGTH_MAX = 100;

export const TIME_ZONE_DEFAULT = "UTC";
export const CURRENCY_DEFAULT = "EUR";
export const LANGUAGE_DEFAULT = "en";
export const HOLD_SECONDS_DEFAULT = 900;
export const HOLD_LIFE_SECONDS_DEFAULT = 1_800;
export const TICKETS_PER_RESERVATION_DEFAULT = 10;
export const CANCELLATION_FREE_HOURS_DEFAULT = 0;
export const CANCELLATION_KEPT_PERCENT_DEFAULT = 100;
export const ENTRY_OPENS_MINUTES_DEFAULT = 60;

export interface Place {
  readonly name: Texts | null;
  readonly address: Texts | null;
}

export interface CatalogEvent {
  readonly eventId: Id<"evt">;
  /** Null: an anonymous event, which its token manages. */
  readonly organizerId: Id<"org"> | null;
  readonly slug: string;
  readonly name: Texts;
  readonly description: Texts | null;
  readonly location: Place | null;
  /** IANA. */
  readonly timeZone: string;
  /** ISO 4217; all prices of the event are in it. */
  readonly currency: string;
  /** Every text of the event has this language. */
  readonly defaultLanguage: string;
  readonly state: EventState;
  readonly holdSeconds: number;
  readonly holdLifeMaxSeconds: number;
  readonly ticketsPerReservationMax: number;
  /** For how long after the event attendees are known by name; null: as long as nobody erases them. */
  readonly attendeeRetentionDays: number | null;
  /** Until so many hours before a slot starts, cancelling costs nothing. */
  readonly cancellationFreeHours: number;
  /** The share of the price that the organizer keeps of what is cancelled later. */
  readonly cancellationKeptPercent: number;
  /** How long a hold waits for money at the till or by bank transfer; null: neither is offered. */
  readonly offlineHoldHours: number | null;
  /** Whether a ticket lets in again whoever was scanned out. */
  readonly reEntry: boolean;
  /** So long before its slot starts a ticket is let in. */
  readonly entryOpensMinutes: number;
  readonly tokenGeneration: number;
  readonly revision: number;
  readonly firstSlotAt: EpochMs | null;
  readonly lastSlotAt: EpochMs | null;
  readonly createdAt: EpochMs;
  readonly publishedAt: EpochMs | null;
  readonly cancelledAt: EpochMs | null;
}

export interface Slot {
  readonly slotId: Id<"slt">;
  readonly startsAt: EpochMs;
  readonly endsAt: EpochMs;
  /** What the clocks of the event's zone show then: `2027-06-15T19:00:00`. */
  readonly startsAtLocal: string;
  readonly endsAtLocal: string;
  readonly capacity: number;
  readonly note: Texts | null;
}

export interface TicketType {
  readonly ticketTypeId: Id<"tty">;
  readonly position: number;
  readonly name: Texts;
  readonly description: Texts | null;
  readonly priceMinor: number;
  /** Over all slots; null: only the slots limit it. */
  readonly capacity: number | null;
  /** In each slot; null: only the slot limits it. */
  readonly capacityPerSlot: number | null;
  readonly minPerReservation: number;
  /** Null: as many as the event allows. */
  readonly maxPerReservation: number | null;
  readonly salesStartAt: EpochMs | null;
  readonly salesEndAt: EpochMs | null;
  readonly admits: number;
  /** The gates that let it in, as they were named; null: any. */
  readonly gates: readonly string[] | null;
  readonly hidden: boolean;
}

/** In which order slots are shown. */
export function bySlotTime(a: Slot, b: Slot): number {
  return a.startsAt - b.startsAt || (a.slotId < b.slotId ? -1 : 1);
}
