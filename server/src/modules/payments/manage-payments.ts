import type { Transaction } from "#platform/database/database.ts";
import { Problem, problemType, type Reason } from "#platform/http/problem.ts";
import { newId } from "#platform/id.ts";
import { advancePayment } from "./advance-payment.ts";
import { keepRefund, leftOf } from "./give-back-surplus.ts";
import { attemptOf, type Payment, type Refund } from "./payment.ts";
import { endWait, lockPaymentsOf, readPayment } from "./payment-store.ts";
import { ADVANCE_JOB, type PaymentsParts, REFUND_JOB } from "./payments-parts.ts";
import { refundsOf, reopenRefund, settleByHand } from "./refund-store.ts";

// What people do to payments: cancel one, say that money came, give some back, try a refund again.

export const paymentNotSucceeded = problemType({
  code: "payment_not_succeeded",
  status: 409,
  title: "The payment has not succeeded",
});
export const paymentDecided = problemType({
  code: "payment_decided",
  status: 409,
  title: "The payment is decided already",
});
export const refundTooLarge = problemType({
  code: "refund_too_large",
  status: 409,
  title: "Less than that is left of what was paid",
});
export const refundNotFailed = problemType({
  code: "refund_not_failed",
  status: 409,
  title: "The refund was not refused",
});
export const paidElsewhere = problemType({
  code: "paid_elsewhere",
  status: 409,
  title: "The provider says whether the money came",
});

/**
 * Ends a payment that is not decided: its provider is told, and what it says counts. One that took money meanwhile has succeeded.
 *
 * @throws `payment_decided`
 */
export async function cancelPayment(
  parts: PaymentsParts,
  transaction: Transaction,
  payment: Payment,
): Promise<Payment> {
  const ended = await endWait(transaction, parts.clock, payment.paymentId);
  if (ended === null) throw refuse(paymentDecided, "It has succeeded or failed already.");
  await parts.jobs.send(transaction, ADVANCE_JOB, { paymentId: payment.paymentId });
  return ended;
}

/**
 * Keeps what a manager says of money that is paid off line. The same said again changes nothing.
 *
 * @throws `paid_elsewhere`, `payment_decided`
 */
export async function settleOfflinePayment(
  parts: PaymentsParts,
  payment: Payment,
  came: "received" | "not_received",
): Promise<void> {
  if (payment.provider !== "offline") {
    throw refuse(
      paidElsewhere,
      "Only what is paid at the till or by bank transfer is settled by hand.",
    );
  }
  // Its job may not have had its turn; and money is taken only for what is held for it.
  await advancePayment(parts, payment.paymentId);
  const present = await readPayment(parts.database, payment.paymentId);
  const wanted = came === "received" ? "succeeded" : "failed";
  if (present === null || present.state === wanted) return;
  if (present.state !== "processing") {
    throw refuse(paymentDecided, "It has succeeded or failed already.");
  }
  const { offline } = parts.providers;
  const attempt = attemptOf(present);
  let settled = await offline.settle(attempt, came);
  if (settled === null) {
    // Whoever brought it so far at this moment has not told the provider yet.
    await advancePayment(parts, payment.paymentId);
    settled = await offline.settle(attempt, came);
  }
  if (settled?.outcome.state !== wanted) {
    throw refuse(paymentDecided, "It was ended already, because nobody settled it in time.");
  }
}

/**
 * Gives part of a payment back, or all that is left of it. The reservation stays as it is: whoever wants the places back
 * cancels it, or takes tickets out of it.
 *
 * @throws `payment_not_succeeded`, `refund_too_large`
 */
export async function refundPayment(
  parts: PaymentsParts,
  transaction: Transaction,
  payment: Payment,
  amountMinor: number | null,
): Promise<Refund> {
  const all = await lockPaymentsOf(transaction, payment.reservationId);
  const present = all.find(({ paymentId }) => paymentId === payment.paymentId) ?? payment;
  if (present.state !== "succeeded") {
    throw refuse(paymentNotSucceeded, "No money was taken that could be given back.");
  }
  const left = leftOf(present, await refundsOf(transaction, [payment.paymentId]));
  const wanted = amountMinor ?? left;
  if (wanted > left || left === 0) {
    const { currency } = present.amount;
    const message = `Of this payment ${left} ${currency} in minor units are left.`;
    throw refuse(refundTooLarge, message, { left: { amount_minor: left, currency } });
  }
  return keepRefund(parts, transaction, present, { amountMinor: wanted, reason: "goodwill" });
}

/**
 * Tries a refused refund again.
 *
 * @throws `refund_not_failed`
 */
export async function retryRefund(
  { clock, jobs }: PaymentsParts,
  transaction: Transaction,
  { refundId }: Refund,
): Promise<Refund> {
  const reopened = await reopenRefund(transaction, clock, refundId, newId(clock));
  if (reopened === null) {
    throw refuse(refundNotFailed, "It is on its way, or was given already.");
  }
  await jobs.send(transaction, REFUND_JOB, { refundId });
  return reopened;
}

/**
 * A refused refund was handed back in another way: nothing is to be tried any more.
 *
 * @throws `refund_not_failed`
 */
export async function handBackRefund(
  { clock }: PaymentsParts,
  transaction: Transaction,
  { refundId }: Refund,
): Promise<Refund> {
  const settled = await settleByHand(transaction, clock, refundId);
  if (settled === null) throw refuse(refundNotFailed, "It is on its way, or was given already.");
  return settled;
}

function refuse(
  type: typeof paymentDecided,
  message: string,
  members: Readonly<Record<string, unknown>> = {},
): Problem {
  const reason: Reason = { code: type.code, message, ...members };
  return new Problem(type, message, { reasons: [reason] });
}
