import assert from "node:assert/strict";
import { InvariantBroken } from "#platform/assert.ts";
import { type Attempt, ProviderAway, type RefundResult } from "./provider.ts";
import {
  anAttempt,
  aPaidAttempt,
  aRefundId,
  type Guarantee,
  lookedUp,
  type ProviderUnderTest,
} from "./testing-conformance.ts";

/** What every provider promises about giving money back. */
export const REFUND_GUARANTEES: readonly Guarantee[] = [
  {
    name: "money is given back in parts, up to what was taken and no further",
    async prove(subject) {
      const attempt = await aPaidAttempt(subject);
      for (const [part, expected] of [
        [1_000, 1_000],
        [3_500, 4_500],
      ] as const) {
        assert.ok("refund" in (await refunded(subject, attempt, part)));
        const payment = await lookedUp(subject, attempt);
        assert.deepEqual(payment.refunded, { amountMinor: expected, currency: "EUR" });
        assert.deepEqual(payment.captured, attempt.amount);
        assert.deepEqual(payment.outcome, { state: "succeeded" });
      }
      const more = await refunded(subject, attempt, 1);
      assert.ok("refused" in more && more.refused === "more_than_captured");
      assert.equal((await lookedUp(subject, attempt)).refunds.length, 2);
    },
  },
  {
    name: "a refund of more than is left is refused, and gives nothing",
    async prove(subject) {
      const attempt = await aPaidAttempt(subject);
      await refunded(subject, attempt, 4_000);
      const more = await refunded(subject, attempt, 501);
      assert.ok("refused" in more && more.refused === "more_than_captured");
      assert.equal((await lookedUp(subject, attempt)).refunded.amountMinor, 4_000);
      assert.ok("refund" in (await refunded(subject, attempt, 500)));
    },
  },
  {
    name: "what was not taken cannot be given back",
    async prove(subject) {
      const attempt = anAttempt(subject);
      const unknown = await refunded(subject, attempt, 1);
      assert.ok("refused" in unknown && unknown.refused === "more_than_captured");
      await subject.provider.create(attempt);
      const untaken = await refunded(subject, attempt, 1);
      assert.ok("refused" in untaken && untaken.refused === "more_than_captured");
    },
  },
  {
    name: "a refund that is asked for again is the same refund, and given once",
    async prove(subject) {
      const attempt = await aPaidAttempt(subject);
      const refundId = aRefundId(subject);
      const first = await refunded(subject, attempt, 1_500, refundId);
      const again = await refunded(subject, attempt, 1_500, refundId);
      assert.deepEqual(again, first);
      assert.equal((await lookedUp(subject, attempt)).refunded.amountMinor, 1_500);
      await assert.rejects(refunded(subject, attempt, 1_600, refundId), InvariantBroken);
    },
  },
  {
    name: "a refund whose answer was lost is given once, and found by our own id",
    needs: "connection",
    async prove(subject) {
      const attempt = await aPaidAttempt(subject);
      const { providerPaymentId } = await lookedUp(subject, attempt);
      const known = { ...attempt, providerPaymentId };
      const refundId = aRefundId(subject);
      subject.connection?.becomes("losing_answers");
      await assert.rejects(refunded(subject, known, 1_500, refundId), ProviderAway);
      subject.connection?.becomes("good");
      assert.ok("refund" in (await refunded(subject, known, 1_500, refundId)));
      const payment = await lookedUp(subject, known);
      assert.equal(payment.refunded.amountMinor, 1_500);
      assert.deepEqual(
        payment.refunds.map((refund) => refund.refundId),
        [refundId],
      );
    },
  },
];

function refunded(
  subject: ProviderUnderTest,
  attempt: Attempt,
  amountMinor: number,
  refundId = aRefundId(subject),
): Promise<RefundResult> {
  const amount = { amountMinor, currency: attempt.amount.currency };
  return subject.provider.refund({ attempt, refundId, amount });
}
