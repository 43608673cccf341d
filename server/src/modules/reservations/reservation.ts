import type { EpochMs } from "#platform/clock.ts";
import type { Id } from "#platform/id.ts";
import { type Money, sum, times } from "#platform/money.ts";
import { ticketId } from "./ticket-id.ts";

export const RESERVATION_STATES = [
  "held",
  "confirmed",
  "released",
  "expired",
  "cancelled",
] as const;
export type ReservationState = (typeof RESERVATION_STATES)[number];

/**
 * What can be asked of a reservation that exists. `revoke` is the organizer's cancelling of the
 * event; `expire` is the clock's.
 */
export const RESERVATION_ACTIONS = [
  "confirm",
  "extend",
  "exchange",
  "amend",
  "transfer",
  "release",
  "cancel",
  "revoke",
  "expire",
] as const;
export type ReservationAction = (typeof RESERVATION_ACTIONS)[number];

/** Why the state of a reservation stands against an action. */
export const STATE_REFUSALS = [
  "reservation_expired",
  "reservation_released",
  "reservation_cancelled",
  "reservation_confirmed",
  "reservation_not_confirmed",
  "not_due",
] as const;
export type StateRefusal = (typeof STATE_REFUSALS)[number];

type Outcome = ReservationState | StateRefusal | "unchanged";

/**
 * The state machine, whole: the next state, `unchanged` when it is so already, or the refusal.
 * A held reservation whose time has passed counts as `expired` in all but one cell: `expire` ends it. The database decides by the same
 * table (sql/transition.sql); a test compares every cell.
 */
export const TRANSITIONS: Record<ReservationState, Record<ReservationAction, Outcome>> = {
  held: {
    confirm: "confirmed",
    extend: "held",
    exchange: "held",
    amend: "held",
    transfer: "held",
    release: "released",
    cancel: "reservation_not_confirmed",
    revoke: "cancelled",
    expire: "not_due",
  },
  confirmed: {
    confirm: "unchanged",
    extend: "reservation_confirmed",
    exchange: "confirmed",
    amend: "confirmed",
    transfer: "confirmed",
    release: "reservation_confirmed",
    cancel: "cancelled",
    revoke: "cancelled",
    expire: "not_due",
  },
  released: {
    confirm: "reservation_released",
    extend: "reservation_released",
    exchange: "reservation_released",
    amend: "reservation_released",
    transfer: "reservation_released",
    release: "unchanged",
    cancel: "reservation_released",
    revoke: "unchanged",
    expire: "not_due",
  },
  expired: {
    confirm: "reservation_expired",
    extend: "reservation_expired",
    exchange: "reservation_expired",
    amend: "reservation_expired",
    transfer: "reservation_expired",
    release: "reservation_expired",
    cancel: "reservation_expired",
    revoke: "unchanged",
    expire: "unchanged",
  },
  cancelled: {
    confirm: "reservation_cancelled",
    extend: "reservation_cancelled",
    exchange: "reservation_cancelled",
    amend: "reservation_cancelled",
    transfer: "reservation_cancelled",
    release: "reservation_cancelled",
    cancel: "unchanged",
    revoke: "unchanged",
    expire: "not_due",
  },
};

/** Places of one slot and ticket type, at the price they were taken for. */
export interface Line {
  readonly slotId: Id<"slt">;
  readonly ticketTypeId: Id<"tty">;
  readonly quantity: number;
  readonly unitPriceMinor: number;
}

/** Who comes. Every part may be unknown and filled in later. */
export interface Attendee {
  readonly name: string | null;
  readonly email: string | null;
  readonly phone: string | null;
}

export interface Ticket {
  readonly ticketId: Id<"tkt">;
  readonly slotId: Id<"slt">;
  readonly ticketTypeId: Id<"tty">;
  readonly state: "valid" | "void";
  readonly holderName: string | null;
}

/** A reservation as it stood after one entry of the ledger. */
export interface Reservation {
  readonly reservationId: Id<"rsv">;
  readonly eventId: Id<"evt">;
  /** Which entry of the ledger this is the state after, from 1. */
  readonly version: number;
  readonly state: ReservationState;
  /** Generation of the tokens and codes that work. */
  readonly generation: number;
  readonly createdAt: EpochMs;
  /** Until when it is held; null when it is not. */
  readonly expiresAt: EpochMs | null;
  readonly lines: readonly Line[];
  readonly currency: string;
  readonly attendee: Attendee;
  readonly language: string | null;
  /** The tickets it has now; those of a cancelled one are void. */
  readonly tickets: readonly Ticket[];
}

/** A ticket for each place, as one entry of the ledger issues them: in the order of the lines. */
export function issuedTickets(
  reservationId: Id<"rsv">,
  version: number,
  lines: readonly Line[],
): Ticket[] {
  const places = lines.flatMap((line) => Array<Line>(line.quantity).fill(line));
  return places.map(({ slotId, ticketTypeId }, index) => ({
    ticketId: ticketId(reservationId, version, index + 1),
    slotId,
    ticketTypeId,
    state: "valid",
    holderName: null,
  }));
}

/** What lines of one currency cost. */
export function totalOf(lines: readonly Line[], currency: string): Money {
  const costs = lines.map((line) =>
    times({ amountMinor: line.unitPriceMinor, currency }, line.quantity),
  );
  return sum(costs, currency);
}

/** At most so many lines in a reservation: each may draw on three pools. */
export const LINES_MAX = 50;
