import { advancePayment } from "./advance-payment.ts";
import { applyWebhook } from "./apply-webhook.ts";
import { giveRefund } from "./give-refund.ts";
import { paymentsToLookAt, postponeLook } from "./payment-store.ts";
import type { PaymentsParts } from "./payments-parts.ts";
import { postponeRefund, refundsToLookAt } from "./refund-store.ts";
import { webhooksToApply } from "./webhook-store.ts";

/** Looked at in one go; there may be more. */
const LOOKS_MAX = 200;
/** How often there may be more: the next run goes on. */
const ROUNDS_MAX = 50;
/** Asked of providers at the same moment. */
const AT_ONCE_MAX = 8;
/** Until one that could not be looked at has another turn. */
const FAILED_LOOK_SECONDS = 30;

/**
 * Looks at everything that has been under way too long: payments whose outcome nobody told us, money that is to go back,
 * and webhooks that were stored and not applied. Whatever was lost or cut off, this finds it. Any number of processes may do it.
 */
export async function reconcilePayments(parts: PaymentsParts): Promise<void> {
  const { clock } = parts;
  const { kysely } = parts.database;
  await whatIsDue(parts, {
    find: () => webhooksToApply(kysely, LOOKS_MAX),
    look: applyWebhook,
    // What it is about is looked at anyway.
    postpone: async () => {},
  });
  await whatIsDue(parts, {
    find: () => paymentsToLookAt(kysely, clock, LOOKS_MAX),
    look: advancePayment,
    postpone: (paymentId) => postponeLook(kysely, clock, paymentId, FAILED_LOOK_SECONDS),
  });
  await whatIsDue(parts, {
    find: () => refundsToLookAt(kysely, clock, LOOKS_MAX),
    look: giveRefund,
    postpone: (refundId) => postponeRefund(kysely, clock, refundId, FAILED_LOOK_SECONDS),
  });
}

interface Due<Item> {
  readonly find: () => Promise<readonly Item[]>;
  readonly look: (parts: PaymentsParts, item: Item) => Promise<void>;
  readonly postpone: (item: Item) => Promise<void>;
}

/** One that fails keeps nobody else waiting: it is logged, and looked at again a while later. */
async function whatIsDue<Item>(
  parts: PaymentsParts,
  { find, look, postpone }: Due<Item>,
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
          await postpone(item);
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE_MAX }, one));
    if (items.length < LOOKS_MAX) return;
  }
}
