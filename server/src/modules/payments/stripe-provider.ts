import type { Stripe } from "stripe";
import { assert } from "#platform/assert.ts";
import type { Clock } from "#platform/clock.ts";
import { formatId } from "#platform/id.ts";
import { askStripe, awayFor } from "./ask-stripe.ts";
import type {
  Attempt,
  PaymentProvider,
  ProviderPayment,
  ProviderRefund,
  RefundRequest,
  RefundResult,
} from "./provider.ts";
import { MORE_THAN_CAPTURED, settledRefund } from "./refund-rules.ts";
import { stripeRefusalOf, toStripeAmount } from "./stripe-amounts.ts";
import { findIntent, openIntent, retrieve } from "./stripe-intents.ts";
import {
  DECLINED,
  failure,
  GIVEN_UP,
  shownIntent,
  shownRefund,
  shownUnbegun,
} from "./stripe-payment.ts";
import { readStripeWebhook } from "./stripe-webhooks.ts";

export interface StripeParts {
  readonly clock: Clock;
  readonly secretKey: string;
  /** Signing secrets of the webhook endpoint: more than one while they are rotated. */
  readonly webhookSecrets: readonly string[];
  /** How long one request may take. An operation makes at most eight. */
  readonly requestTimeoutMs: number;
  /** Stripe itself when left out. */
  readonly server?: {
    readonly host: string;
    readonly port: number;
    readonly protocol: "http" | "https";
  };
}

interface StripeAccess {
  readonly stripe: Stripe;
  readonly clock: Clock;
}

/** The version of Stripe's API that this code was written for: Stripe speaks it until we change it here. */
const API_VERSION = "2026-10-28.endive";

/** Payments by Stripe's payment intents. The library is loaded here, so that only who uses Stripe pays for it. */
export async function createStripeProvider(parts: StripeParts): Promise<PaymentProvider> {
  const { clock, webhookSecrets: secrets, server } = parts;
  const library = await import("stripe");
  const stripe = new library.Stripe(parts.secretKey, {
    apiVersion: API_VERSION,
    // Whoever calls repeats, with the same key and a limit of its own. The library still repeats a request
    // once, with its key, when the connection was reset.
    maxNetworkRetries: 0,
    timeout: parts.requestTimeoutMs,
    telemetry: false,
    ...server,
  });
  const access = { stripe, clock };
  return {
    name: "stripe",
    refusalOf: stripeRefusalOf,
    create: (attempt) => create(access, attempt),
    confirm: (attempt) => confirm(access, attempt),
    cancel: (attempt) => cancel(access, attempt),
    lookUp: (attempt) => lookUp(access, attempt),
    refund: (request) => refund(access, request),
    readWebhook: async (delivery) => readStripeWebhook(delivery, { stripe, clock, secrets }),
  };
}

/**
 * Opens the intent and, with a token, confirms it: two requests, so that the first can be repeated to look. In
 * between the intent is read anew, because a repeat is answered as the first time.
 */
async function create(access: StripeAccess, attempt: Attempt): Promise<ProviderPayment> {
  const { stripe, clock } = access;
  assert(stripeRefusalOf(attempt.amount) === null, "an attempt has an amount that Stripe takes");
  const found = await findIntent(stripe, attempt, clock);
  const opened = found === null ? await openIntent(stripe, attempt) : { answer: found };
  if ("refusal" in opened) return shownUnbegun(attempt, failure(null));
  const intent = opened.answer;
  if (attempt.methodToken === null || !isUntried(intent)) return present(access, attempt, intent);
  const confirmed = await askStripe(
    stripe.paymentIntents.confirm(
      intent.id,
      {
        payment_method: attempt.methodToken,
        ...(attempt.returnUrl != null && { return_url: attempt.returnUrl }),
      },
      { idempotencyKey: `${attempt.attemptId}:confirm` },
    ),
  );
  if ("answer" in confirmed) return present(access, attempt, confirmed.answer);
  const after = await retrieve(stripe, intent.id);
  return present(access, attempt, isOpen(after) ? await closeDeclined(stripe, after) : after);
}

function isOpen({ status }: Stripe.PaymentIntent): boolean {
  return status === "requires_payment_method" || status === "requires_confirmation";
}

/** No token was tried on it: no money can have moved. */
function isUntried(intent: Stripe.PaymentIntent): boolean {
  return isOpen(intent) && intent.last_payment_error === null;
}

/**
 * A declined intent stays open at Stripe for another card. Ours had its one token: it is closed before it is
 * called failed, so that failed is final. Who pays in the browser may try again there.
 */
