import type { Stripe } from "stripe";
import type { Clock } from "#platform/clock.ts";
import { formatId } from "#platform/id.ts";
import { type Asked, askStripe, awayFor } from "./ask-stripe.ts";
import { type Attempt, ProviderAway } from "./provider.ts";
import { toStripeAmount } from "./stripe-amounts.ts";
import { attemptIn } from "./stripe-webhooks.ts";

/** Stripe remembers a key for at least 24 hours. Beyond this we do not rely on it. */
export const KEY_REMEMBERED_MS = 23 * 3600 * 1000;

/**
 * Opens the payment intent of an attempt, or answers the one that was opened: while Stripe remembers the key, the
 * same request is answered with the same intent. No money moves before it is confirmed, so this is safe to
 * repeat by somebody who only wants to know.
 */
export function openIntent(stripe: Stripe, attempt: Attempt): Promise<Asked<Stripe.PaymentIntent>> {
  const asksPayer = attempt.methodToken === null;
  return askStripe(
    stripe.paymentIntents.create(
      {
        amount: toStripeAmount(attempt.amount),
        currency: attempt.amount.currency.toLowerCase(),
        automatic_payment_methods: {
          enabled: true,
          allow_redirects: asksPayer ? "always" : "never",
        },
        // Cards wait for us, so that money is taken only when the places are sure; others cannot.
        capture_method: "automatic",
        payment_method_options: { card: { capture_method: "manual" } },
        metadata: { attempt_id: formatId("pay", attempt.attemptId) },
      },
      { idempotencyKey: `${attempt.attemptId}:create` },
    ),
  );
}

/**
 * The intent of an attempt as it is now, found by its id, by the key, or by what it carries. Null when there is none.
 *
 * The key comes before the search, because the search lags behind by a minute or more: what was just made is not
 * found, and would be made again. Past the time that Stripe remembers keys the search has long caught up.
 */
export async function findIntent(
  stripe: Stripe,
  attempt: Attempt,
  clock: Clock,
): Promise<Stripe.PaymentIntent | null> {
  if (attempt.providerPaymentId !== null) return retrieve(stripe, attempt.providerPaymentId);
  if (clock.now() - attempt.madeAt >= KEY_REMEMBERED_MS) return search(stripe, attempt);
  try {
    const opened = await openIntent(stripe, attempt);
    // A repeat is answered as it was answered first: the present state is asked for.
    return "answer" in opened ? await retrieve(stripe, opened.answer.id) : null;
  } catch (error) {
    if (!(error instanceof ProviderAway) || error.kind !== "failing") throw error;
    // A key that met a fault of Stripe's is answered with that fault for a day, and the intent may be there.
    const found = await search(stripe, attempt);
    if (found === null) throw error;
    return found;
  }
}

/** An intent by its id. One that Stripe told us of and does not know is in another account. */
export async function retrieve(stripe: Stripe, id: string): Promise<Stripe.PaymentIntent> {
  const asked = await askStripe(stripe.paymentIntents.retrieve(id));
  if ("answer" in asked) return asked.answer;
  throw awayFor("misconfigured", asked.refusal);
}

async function search(stripe: Stripe, attempt: Attempt): Promise<Stripe.PaymentIntent | null> {
  const named = formatId("pay", attempt.attemptId);
  const asked = await askStripe(
    stripe.paymentIntents.search({ query: `metadata["attempt_id"]:"${named}"`, limit: 1 }),
  );
  if ("refusal" in asked) throw awayFor("failing", asked.refusal);
  const found = asked.answer.data.find(({ metadata }) => attemptIn(metadata) === attempt.attemptId);
  return found === undefined ? null : retrieve(stripe, found.id);
}
