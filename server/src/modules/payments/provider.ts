import type { EpochMs } from "#platform/clock.ts";
import type { Id } from "#platform/id.ts";
import type { Money } from "#platform/money.ts";

/**
 * Whoever moves money for us. Every provider passes the same suite (testing-conformance.ts).
 *
 * What can be expected is answered as a value. What leaves us not knowing (no connection, a time-out, too many
 * requests, a fault over there) is thrown as `ProviderAway`, within the provider's time limit: never is it taken
 * for a failure of the payment. Whoever catches it looks up later, and every operation may be repeated.
 *
 * Every operation takes the attempt as it was first made: its id is the key under which the provider
 * does each thing once. The same id with another amount is our bug (`InvariantBroken`).
 */
export interface PaymentProvider {
  readonly name: ProviderName;
  /** Why this provider cannot take such an amount; null when it can. Asked before an attempt is made. */
  refusalOf(amount: Money): AmountRefusal | null;
  /** Begins the payment. Repeated, it goes on with the same one: there are never two of an attempt. */
  create(attempt: Attempt): Promise<ProviderPayment>;
  /**
   * Takes the whole amount that is `authorized`, once. Answers the payment as it is then: one that was not
   * authorized is left as it was and says what it is. Null when the provider does not know the attempt.
   */
  confirm(attempt: Attempt): Promise<ProviderPayment | null>;
  /**
   * Ends a payment that has not taken money, and answers it as it is then. One that succeeded stays so and
   * says so; one that cannot be stopped stays `processing`. An attempt that the provider never heard of is
   * ended, too: a `create` that arrives later finds it cancelled.
   */
  cancel(attempt: Attempt): Promise<ProviderPayment>;
  /**
   * The payment as it is now, even when the answer to `create` was lost. Takes no money. Null: it has
   * not begun; a lost `create` may still arrive, so whoever gives up cancels.
   */
  lookUp(attempt: Attempt): Promise<ProviderPayment | null>;
  /** Gives money back, once for each refund id. A refused one gave nothing; trying again takes a new id. */
  refund(request: RefundRequest): Promise<RefundResult>;
  /** Whether a delivery is the provider's own and at most five minutes off, and which payment it is about. */
  readWebhook(delivery: WebhookDelivery): Promise<WebhookReading>;
}

export const PROVIDER_NAMES = ["test", "stripe", "offline"] as const;
export type ProviderName = (typeof PROVIDER_NAMES)[number];

/** One try to pay for a reservation, kept by us before any provider hears of it. */
export interface Attempt {
  readonly attemptId: Id<"pay">;
  /** When the attempt was kept. */
  readonly madeAt: EpochMs;
  readonly amount: Money;
  /** The way to pay that the payer's client chose; null when the provider itself is to ask the payer. */
  readonly methodToken: string | null;
  /** Where the payer's browser comes back to, if the provider sends it elsewhere. */
  readonly returnUrl?: string | null;
  /** The provider's own id, once an answer told us. */
  readonly providerPaymentId: string | null;
}

/** A payment as the provider has it. */
export interface ProviderPayment {
  readonly attemptId: Id<"pay">;
  /** Null when the provider refused to begin it. */
  readonly providerPaymentId: string | null;
  readonly amount: Money;
  readonly outcome: PaymentOutcome;
  /** What was taken from the payer so far. */
  readonly captured: Money;
  /** What of it was given back or is on its way: all refunds but failed ones. */
  readonly refunded: Money;
  readonly refunds: readonly ProviderRefund[];
}

/** `succeeded`, `failed` and `cancelled` are final: no money is taken after them. */
export type PaymentOutcome =
  /** The payer has something to do first. */
  | { readonly state: "needs_action"; readonly nextAction: NextAction }
  /** The money is set aside; `confirm` takes it, `cancel` lets it go. */
  | { readonly state: "authorized" }
  | { readonly state: "processing" }
  | { readonly state: "succeeded" }
  | { readonly state: "failed"; readonly reason: FailureReason; readonly message: string }
  | { readonly state: "cancelled" };

/** `card_error`: the card was declined, another one may do. `payment_error`: anything else. */
export type FailureReason = "card_error" | "payment_error";

export interface NextAction {
  readonly kind: "confirm_in_browser";
  /** With it the payer's browser talks to the provider: for the payer alone, and never for a log. */
  readonly clientSecret: string;
}

export type AmountRefusal = "amount_out_of_range" | "amount_not_divisible";

export interface RefundRequest {
  readonly refundId: Id<"rfd">;
  readonly attempt: Attempt;
  readonly amount: Money;
}

export interface ProviderRefund {
  /** Null when it was not us who asked for it. */
  readonly refundId: Id<"rfd"> | null;
  readonly amount: Money;
  /** `by_hand`: a person has to give the money back. `failed`: the money stayed where it was. */
  readonly state: "pending" | "succeeded" | "failed" | "by_hand";
}

export type RefundResult =
  | { readonly refund: ProviderRefund }
  | {
      readonly refused: "more_than_captured" | "by_provider";
      /** For the organizer. */
      readonly message: string;
    };

export interface WebhookDelivery {
  /** With names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The bytes as they came: a signature is over bytes. */
  readonly body: Buffer;
}

/**
 * An event names its payment and says nothing of its state: the handler looks the payment up. So events may come
 * in any order, late and repeated, and each brings us to the present.
 *
 * An event that is told again is signed again, at a later time. The same event signed at the same time, or at an
 * earlier one than was seen, is somebody's copy.
 */
export type WebhookReading =
  | {
      readonly kind: "event";
      /** The same for every delivery of the event. */
      readonly eventId: string;
      readonly attemptId: Id<"pay"> | null;
      readonly providerPaymentId: string;
      /** When this delivery was signed, by the provider's clock. */
      readonly signedAtSeconds: number;
    }
  /** Theirs, but about no payment. */
  | { readonly kind: "ignored"; readonly eventId: string; readonly signedAtSeconds: number }
  | { readonly kind: "refused"; readonly reason: WebhookRefusal };

export type WebhookRefusal = "unsigned" | "wrong_signature" | "too_old_or_new" | "malformed";

/** How far the time of a webhook may be from ours, in either direction. */
export const WEBHOOK_TOLERANCE_SECONDS = 300;

/** What a payer reads when the provider's own words are not meant for payers. */
export const PAYMENT_ERROR_MESSAGE = "The payment could not be made.";

/** We do not know what the provider did. It may have done it: look up, or repeat with the same key. */
export class ProviderAway extends Error {
  override name = "ProviderAway";
  readonly kind: AwayKind;

  constructor(kind: AwayKind, options?: ErrorOptions) {
    super(`the payment provider is away: ${kind}`, options);
    this.kind = kind;
  }
}

/** `misconfigured`: it does not accept our keys, or does not know what it made. Somebody must act. */
export type AwayKind = "unreachable" | "timed_out" | "rate_limited" | "failing" | "misconfigured";
