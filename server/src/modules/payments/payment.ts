import type { EpochMs } from "#platform/clock.ts";
import type { Id } from "#platform/id.ts";
import type { Money } from "#platform/money.ts";
import type { Attempt, FailureReason, ProviderName } from "./provider.ts";

/** `succeeded` and `failed` are final. What was given back stands in its refunds. */
export const PAYMENT_STATES = ["not_started", "processing", "succeeded", "failed"] as const;
export type PaymentState = (typeof PAYMENT_STATES)[number];

/** Why a payment failed. The first two are the provider's words, the others ours. */
export const FAILURE_CODES = [
  "card_error",
  "payment_error",
  /** It was under way longer than a hold waits, and was ended. */
  "timed_out",
  /** The payer, or whoever manages the event, ended it. */
  "cancelled",
  /** The reservation was changed between the request and the payment's beginning. */
  "price_changed",
  /** There was nothing to wait with: the hold had ended before it began, or was taken back meanwhile. */
  "hold_ended",
] as const;
export type FailureCode = FailureReason | (typeof FAILURE_CODES)[number];

/** What a payment came to: for places, or that there was none and the money goes back, or that no money was taken. */
export const OUTCOMES = ["confirmed", "exchanged", "returned", "none"] as const;
export type PaymentResult = (typeof OUTCOMES)[number];

/** One try to pay for a reservation. */
export interface Payment {
  readonly paymentId: Id<"pay">;
  readonly reservationId: Id<"rsv">;
  /** What waits for it: the reservation itself, or the one that holds what an exchange of it needs. */
  readonly holdId: Id<"rsv">;
  readonly eventId: Id<"evt">;
  readonly provider: ProviderName;
  readonly amount: Money;
  readonly methodToken: string | null;
  /** Where the payer's browser comes back to, if the provider sends it elsewhere. */
  readonly returnUrl: string | null;
  readonly state: PaymentState;
  readonly madeAt: EpochMs;
  /** Then it is ended at the provider, unless it has succeeded. */
  readonly waitEndsAt: EpochMs;
  readonly providerPaymentId: string | null;
  /** Somebody ended it: then its wait is over. */
  readonly isGivenUp: boolean;
  /** What the payer has to do, sealed. */
  readonly nextAction: Buffer | null;
  readonly failure: { readonly code: FailureCode; readonly message: string } | null;
  /** How often the provider was asked in vain. */
  readonly looks: number;
  /** Until when the payer, who paid too late, may choose other slots. */
  readonly offeredUntil: EpochMs | null;
  /** Null as long as places and money are not settled: somebody looks at it again. */
  readonly result: PaymentResult | null;
}

/** As the provider knows it. */
export function attemptOf(payment: Payment): Attempt {
  return {
    attemptId: payment.paymentId,
    madeAt: payment.madeAt,
    amount: payment.amount,
    methodToken: payment.methodToken,
    returnUrl: payment.returnUrl,
    providerPaymentId: payment.providerPaymentId,
  };
}

/** Why money goes back: it is worth less than was paid, there were no places, somebody was kind, or it was done elsewhere. */
export const REFUND_REASONS = ["worth_less", "no_places", "goodwill", "outside"] as const;
export type RefundReason = (typeof REFUND_REASONS)[number];

/** `by_hand`: a person has to give it back. `failed`: the provider refused; it can be tried again. */
export const REFUND_STATES = ["pending", "succeeded", "failed", "by_hand"] as const;
export type RefundState = (typeof REFUND_STATES)[number];

export interface Refund {
  readonly refundId: Id<"rfd">;
  readonly paymentId: Id<"pay">;
  readonly reservationId: Id<"rsv">;
  readonly eventId: Id<"evt">;
  readonly amount: Money;
  readonly reason: RefundReason;
  readonly state: RefundState;
  /** The id under which the provider knows this try. */
  readonly askedAs: Id<"rfd">;
  readonly madeAt: EpochMs;
  readonly failureMessage: string | null;
  readonly looks: number;
}

/**
 * How long after a wait has ended the hold still stands: the time there is to ask the provider and to end the
 * payment there. Only if it cannot be reached all that time does the hold end by itself.
 */
export const GRACE_SECONDS = 300;

const LOOK_SECONDS_MIN = 5;
const LOOK_SECONDS_MAX = 300;

/** How long until the provider is asked again, by how often it was asked in vain. */
export function secondsToNextLook(looks: number): number {
  return Math.min(LOOK_SECONDS_MIN * 2 ** Math.min(looks, 10), LOOK_SECONDS_MAX);
}
