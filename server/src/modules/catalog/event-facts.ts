import type { EpochMs } from "#platform/clock.ts";
import type { Id } from "#platform/id.ts";
import type { EventState } from "./event.ts";

/** What selling needs to know of an event: one consistent revision of it, without any text. Never changed. */
export interface EventFacts {
  readonly eventId: Id<"evt">;
  /** Raised by every edit of the event, its slots or its ticket types. */
  readonly revision: number;
  readonly state: EventState;
  /** Null: its event token manages it. */
  readonly organizerId: Id<"org"> | null;
  /** Event tokens of another generation are void. */
  readonly tokenGeneration: number;
  readonly currency: string;
  readonly timeZone: string;
  readonly holdSeconds: number;
  readonly holdLifeMaxSeconds: number;
  readonly ticketsPerReservationMax: number;
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
  /** By position. Removed ones are not in it. */
  readonly ticketTypes: ReadonlyMap<Id<"tty">, TicketTypeFacts>;
  /** By start. Removed ones are not in it. */
  readonly slots: ReadonlyMap<Id<"slt">, SlotFacts>;
}

export interface TicketTypeFacts {
  readonly ticketTypeId: Id<"tty">;
  readonly priceMinor: number;
  /** Over all slots; null: only the slots limit it. */
  readonly capacity: number | null;
  /** In each slot; null: only the slot limits it. */
  readonly capacityPerSlot: number | null;
  readonly minPerReservation: number;
  readonly maxPerReservation: number;
  readonly salesStartAt: EpochMs | null;
  readonly salesEndAt: EpochMs | null;
  /** How many people one ticket lets in. */
  readonly admits: number;
  /** The gates that let it in; null: any. */
  readonly gates: readonly string[] | null;
  /** Sold to whoever knows its id, shown to nobody. */
  readonly hidden: boolean;
}

export interface SlotFacts {
  readonly startsAt: EpochMs;
  readonly endsAt: EpochMs;
  readonly capacity: number;
}
