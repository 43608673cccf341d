import type { Id } from "#platform/id.ts";
import { advanceFrom } from "./advance-payment.ts";
import { giveRefund } from "./give-refund.ts";
import { adoptOutsideRefunds } from "./outside-refunds.ts";
import type { Payment } from "./payment.ts";
import { readPayment } from "./payment-store.ts";
import type { PaymentsParts } from "./payments-parts.ts";
import { refundsOf } from "./refund-store.ts";
import { markApplied, type StoredWebhook } from "./webhook-store.ts";

/** Looks at the payment that a webhook is about: it carries no state, so order and repeats do not matter. */
export async function applyWebhook(
  parts: PaymentsParts,
  webhook: StoredWebhook & { readonly paymentId: Id<"pay"> | null },
): Promise<void> {
  const { database, clock } = parts;
  const { paymentId } = webhook;
  const payment = paymentId === null ? null : await readPayment(database, paymentId);
  if (payment !== null && payment.provider === webhook.provider) {
    await advanceFrom(parts, payment);
    // Money is given back only of what had succeeded before.
    if (payment.state === "succeeded") await lookAtRefunds(parts, payment);
  }
  await markApplied(database.kysely, clock, webhook);
}

async function lookAtRefunds(parts: PaymentsParts, payment: Payment): Promise<void> {
  for (const refund of await refundsOf(parts.database.kysely, [payment.paymentId])) {
    if (refund.state === "pending") await giveRefund(parts, refund.refundId);
  }
  await adoptOutsideRefunds(parts, payment);
}
