import type { Id } from "#platform/id.ts";
import { advancePayment } from "./advance-payment.ts";
import { giveRefund } from "./give-refund.ts";
import { adoptOutsideRefunds } from "./outside-refunds.ts";
import { readPayment } from "./payment-store.ts";
import type { PaymentsParts } from "./payments-parts.ts";
import { refundsOf } from "./refund-store.ts";
import { markApplied, type StoredWebhook, webhooksToApply } from "./webhook-store.ts";

/** Applied in one go; there may be more. */
const WEBHOOKS_MAX = 200;

/**
 * Applies what was stored and not applied, because whoever stored it was cut off. One that fails keeps none of the others
 * waiting: it is logged and tried again.
 */
export async function applyWebhooks(parts: PaymentsParts): Promise<void> {
  for (;;) {
    const webhooks = await webhooksToApply(parts.database.kysely, WEBHOOKS_MAX);
    let applied = 0;
    for (const webhook of webhooks) {
      try {
        await applyWebhook(parts, webhook);
        applied++;
      } catch (error) {
        const { provider, providerEventId } = webhook;
        const about = { error, provider, providerEventId };
        parts.log.error(about, "a webhook could not be applied; it is tried again");
      }
    }
    if (webhooks.length < WEBHOOKS_MAX || applied === 0) return;
  }
}

/** Looks at the payment that a webhook is about: it carries no state, so order and repeats do not matter. */
export async function applyWebhook(
  parts: PaymentsParts,
  webhook: StoredWebhook & { readonly paymentId: Id<"pay"> | null },
): Promise<void> {
  const { database, clock } = parts;
  const { paymentId } = webhook;
  const payment = paymentId === null ? null : await readPayment(database.kysely, paymentId);
  if (payment !== null && payment.provider === webhook.provider) {
    await advancePayment(parts, payment.paymentId);
    for (const refund of await refundsOf(database.kysely, [payment.paymentId])) {
      if (refund.state === "pending") await giveRefund(parts, refund.refundId);
    }
    if (payment.state === "succeeded") await adoptOutsideRefunds(parts, payment);
  }
  await markApplied(database.kysely, clock, webhook);
}
