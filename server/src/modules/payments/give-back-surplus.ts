import { type Reservation, totalOf } from "#modules/reservations/index.ts";
import type { Transaction } from "#platform/database/database.ts";
import { type Id, newId } from "#platform/id.ts";
import type { Payment, Refund, RefundReason } from "./payment.ts";
import { lockPaymentsOf } from "./payment-store.ts";
import { type PaymentsParts, REFUND_JOB } from "./payments-parts.ts";
import { insertRefund, refundsOf } from "./refund-store.ts";

/**
 * Keeps refunds for what was paid beyond what the reservation is worth now: the one place that decides that money goes
 * back by itself. Counted under a lock on the reservation's payments, refused refunds included, so that nothing goes
 * back twice. While any of its payments is not concluded nothing is decided: whoever concludes it asks again.
 */
export async function giveBackSurplus(
  parts: PaymentsParts,
  transaction: Transaction,
  reservationId: Id<"rsv">,
  reason: RefundReason,
): Promise<readonly Refund[]> {
  const payments = await lockPaymentsOf(transaction, reservationId);
  const paid = payments.filter(({ state }) => state === "succeeded");
  if (paid.length === 0 || payments.some(({ result }) => result === null)) return [];
  const reservation = await parts.ledger.readWithin(transaction, reservationId);
  const worth = reservation === null ? null : worthOf(reservation);
  if (worth === null) return [];
  const refunds = await refundsOf(
    transaction,
    paid.map(({ paymentId }) => paymentId),
  );
  const kept: Refund[] = [];
  let surplus = surplusOf(paid, refunds, worth);
  // The last payment first: a card that was used a moment ago is the likeliest to take money back.
  for (const payment of paid.toReversed()) {
    const part = Math.min(surplus, leftOf(payment, refunds));
    if (part <= 0) continue;
    kept.push(await keepRefund(parts, transaction, payment, { amountMinor: part, reason }));
    surplus -= part;
  }
  return kept;
}

/** Keeps a refund and the job that gives it. */
export async function keepRefund(
  { clock, jobs }: PaymentsParts,
  transaction: Transaction,
  { paymentId, reservationId, eventId, amount: { currency } }: Payment,
  { amountMinor, reason }: { readonly amountMinor: number; readonly reason: RefundReason },
): Promise<Refund> {
  const refund = await insertRefund(transaction, clock, {
    refundId: newId(clock),
    paymentId,
    reservationId,
    eventId,
    amount: { amountMinor, currency },
    reason,
  });
  await jobs.send(transaction, REFUND_JOB, { refundId: refund.refundId });
  return refund;
}

/** What the reservation is worth to whoever paid for it; null as long as that is not decided. */
function worthOf({ state, lines, currency, keptMinor }: Reservation): number | null {
  switch (state) {
    case "confirmed":
      return totalOf(lines, currency).amountMinor;
    case "cancelled":
      return keptMinor ?? 0;
    case "released":
      return 0;
    case "held":
    case "expired":
      return null;
  }
}

/**
 * What goes back: paid beyond the worth and not given back for it yet. What was given back for other reasons does
 * not count towards it, but nothing goes back twice.
 */
function surplusOf(
  paid: readonly Payment[],
  refunds: readonly Refund[],
  worthMinor: number,
): number {
  const captured = paid.reduce((sum, { amount }) => sum + amount.amountMinor, 0);
  const due = refunds.filter(({ reason }) => reason === "worth_less" || reason === "no_places");
  const inAll = (some: readonly Refund[]) =>
    some.reduce((sum, { amount }) => sum + amount.amountMinor, 0);
  return Math.min(captured - inAll(due) - worthMinor, captured - inAll(refunds));
}

/** What of a payment has not been given back, is not on its way back and was not refused. */
export function leftOf({ paymentId, amount }: Payment, refunds: readonly Refund[]): number {
  return refunds
    .filter((refund) => refund.paymentId === paymentId)
    .reduce((left, refund) => left - refund.amount.amountMinor, amount.amountMinor);
}
