import { QueueFull } from "#platform/batching/batcher.ts";
import type { Id } from "#platform/id.ts";
import type { ChangeInput } from "./change-input.ts";
import { type ChangeReason, changeRequest } from "./change-request.ts";
import type { ReservationReader } from "./read-reservation.ts";
import type { Reservation } from "./reservation.ts";
import type { Stock } from "./stock.ts";

// An exchange for something dearer waits for its payment in a reservation of its own: its lines are the new ones, its
// places those that are lacking. Nobody reaches that one but through the reservation it is for.

/** What a confirmed reservation is to be exchanged for, as long as it can be paid for; else null. */
export async function pendingExchangeOf(
  reader: ReservationReader,
  { exchangeId }: Reservation,
): Promise<Reservation | null> {
  if (exchangeId === null) return null;
  const companion = await reader.read(exchangeId);
  return companion?.state === "held" ? companion : null;
}

/**
 * The refusal while somebody pays for what it is to be exchanged for, as far as can be seen; a token that is void learns
 * nothing of that. No query where it waits for nothing.
 */
export async function paymentAgainst(
  reader: ReservationReader,
  { asker }: ChangeInput,
  reservation: Reservation | null,
): Promise<"payment_in_progress" | null> {
  if (reservation === null) return null;
  if (asker.as === "holder" && asker.generation !== reservation.generation) return null;
  const companion = await pendingExchangeOf(reader, reservation);
  return companion === null || companion.ownExpiresAt === null ? null : "payment_in_progress";
}

/**
 * Gives back what is held for an exchange that nobody waits for any more, unless it is paid for at this moment. Only
 * sooner than it would end by itself: when the queue is full, it is left to that.
 */
export async function releaseCompanion(
  stock: Stock,
  companionId: Id<"rsv">,
  reason: ChangeReason,
): Promise<void> {
  try {
    await stock.change(changeRequest({ action: "release", reason, reservationId: companionId }));
  } catch (error) {
    if (!(error instanceof QueueFull)) throw error;
  }
}
