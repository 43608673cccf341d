import type { Clock } from "#platform/clock.ts";
import type { Queryable } from "#platform/database/database.ts";
import type { Id } from "#platform/id.ts";
import { advancePayment } from "./advance-payment.ts";
import { applyWebhooks } from "./apply-webhook.ts";
import { giveRefund } from "./give-refund.ts";
import { paymentsToLookAt, postponeLook } from "./payment-store.ts";
import type { PaymentsParts } from "./payments-parts.ts";
import { postponeRefund, refundsToLookAt } from "./refund-store.ts";

/** Looked at in one go; there may be more. */
const LOOKS_MAX = 200;
/** Asked of providers at the same moment. */
const AT_ONCE_MAX = 8;
/** Until one that could not be looked at has another turn. */
const FAILED_LOOK_SECONDS = 30;

/**
 * Looks at everything that has been under way too long: payments whose outcome nobody told us, money that is to go back,
 * and webhooks that were stored and not applied. Whatever was lost or cut off, this finds it. Any number of processes may do it.
 */
export async function reconcilePayments(parts: PaymentsParts): Promise<void> {
  const { database, clock } = parts;
  await applyWebhooks(parts);
  for (;;) {
    const payments = await paymentsToLookAt(database.kysely, clock, LOOKS_MAX);
    await each(parts, payments, { look: advancePayment, postpone: postponeLook });
    if (payments.length < LOOKS_MAX) break;
  }
  for (;;) {
    const refunds = await refundsToLookAt(database.kysely, clock, LOOKS_MAX);
    await each(parts, refunds, { look: giveRefund, postpone: postponeRefund });
    if (refunds.length < LOOKS_MAX) return;
  }
}

interface Work<Kind extends "pay" | "rfd"> {
  readonly look: (parts: PaymentsParts, id: Id<Kind>) => Promise<void>;
  readonly postpone: (
    queryable: Queryable,
    clock: Clock,
    id: Id<Kind>,
    seconds: number,
  ) => Promise<void>;
}

/** One that fails keeps nobody else waiting: it is logged, and looked at again a while later. */
async function each<Kind extends "pay" | "rfd">(
  parts: PaymentsParts,
  ids: readonly Id<Kind>[],
  { look, postpone }: Work<Kind>,
): Promise<void> {
  const waiting = ids.values();
  const one = async () => {
    for (const id of waiting) {
      try {
        await look(parts, id);
      } catch (error) {
        parts.log.error({ error, id }, "a payment or refund could not be looked at");
        await postpone(parts.database.kysely, parts.clock, id, FAILED_LOOK_SECONDS);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE_MAX }, one));
}
