import type { Id } from "#platform/id.ts";
import type { PricedLines, RequestKey } from "./change-request.ts";
import type { Attendee } from "./reservation.ts";

/** One new reservation: what reservations.hold_batch takes (sql/hold_batch.sql). */
export interface HoldRequest {
  readonly reservationId: Id<"rsv">;
  readonly eventId: Id<"evt">;
  readonly requestKey: RequestKey | null;
  /** What the caller has found against it: recorded under its key, nothing is taken. */
  readonly refusal: string | null;
  /** Confirm at once: the money for it is settled, or there is none to pay. */
  readonly confirmed: boolean;
  readonly holdSeconds: number;
  /** How long it may live, extensions included. */
  readonly lifeSeconds: number;
  /** Null only where there is a refusal. */
  readonly priced: PricedLines | null;
  readonly attendee: Attendee;
  readonly language: string | null;
}
