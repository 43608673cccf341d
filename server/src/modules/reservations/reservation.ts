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
 * How a reservation stands: its state, but for two things that the clock and the money decide. A held one whose
 * time has passed counts as `expired`, one that waits for a payment as `awaiting_payment`.
 */
export const STANDINGS = [...RESERVATION_STATES, "awaiting_payment"] as const;
export type Standing = (typeof STANDINGS)[number];

/**
 * What can be asked of a reservation that exists. `revoke` is the organizer's cancelling of the
 * event; `expire` is the clock's; what follows it is asked by payments, but for `accept_alternative`, which is the holder's.
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
  /** A payment begins: the hold waits for it. */
  "await_payment",
  /** It failed: the hold has its own end again, or ends. */
  "payment_failed",
  /** It succeeded too late: the places are taken again. */
  "reclaim",
  /** There are none: other slots are offered for a while. */
  "offer_alternatives",
  "accept_alternative",
  /** Nothing came of it: the money goes back, and no place is taken any more. */
  "give_up",
  /** Something dearer is wanted: the places it lacks are held until the difference is paid. */
  "await_exchange",
  "drop_exchange",
  /** Some of its tickets are taken back, the others stay as they are. */
  "return_tickets",
] as const;
export type ReservationAction = (typeof RESERVATION_ACTIONS)[number];

/** Why the state of a reservation stands against an action. */
export const STATE_REFUSALS = [
  "reservation_expired",
  "reservation_released",
  "reservation_cancelled",
  "reservation_confirmed",
  "reservation_not_confirmed",
  "reservation_not_expired",
  "payment_in_progress",
  "not_due",
] as const;
export type StateRefusal = (typeof STATE_REFUSALS)[number];

type Outcome = ReservationState | StateRefusal | "unchanged";

/**
 * The state machine, whole: the next state, `unchanged` when it is so already, or the refusal. Three cells depend on
 * more than the standing: `expire` ends what is past its time and `payment_failed` what is past its own; `accept_alternative` is refused
 * as `reservation_expired` where nothing is on offer any more. The database decides by the same table (sql/transition.sql);
 * a test compares every cell.
 */
export const TRANSITIONS: Record<Standing, Record<ReservationAction, Outcome>> = {
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
    await_payment: "held",
    payment_failed: "unchanged",
    reclaim: "reservation_not_expired",
    offer_alternatives: "reservation_not_expired",
    accept_alternative: "reservation_not_expired",
    give_up: "reservation_not_expired",
    await_exchange: "reservation_not_confirmed",
    drop_exchange: "unchanged",
    return_tickets: "reservation_not_confirmed",
  },
  awaiting_payment: {
    confirm: "confirmed",
    extend: "payment_in_progress",
    exchange: "payment_in_progress",
    amend: "held",
    transfer: "held",
    release: "payment_in_progress",
    cancel: "reservation_not_confirmed",
    revoke: "cancelled",
    expire: "not_due",
    await_payment: "unchanged",
    payment_failed: "held",
    reclaim: "reservation_not_expired",
    offer_alternatives: "reservation_not_expired",
    accept_alternative: "reservation_not_expired",
    give_up: "reservation_not_expired",
    await_exchange: "reservation_not_confirmed",
    drop_exchange: "unchanged",
    return_tickets: "reservation_not_confirmed",
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
    await_payment: "reservation_confirmed",
    payment_failed: "unchanged",
    reclaim: "unchanged",
    offer_alternatives: "reservation_confirmed",
    accept_alternative: "unchanged",
    give_up: "reservation_confirmed",
    await_exchange: "confirmed",
    drop_exchange: "confirmed",
    return_tickets: "confirmed",
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
    await_payment: "reservation_released",
    payment_failed: "unchanged",
    reclaim: "reservation_released",
    offer_alternatives: "reservation_released",
    accept_alternative: "reservation_released",
    give_up: "unchanged",
    await_exchange: "reservation_released",
    drop_exchange: "unchanged",
    return_tickets: "reservation_released",
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
    await_payment: "reservation_expired",
    payment_failed: "unchanged",
    reclaim: "confirmed",
    offer_alternatives: "expired",
    accept_alternative: "confirmed",
    give_up: "cancelled",
    await_exchange: "reservation_expired",
    drop_exchange: "unchanged",
    return_tickets: "reservation_expired",
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
    await_payment: "reservation_cancelled",
    payment_failed: "unchanged",
    reclaim: "reservation_cancelled",
    offer_alternatives: "reservation_cancelled",
    accept_alternative: "reservation_cancelled",
    give_up: "unchanged",
    await_exchange: "reservation_cancelled",
    drop_exchange: "unchanged",
    return_tickets: "reservation_cancelled",
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
  /** When the hold would end if it did not wait for a payment; null when it does not wait. */
  readonly ownExpiresAt: EpochMs | null;
  /** Until when who paid too late may take other slots; null where nothing is on offer. */
  readonly offerEndsAt: EpochMs | null;
  /** The reservation that holds what it lacks for a dearer set of places, until the difference is paid; or null. */
  readonly exchangeId: Id<"rsv"> | null;
  /** Of one that holds places for such an exchange: what is to be exchanged. */
  readonly exchangeOf: Id<"rsv"> | null;
  /** What the organizer keeps of a cancelled one; null of any other. */
  readonly keptMinor: number | null;
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
