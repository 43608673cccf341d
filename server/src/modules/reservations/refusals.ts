import {
  notAuthenticated,
  notFound,
  overloaded,
  Problem,
  type ProblemType,
  problemType,
  type Reason,
  unavailable,
} from "#platform/http/problem.ts";
import type { ApplyStatus } from "./change-request.ts";
import type { SaleRefusal } from "./price-lines.ts";

// Every way in which a reservation can be refused, beside the words for it. What a status of the
// stock function and a refusal of the catalogue become on the wire is decided here and nowhere else.

const conflict = (code: string, title: string): ProblemType =>
  problemType({ code, status: 409, title });

export const soldOut = conflict("sold_out", "Not enough places are left");
export const paymentRequired = conflict("payment_required", "It has to be paid for first");
export const holdLifeExhausted = conflict(
  "hold_life_exhausted",
  "The hold cannot be extended any further",
);
export const reservationReleased = conflict(
  "reservation_released",
  "The reservation was given back",
);
export const reservationCancelled = conflict(
  "reservation_cancelled",
  "The reservation was cancelled",
);
export const reservationConfirmed = conflict(
  "reservation_confirmed",
  "The reservation is confirmed already",
);
export const reservationNotConfirmed = conflict(
  "reservation_not_confirmed",
  "The reservation is not confirmed",
);
export const reservationNotExpired = conflict(
  "reservation_not_expired",
  "The reservation has not expired",
);
export const paymentInProgress = conflict("payment_in_progress", "A payment is under way");
export const ticketUsed = conflict("ticket_used", "A ticket has let somebody in");
export const eventNotPublished = conflict("event_not_published", "The event is not on sale");
export const slotStarted = conflict("slot_started", "The slot has started");
export const salesNotOpen = conflict("sales_not_open", "Sales have not begun");
export const salesClosed = conflict("sales_closed", "Sales have ended");
export const limitExceeded = conflict(
  "limit_exceeded",
  "That is outside the limits for one reservation",
);
export const ticketTypeNeeded = problemType({
  code: "ticket_type_needed",
  status: 422,
  title: "Say which ticket type",
});
export const reservationExpired = problemType({
  code: "reservation_expired",
  status: 410,
  title: "The hold has expired",
});

/** What can be answered instead of a reservation. */
export type Refusal =
  | SaleRefusal
  | "no_such_ticket"
  | Exclude<
      ApplyStatus,
      | "replayed"
      | "again"
      | "stale"
      | "unchanged"
      | "not_due"
      | "done"
      | "key_reused"
      | "exchange_dropped"
    >;

const WORDS: Record<Refusal, readonly [ProblemType, string]> = {
  sold_out: [
    soldOut,
    "Fewer places are left than you asked for. Ask for fewer, or for another slot.",
  ],
  payment_required: [
    paymentRequired,
    "The reservation costs money. Hold it without confirming, then pay.",
  ],
  hold_life_exhausted: [
    holdLifeExhausted,
    "The hold has reached its longest life. Confirm it before it ends, or reserve again afterwards.",
  ],
  reservation_expired: [
    reservationExpired,
    "The hold ended before this request came, and its places are for sale again. Reserve again.",
  ],
  reservation_released: [reservationReleased, "The places were given back. Reserve again."],
  reservation_cancelled: [
    reservationCancelled,
    "A cancelled reservation cannot be changed. Reserve again.",
  ],
  reservation_confirmed: [
    reservationConfirmed,
    "A confirmed reservation is cancelled or changed, not released or extended.",
  ],
  reservation_not_confirmed: [
    reservationNotConfirmed,
    "Only a confirmed reservation is cancelled; a held one is released.",
  ],
  reservation_not_expired: [
    reservationNotExpired,
    "It is held still: pay for it. Alternatives are offered only to who paid after the hold had ended and found the places gone.",
  ],
  payment_in_progress: [
    paymentInProgress,
    "A payment for this reservation is under way. Wait for its outcome, or cancel the payment; then ask again.",
  ],
  ticket_used: [
    ticketUsed,
    "A ticket of the reservation has let somebody in. Its holder can no longer cancel it, exchange it or pass it on; ask the organizer.",
  ],
  reservation_not_found: [notFound, "There is no such reservation here."],
  token_revoked: [
    notAuthenticated,
    "The token was replaced by a newer one and does not work any more.",
  ],
  event_not_published: [eventNotPublished, "The event is not on sale."],
  ticket_type_needed: [
    ticketTypeNeeded,
    "The event has several ticket types: say which with ticket_type_id.",
  ],
  no_such_ticket: [notFound, "The reservation has no such valid ticket."],
  no_such_slot: [notFound, "The event has no such slot."],
  no_such_ticket_type: [notFound, "The event has no such ticket type."],
  slot_started: [slotStarted, "The slot has started; choose a later one."],
  sales_not_open: [salesNotOpen, "Sales of a ticket type you asked for have not begun."],
  sales_closed: [salesClosed, "Sales of a ticket type you asked for have ended."],
  limit_exceeded: [limitExceeded, "The quantities are outside the limits for one reservation."],
};

/** The problem that a refusal is on the wire, with what would change it. */
export function problemOf(refusal: string, reasons?: readonly Reason[]): Problem {
  const words = WORDS[refusal as Refusal];
  // A word that this version does not know was recorded by another one under the same key.
  if (words === undefined) return new Problem(unavailable, "Ask again in a moment.", {}, 1);
  const [type, detail] = words;
  const carriesReasons = type.status === 409 || type.status === 410;
  return new Problem(
    type,
    detail,
    carriesReasons ? { reasons: reasons ?? [{ code: refusal, message: detail }] } : {},
  );
}

/** What is asked for was changed by others again and again while it was being done. */
export function changingNow(): Problem {
  return new Problem(
    overloaded,
    "It is being changed by others at this moment. Ask again in a second.",
    {},
    1,
  );
}

/** Of the catalogue's refusals, those that are an answer to keep under the request's key. */
export function isKept(refusal: Refusal): boolean {
  return WORDS[refusal][0].status === 409;
}
