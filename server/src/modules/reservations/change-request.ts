import type { Id } from "#platform/id.ts";
import type { Attendee, Line, ReservationAction } from "./reservation.ts";

/** On whose behalf a change is made; stands in the ledger. */
export type ChangeReason = "holder" | "manager" | "clock" | "event_cancelled" | "payment";

/** An idempotency key and what it was used for, both as UUIDs (docs/concepts/idempotency.md). */
export interface RequestKey {
  readonly key: string;
  readonly fingerprint: string;
}

/** What lines draw on: each pool once, with the sum of their quantities. */
export interface Draw {
  readonly poolId: string;
  readonly quantity: number;
}

/** Lines with all that the catalogue knows of them. */
export interface PricedLines {
  readonly lines: readonly Line[];
  readonly draws: readonly Draw[];
  /** The pools each line draws on, in the order of the lines. */
  readonly poolsOfLine: readonly (readonly string[])[];
  readonly totalMinor: number;
  readonly currency: string;
  /** The revision of the catalogue they were priced with. */
  readonly revision: number;
}

/** One change of a reservation that exists: what reservations.change_batch takes (sql/change_batch.sql). */
export interface ChangeRequest {
  readonly action: ReservationAction;
  readonly reason: ChangeReason;
  readonly reservationId: Id<"rsv">;
  /** The event it must be of, or null for any. */
  readonly eventId: Id<"evt"> | null;
  /** Of the holder's token; null when it need not be checked. */
  readonly generation: number | null;
  readonly requestKey: RequestKey | null;
  /** What the caller has found against it: recorded under its key, nothing is changed. */
  readonly refusal: string | null;
  /** The ledger entry it must stand at, or null for any: else it is `stale`. */
  readonly version: number | null;
  /** Confirm, exchange, reclaim: what is paid for it in all. Await_payment: what is to be paid; `stale` if it costs something else. */
  readonly paidMinor: number | null;
  /** Cancel: what of that the organizer keeps. */
  readonly keptMinor: number | null;
  /** The reservation that holds what an exchange needs. */
  readonly companionId: Id<"rsv"> | null;
  /** Extend, await_payment, offer_alternatives: how long from now. */
  readonly holdSeconds: number | null;
  /** Exchange, reclaim, accept_alternative, return_tickets. */
  readonly priced: PricedLines | null;
  /** Return_tickets: those that are returned; `priced` is what is left. */
  readonly returnedIds: readonly Id<"tkt">[];
  /** What replaces the attendee, or null to leave it. */
  readonly attendee: Attendee | null;
  readonly language: string | null;
}

/** Every status of reservations.change_batch, in order of precedence; those of reservations.hold_batch are among them. */
export const APPLY_STATUSES = [
  "key_reused",
  "replayed",
  "reservation_not_found",
  "again",
  "token_revoked",
  "reservation_expired",
  "reservation_released",
  "reservation_cancelled",
  "reservation_confirmed",
  "reservation_not_confirmed",
  "reservation_not_expired",
  "payment_in_progress",
  "not_due",
  "unchanged",
  "ticket_used",
  "stale",
  "exchange_dropped",
  "payment_required",
  "hold_life_exhausted",
  "sold_out",
  "done",
] as const;
export type ApplyStatus = (typeof APPLY_STATUSES)[number];

const NOTHING = {
  eventId: null,
  generation: null,
  requestKey: null,
  refusal: null,
  version: null,
  paidMinor: null,
  keptMinor: null,
  companionId: null,
  returnedIds: [],
  holdSeconds: null,
  priced: null,
  attendee: null,
  language: null,
} as const;

/** A change request of which only what matters is said. */
export function changeRequest(
  request: Pick<ChangeRequest, "action" | "reason" | "reservationId"> & Partial<ChangeRequest>,
): ChangeRequest {
  return { ...NOTHING, ...request };
}
