import type { Stripe } from "stripe";
import { parseId } from "#platform/id.ts";
import { sum } from "#platform/money.ts";
import {
  type Attempt,
  type FailureReason,
  PAYMENT_ERROR_MESSAGE,
  type PaymentOutcome,
  type ProviderPayment,
  type ProviderRefund,
} from "./provider.ts";
import { refundedOf } from "./refund-rules.ts";
import { fromStripeAmount } from "./stripe-amounts.ts";

/** Why we cancel a payment at Stripe: it was declined, which is final here; or we were told to. */
export const DECLINED = "abandoned";
export const GIVEN_UP = "requested_by_customer";

/** A payment intent as the port shows it. */
export function shownIntent(
  attempt: Attempt,
  intent: Stripe.PaymentIntent,
  refunds: readonly ProviderRefund[],
): ProviderPayment {
  const { currency } = attempt.amount;
  return {
    attemptId: attempt.attemptId,
    providerPaymentId: intent.id,
    amount: fromStripeAmount(intent.amount, intent.currency),
    outcome: outcomeOf(intent),
    captured: fromStripeAmount(intent.amount_received, intent.currency),
    refunded: refundedOf(refunds, currency),
    refunds,
  };
}

/** An attempt that Stripe would not begin, or that ended before it had begun. */
export function shownUnbegun(attempt: Attempt, outcome: PaymentOutcome): ProviderPayment {
  const nothing = sum([], attempt.amount.currency);
  const { attemptId, amount } = attempt;
  const none = { captured: nothing, refunded: nothing, refunds: [] };
  return { attemptId, providerPaymentId: null, amount, outcome, ...none };
}

export function shownRefund(refund: Stripe.Refund): ProviderRefund {
  const said = refund.metadata?.["refund_id"];
  return {
    refundId: said === undefined ? null : parseId("rfd", said),
    amount: fromStripeAmount(refund.amount, refund.currency),
    state: refundStateOf(refund.status),
  };
}

/** A cancelled refund did not give the money back either. */
function refundStateOf(status: string | null): ProviderRefund["state"] {
  if (status === "succeeded") return "succeeded";
  return status === "failed" || status === "canceled" ? "failed" : "pending";
}

function outcomeOf(intent: Stripe.PaymentIntent): PaymentOutcome {
  switch (intent.status) {
    case "succeeded":
      return { state: "succeeded" };
    case "requires_capture":
      return { state: "authorized" };
    case "canceled":
      return intent.cancellation_reason === DECLINED
        ? failure(intent.last_payment_error)
        : { state: "cancelled" };
    case "requires_action":
    case "requires_confirmation":
    case "requires_payment_method":
      return {
        state: "needs_action",
        nextAction: { kind: "confirm_in_browser", clientSecret: intent.client_secret ?? "" },
      };
    default:
      // `processing`, and whatever Stripe may come to say: an unknown word is not an end.
      return { state: "processing" };
  }
}

/** Only what is said of cards is written for payers. */
export function failure(
  error: { readonly type: string; readonly message?: string } | null,
): PaymentOutcome {
  const reason: FailureReason = error?.type === "card_error" ? "card_error" : "payment_error";
  const message = reason === "card_error" ? error?.message : undefined;
  return { state: "failed", reason, message: message ?? PAYMENT_ERROR_MESSAGE };
}
