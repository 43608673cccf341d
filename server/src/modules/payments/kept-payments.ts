import type { Clock } from "#platform/clock.ts";
import { assertSameAttempt, type KeptPayment, shown } from "./kept-payment.ts";
import type {
  Attempt,
  PaymentOutcome,
  ProviderRefund,
  RefundRequest,
  RefundResult,
} from "./provider.ts";
import type { RecordStore } from "./record-store.ts";
import { MORE_THAN_CAPTURED, settledRefund } from "./refund-rules.ts";

/** The payments of a provider that has no server: each change is one step, and what is final stays. */
export interface KeptPayments {
  /** Null: there is none of the attempt. */
  read(attempt: Attempt): Promise<KeptPayment | null>;
  /** Keeps it if there is none of the attempt; answers the one there is. */
  begin(payment: KeptPayment): Promise<KeptPayment>;
  /** Gives a payment that is in one of the states another outcome; any other stays. Null: there is none. */
  move(attempt: Attempt, to: PaymentOutcome, from: readonly States[]): Promise<KeptPayment | null>;
  refund(request: RefundRequest, state: ProviderRefund["state"]): Promise<RefundResult>;
}

type States = PaymentOutcome["state"];

export function createKeptPayments(store: RecordStore<KeptPayment>, clock: Clock): KeptPayments {
  const present = (kept: KeptPayment, attempt: Attempt): KeptPayment => {
    assertSameAttempt(kept, attempt);
    const hasSucceeded = kept.succeedsAt !== null && clock.now() >= kept.succeedsAt;
    return kept.outcome.state === "processing" && hasSucceeded
      ? { ...kept, outcome: { state: "succeeded" } }
      : kept;
  };
  const read = async (attempt: Attempt) => {
    const kept = await store.read(attempt.attemptId);
    return kept === undefined ? null : present(kept, attempt);
  };
  const change = async (attempt: Attempt, next: (kept: KeptPayment) => KeptPayment) => {
    const known = await read(attempt);
    if (known === null) return null;
    return store.change(attempt.attemptId, (kept = known) => next(present(kept, attempt)));
  };
  return {
    read,
    async begin(payment) {
      const { attempt } = payment;
      return present(await store.change(attempt.attemptId, (before) => before ?? payment), attempt);
    },
    move: (attempt, to, from) =>
      change(attempt, (kept) =>
        from.includes(kept.outcome.state) ? { ...kept, outcome: to } : kept,
      ),
    async refund(request, state) {
      let result: RefundResult = MORE_THAN_CAPTURED;
      await change(request.attempt, (kept) => {
        const settled = settledRefund(shown(kept), request);
        const refund = { refundId: request.refundId, amount: request.amount, state };
        result = settled ?? { refund };
        return settled === null ? { ...kept, refunds: [...kept.refunds, refund] } : kept;
      });
      return result;
    },
  };
}
