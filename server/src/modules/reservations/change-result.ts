import type { Id } from "#platform/id.ts";
import type { ApplyStatus } from "./change-request.ts";
import type { Reservation } from "./reservation.ts";

/** What became of one request, to hold or to change. */
export interface ChangeResult {
  /** An {@link ApplyStatus}, or the refusal that the caller itself gave. */
  readonly status: ApplyStatus | (string & {});
  readonly reservationId: Id<"rsv">;
  /** The ledger entry the reservation stands at after it; of a refusal, null. */
  readonly version: number | null;
  /** The event it is of; null where there is no such reservation. */
  readonly eventId: Id<"evt"> | null;
  /** Of `sold_out`: what is free in each drawn pool, in the order of the draws. */
  readonly available: readonly number[] | null;
  /** Of `replayed`: the refusal that was answered first, or null when it was done. */
  readonly answered: {
    readonly refusal: string;
    readonly available: readonly number[] | null;
  } | null;
  /** The reservation as it stands after it, where the batch said all of it; else it has to be read. */
  readonly reservation: Reservation | null;
}
