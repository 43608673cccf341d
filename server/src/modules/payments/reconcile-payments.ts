import { advancePayment } from "./advance-payment.ts";
import { applyWebhook } from "./apply-webhook.ts";
import { giveRefund } from "./give-refund.ts";
import { paymentsToLookAt } from "./payment-store.ts";
import type { PaymentsParts } from "./payments-parts.ts";
import { refundsToLookAt } from "./refund-store.ts";
import { webhooksToApply } from "./webhook-store.ts";

/** Looked at in one go; there may be more. */
const LOOKS_MAX = 200;
/** How often there may be more. What fails is due again at once, and must not be looked at for ever. */
const ROUNDS_MAX = 50;
/** Asked of providers at the same moment. */
const AT_ONCE_MAX = 8;

/**
 * Looks at everything that has been under way too long: payments whose outcome nobody told us, money that is to go back,
 * and webhooks that were stored and not applied. Whatever was lost or cut off, this finds it. Any number of processes may do it.
 */
export async function reconcilePayments(parts: PaymentsParts): Promise<void> {
  const { database, clock } = parts;
  const { kysely } = database;
  await whatIsDue(parts, () => webhooksToApply(kysely, LOOKS_MAX), applyWebhook);
  await whatIsDue(parts, () => paymentsToLookAt(kysely, clock, LOOKS_MAX), advancePayment);
  await whatIsDue(parts, () => refundsToLookAt(kysely, clock, LOOKS_MAX), giveRefund);
}

/** One that fails keeps nobody else waiting: it is logged and looked at again. */
async function whatIsDue<Item>(
  parts: PaymentsParts,
  find: () => Promise<readonly Item[]>,
  look: (parts: PaymentsParts, item: Item) => Promise<void>,
): Promise<void> {
  for (let round = 1; round <= ROUNDS_MAX; round++) {
    const items = await find();
    const waiting = items.values();
    const one = async () => {
      for (const item of waiting) {
        try {
          await look(parts, item);
        } catch (error) {
          const about = { error, item };
          parts.log.error(about, "what is under way could not be looked at; it is tried again");
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE_MAX }, one));
    if (items.length < LOOKS_MAX) return;
  }
}
