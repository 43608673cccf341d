import { assert } from "#platform/assert.ts";
import type { EpochMs } from "#platform/clock.ts";
import { sum } from "#platform/money.ts";
import type { Attempt, PaymentOutcome, ProviderPayment, ProviderRefund } from "./provider.ts";
import { refundedOf } from "./refund-rules.ts";

/** A payment as the providers that live in this process keep it. */
export interface KeptPayment {
  readonly attempt: Attempt;
  readonly outcome: PaymentOutcome;
  /** When it succeeds by itself; null for never. */
  readonly succeedsAt: EpochMs | null;
  readonly refunds: readonly ProviderRefund[];
}

/** The same attempt is the same payment; with another amount it would be two. */
export function assertSameAttempt(kept: KeptPayment, attempt: Attempt): void {
  const { amountMinor, currency } = kept.attempt.amount;
  assert(
    amountMinor === attempt.amount.amountMinor && currency === attempt.amount.currency,
    "an attempt keeps its amount",
  );
}

/** A kept payment as the port shows it. What succeeded took the whole amount. */
export function shown({ attempt, outcome, refunds }: KeptPayment): ProviderPayment {
  const { currency } = attempt.amount;
  return {
    attemptId: attempt.attemptId,
    providerPaymentId: attempt.attemptId,
    amount: attempt.amount,
    outcome,
    captured: outcome.state === "succeeded" ? attempt.amount : sum([], currency),
    refunded: refundedOf(refunds, currency),
    refunds,
  };
}
