import { formatId } from "#platform/id.ts";
import type { Money } from "#platform/money.ts";
import { toRfc3339 } from "#platform/time.ts";
import type { Sealing } from "#platform/tokens/sealing.ts";
import type { Payment, Refund } from "./payment.ts";
import type { PaymentBody, RefundBody } from "./payment-schemas.ts";
import type { NextAction } from "./provider.ts";

/** A payment as it goes over the wire. Only a holder gets what the payer has to do: whoever has that can pay in their place. */
export function paymentView(
  payment: Payment,
  refunds: readonly Refund[],
  holder: { readonly sealing: Sealing } | null,
): PaymentBody {
  const own = refunds.filter(({ paymentId }) => paymentId === payment.paymentId);
  const refundedMinor = own
    .filter(({ state }) => state === "succeeded" || state === "by_hand")
    .reduce((sum, { amount }) => sum + amount.amountMinor, 0);
  const { amount, failure } = payment;
  const isRefunded = payment.state === "succeeded" && refundedMinor === amount.amountMinor;
  return {
    id: formatId("pay", payment.paymentId),
    reservation_id: formatId("rsv", payment.reservationId),
    provider: payment.provider,
    state: isRefunded ? "refunded" : payment.state,
    amount: payment.state === "failed" ? null : moneyView(amount),
    refunded: moneyView({ amountMinor: refundedMinor, currency: amount.currency }),
    error: failure === null ? null : { code: failure.code, message: failure.message },
    next_action: holder === null ? null : nextActionView(payment, holder.sealing),
    outcome: payment.result,
    wait_ends_at: toRfc3339(payment.waitEndsAt),
    refunds: own.map(refundView),
    created_at: toRfc3339(payment.madeAt),
  };
}

export function refundView(refund: Refund): RefundBody {
  const { failureMessage: message } = refund;
  return {
    id: formatId("rfd", refund.refundId),
    payment_id: formatId("pay", refund.paymentId),
    reservation_id: formatId("rsv", refund.reservationId),
    amount: moneyView(refund.amount),
    state: refund.state,
    reason: refund.reason,
    error: message === null ? null : { message },
    created_at: toRfc3339(refund.madeAt),
  };
}

export function moneyView({ amountMinor, currency }: Money) {
  return { amount_minor: amountMinor, currency };
}

function nextActionView(
  { state, nextAction }: Payment,
  sealing: Sealing,
): PaymentBody["next_action"] {
  const text = state !== "processing" || nextAction === null ? null : sealing.open(nextAction);
  if (text === null) return null;
  const { kind, clientSecret } = JSON.parse(text) as NextAction;
  return { kind, client_secret: clientSecret };
}