async function closeDeclined(
  stripe: Stripe,
  { id }: Stripe.PaymentIntent,
): Promise<Stripe.PaymentIntent> {
  const asked = await askStripe(
    stripe.paymentIntents.cancel(id, { cancellation_reason: DECLINED }),
  );
  return "answer" in asked ? asked.answer : retrieve(stripe, id);
}

async function confirm(access: StripeAccess, attempt: Attempt): Promise<ProviderPayment | null> {
  const { stripe, clock } = access;
  const intent = await findIntent(stripe, attempt, clock);
  if (intent?.status !== "requires_capture") return presentOrNull(access, attempt, intent);
  // Capture and cancel carry no key of ours. An intent is captured or cancelled once by what it is; and with a key, a
  // fault of Stripe's would be its answer for a day, where without one the next try succeeds.
  const asked = await askStripe(stripe.paymentIntents.capture(intent.id));
  const after = "answer" in asked ? asked.answer : await retrieve(stripe, intent.id);
  return present(access, attempt, after);
}

async function cancel(access: StripeAccess, attempt: Attempt): Promise<ProviderPayment> {
  const { stripe, clock } = access;
  // What Stripe never heard of is opened to be closed: a create on its way then finds its key taken.
  const found = await findIntent(stripe, attempt, clock);
  const opened = found === null ? await openIntent(stripe, attempt) : { answer: found };
  if ("refusal" in opened) return shownUnbegun(attempt, { state: "cancelled" });
  const { id } = opened.answer;
  const asked = await askStripe(
    stripe.paymentIntents.cancel(id, { cancellation_reason: GIVEN_UP }),
  );
  return present(access, attempt, "answer" in asked ? asked.answer : await retrieve(stripe, id));
}

async function lookUp(access: StripeAccess, attempt: Attempt): Promise<ProviderPayment | null> {
  const intent = await findIntent(access.stripe, attempt, access.clock);
  // With a token and untried: opened by us just now, or by a create that got no further.
  const hasBegun = intent !== null && (attempt.methodToken === null || !isUntried(intent));
  return presentOrNull(access, attempt, hasBegun ? intent : null);
}

async function refund(access: StripeAccess, request: RefundRequest): Promise<RefundResult> {
  const { stripe, clock } = access;
  const intent = await findIntent(stripe, request.attempt, clock);
  if (intent === null) return MORE_THAN_CAPTURED;
  const settled = settledRefund(await present(access, request.attempt, intent), request);
  if (settled !== null) return settled;
  const { refundId, attempt, amount } = request;
  if (stripeRefusalOf(amount) !== null) {
    return { refused: "by_provider", message: "Stripe cannot move such an amount." };
  }
  const asked = await askStripe(
    stripe.refunds.create(
      {
        payment_intent: intent.id,
        amount: toStripeAmount(amount),
        metadata: {
          refund_id: formatId("rfd", refundId),
          attempt_id: formatId("pay", attempt.attemptId),
        },
      },
      { idempotencyKey: refundId },
    ),
  );
  return "answer" in asked
    ? { refund: shownRefund(asked.answer) }
    : { refused: "by_provider", message: asked.refusal.message };
}

async function present(
  { stripe }: StripeAccess,
  attempt: Attempt,
  asAnswered: Stripe.PaymentIntent,
): Promise<ProviderPayment> {
  const isDeclined =
    attempt.methodToken !== null && isOpen(asAnswered) && asAnswered.last_payment_error !== null;
  const intent = isDeclined ? await closeDeclined(stripe, asAnswered) : asAnswered;
  const payment = shownIntent(attempt, intent, await refundsOf(stripe, intent));
  const { amountMinor, currency } = payment.amount;
  assert(
    amountMinor === attempt.amount.amountMinor && currency === attempt.amount.currency,
    "an attempt keeps its amount",
  );
  return payment;
}

async function presentOrNull(
  access: StripeAccess,
  attempt: Attempt,
  intent: Stripe.PaymentIntent | null,
): Promise<ProviderPayment | null> {
  return intent === null ? null : present(access, attempt, intent);
}

/** All refunds of what was captured, those made by hand in Stripe's dashboard, too. */
async function refundsOf(
  stripe: Stripe,
  intent: Stripe.PaymentIntent,
): Promise<readonly ProviderRefund[]> {
  if (intent.amount_received === 0) return [];
  const list = stripe.refunds.list({ payment_intent: intent.id, limit: REFUNDS_MAX });
  const asked = await askStripe(list);
  if ("refusal" in asked) throw awayFor("failing", asked.refusal);
  assert(!asked.answer.has_more, "a payment has at most 100 refunds");
  return asked.answer.data.map(shownRefund);
}

const REFUNDS_MAX = 100;
