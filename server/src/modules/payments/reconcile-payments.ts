import type { Id } from "#platform/id.ts";
import { advancePayment } from "./advance-payment.ts";
import { applyWebhooks } from "./apply-webhook.ts";
import { giveRefund } from "./give-refund.ts";
import { paymentsToLookAt, postponeLook } from "./payment-store.ts";
import type { PaymentsParts } from "./payments-parts.ts";
import { postponeRefund, refundsToLookAt } from "./refund-store.ts";

/** Looked at in one go; there may be more. */
const LOOKS_MAX = 200;
/** What failed for a reason of ours is looked at again so much later, after all others. */
const FAILED_LOOK_SECONDS = 60;
/** Asked of providers at the same moment. */
const AT_ONCE_MAX = 8;

/**
 * Looks at everything that has been under way too long: payments whose outcome nobody told us, money that is to go back,
 * and webhooks that were stored and not applied. Whatever was lost or cut off, this finds it. Any number of processes may do it.
 */
export async function reconcilePayments(parts: PaymentsParts): Promise<void> {
  const { database, clock } = parts;
  await applyWebhooks(parts);
  for (;;) {
    const payments = await paymentsToLookAt(database.kysely, clock, LOOKS_MAX);
    await each(parts, payments, advancePayment, (paymentId) =>
      postponeLook(database.kysely, clock, { paymentId }, FAILED_LOOK_SECONDS),
    );
    if (payments.length < LOOKS_MAX) break;
  }
  for (;;) {
    const refunds = await refundsToLookAt(database.kysely, clock, LOOKS_MAX);
    await each(parts, refunds, giveRefund, (refundId) =>
      postponeRefund(database.kysely, clock, { refundId }, FAILED_LOOK_SECONDS),
    );
    if (refunds.length < LOOKS_MAX) return;
  }
}

/** One that fails keeps nobody else waiting: it is logged, put off and looked at again. */
async function each<Kind extends "pay" | "rfd">(
  parts: PaymentsParts,
  ids: readonly Id<Kind>[],
  look: (parts: PaymentsParts, id: Id<Kind>) => Promise<void>,
  putOff: (id: Id<Kind>) => Promise<void>,
): Promise<void> {
  const waiting = ids.values();
  const one = async () => {
    for (const id of waiting) {
      try {
        await look(parts, id);
      } catch (error) {
        parts.log.error(
          { error, id },
          "a payment or refund could not be looked at; it is tried again",
        );
        await putOff(id);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE_MAX }, one));
}
