import { assert } from "#platform/assert.ts";
import { type Money, sum } from "#platform/money.ts";
import type { ProviderPayment, ProviderRefund, RefundRequest, RefundResult } from "./provider.ts";

/** What of a payment was given back or is on its way. */
export function refundedOf(refunds: readonly ProviderRefund[], currency: string): Money {
  const given = refunds.filter(({ state }) => state !== "failed");
  return sum(
    given.map(({ amount }) => amount),
    currency,
  );
}

/**
 * What can be said of a refund without asking anybody: that it was made before, or that it is more than
 * is left of what was captured. Null when it may be made.
 */
export function settledRefund(
  payment: ProviderPayment,
  { refundId, amount }: RefundRequest,
): RefundResult | null {
  const before = payment.refunds.find((refund) => refund.refundId === refundId);
  if (before !== undefined) {
    assert(before.amount.amountMinor === amount.amountMinor, "a refund keeps its amount");
    return { refund: before };
  }
  assert(amount.currency === payment.amount.currency, "a refund is in the payment's currency");
  assert(amount.amountMinor > 0, "a refund gives something back");
  const left = payment.captured.amountMinor - payment.refunded.amountMinor;
  return amount.amountMinor <= left ? null : MORE_THAN_CAPTURED;
}

/** The refusal of a refund of what was not captured, or was given back already. */
export const MORE_THAN_CAPTURED: RefundResult = {
  refused: "more_than_captured",
  message: "This is more than is left of what was paid.",
};
