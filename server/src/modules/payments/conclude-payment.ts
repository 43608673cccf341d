import { assert } from "#platform/assert.ts";
import { inTransaction } from "#platform/database/database.ts";
import { giveBackSurplus } from "./give-back-surplus.ts";
import type { Payment, PaymentResult } from "./payment.ts";
import {
  lockPaymentsOf,
  markConcluded,
  markOffered,
  postponeLook,
  readPayment,
} from "./payment-store.ts";
import type { PaymentsParts } from "./payments-parts.ts";

/** What it came to; or nothing yet: the payer is asked what to do, or somebody changes the reservation at this moment. */
type Conclusion = PaymentResult | "offered" | "moving";

/** How often the ledger is asked again when a reservation moved between look and act. */
const TRIES_MAX = 5;

/**
 * Settles what a decided payment came to: places first, by the ledger, which decides; then, in one
 * transaction, that it is settled and what money goes back. May be repeated and cut off anywhere.
 */
export async function concludePayment(parts: PaymentsParts, payment: Payment): Promise<void> {
  const conclusion = await settlePlaces(parts, payment);
  if (conclusion === "offered") return;
  if (conclusion === "moving") {
    await postponeLook(parts.database.kysely, parts.clock, payment.paymentId, 1);
    return;
  }
  const { database, clock, jobs } = parts;
  await inTransaction(database, async (transaction) => {
    await lockPaymentsOf(transaction, payment.reservationId);
    if (!(await markConcluded(transaction, clock, payment, conclusion))) return;
    const reason = conclusion === "returned" ? "no_places" : "worth_less";
    await giveBackSurplus(parts, transaction, payment.reservationId, reason);
  });
  jobs.wake();
}

async function settlePlaces(parts: PaymentsParts, payment: Payment): Promise<Conclusion> {
  assert(
    payment.state === "succeeded" || payment.state === "failed",
    "only a decided payment is concluded",
  );
  for (let attempt = 1; attempt <= TRIES_MAX; attempt++) {
    const conclusion = await settleOnce(parts, payment);
    if (conclusion !== "moving") return conclusion;
  }
  return "moving";
}

function settleOnce(parts: PaymentsParts, payment: Payment): Promise<Conclusion> {
  if (payment.state === "failed") return settleFailed(parts, payment);
  return payment.holdId === payment.reservationId
    ? settleReservation(parts, payment)
    : settleExchange(parts, payment);
}

/**
 * The hold waits no more; but only if it waits for this payment. Another one begins when this one is concluded, and moves
 * the hold: so as long as it stands as it did before this one was seen to be open, nothing else waits.
 */
async function settleFailed(parts: PaymentsParts, payment: Payment): Promise<Conclusion> {
  const { database, ledger } = parts;
  const hold = await ledger.read(payment.holdId);
  const present = await readPayment(database, payment.paymentId);
  if (hold === null || present?.result != null) return "none";
  return (await ledger.paymentFailed(hold)) === "moved" ? "moving" : "none";
}

/** Held: confirmed. Expired: the places again; else other slots on offer; else, and where it costs more than was paid, given up. */
async function settleReservation(parts: PaymentsParts, payment: Payment): Promise<Conclusion> {
  const { ledger } = parts;
  const { reservationId, amount } = payment;
  const reservation = await ledger.read(reservationId);
  assert(reservation !== null, "what is paid for is there");
  switch (reservation.state) {
    case "held": {
      const answer = await ledger.confirm(reservationId, amount.amountMinor);
      return answer === "done" || answer === "unchanged" ? "confirmed" : "moving";
    }
    case "confirmed":
      return "confirmed";
    case "released":
    case "cancelled":
      return "returned";
    case "expired":
      return reservation.offerEndsAt === null
        ? settleLate(parts, payment)
        : settleOffered(parts, payment, reservation.offerEndsAt);
  }
}

async function settleLate(parts: PaymentsParts, payment: Payment): Promise<Conclusion> {
  const { ledger, offerSeconds } = parts;
  const { reservationId, amount } = payment;
  const reclaimed = await ledger.reclaim(reservationId, amount.amountMinor);
  if (reclaimed === "done" || reclaimed === "unchanged") return "confirmed";
  if (reclaimed === "no_places") {
    const offered = await ledger.offerAlternatives(reservationId, offerSeconds);
    if (offered !== "no_places") return "moving"; // It is offered now: look at it as such.
  }
  const isMoving = !["no_places", "event_over", "payment_required"].includes(reclaimed);
  return isMoving ? "moving" : giveUp(parts, payment);
}

async function settleOffered(
  parts: PaymentsParts,
  payment: Payment,
  offerEndsAt: number,
): Promise<Conclusion> {
  const { database, clock, ledger } = parts;
  if (clock.now() >= offerEndsAt) return giveUp(parts, payment);
  // Places that were given back meanwhile are what was wanted in the first place.
  const reclaimed = await ledger.reclaim(payment.reservationId, payment.amount.amountMinor);
  if (reclaimed === "done" || reclaimed === "unchanged") return "confirmed";
  if (reclaimed === "event_over") return giveUp(parts, payment);
  if (reclaimed !== "no_places") return "moving";
  await markOffered(database.kysely, clock, payment, offerEndsAt);
  return "offered";
}

async function giveUp({ ledger }: PaymentsParts, payment: Payment): Promise<Conclusion> {
  const answer = await ledger.giveUp(payment.reservationId);
  return answer === "done" || answer === "unchanged" ? "returned" : "moving";
}

/** Why an exchange that was paid for will not come to be. */
const NEVER: readonly string[] = ["no_places", "event_over", "payment_required", "ticket_used"];

/** Exchanged, if it is this exchange that the reservation waits for and the places are there; else it stays as it is. */
async function settleExchange(parts: PaymentsParts, payment: Payment): Promise<Conclusion> {
  const { ledger } = parts;
  const { reservationId, holdId } = payment;
  const answer = await ledger.exchange(reservationId, holdId);
  if (answer === "done") return "exchanged";
  if (NEVER.includes(answer)) {
    const dropped = await ledger.dropExchange(reservationId, holdId);
    if (dropped === "done") return "returned";
  }
  // Dropped or cancelled, or done by somebody who was cut off afterwards: the lines tell. (Then the places are not asked for
  // any more, and may be gone.) What is too much goes back either way.
  const [reservation, companion] = await Promise.all([
    ledger.read(reservationId),
    ledger.read(holdId),
  ]);
  assert(reservation !== null && companion !== null, "what is paid for is there");
  if (reservation.state === "confirmed" && reservation.exchangeId === holdId) return "moving";
  const isDone = JSON.stringify(reservation.lines) === JSON.stringify(companion.lines);
  return reservation.state === "confirmed" && isDone ? "exchanged" : "returned";
}
