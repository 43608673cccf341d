import { inTransaction } from "#platform/database/database.ts";
import type { Id } from "#platform/id.ts";
import { advancePayment } from "./advance-payment.ts";
import { giveBackSurplus } from "./give-back-surplus.ts";
import { paymentsOf } from "./payment-store.ts";
import type { PaymentsParts } from "./payments-parts.ts";

/**
 * What was paid for has changed: it was cancelled or exchanged, or the payer chose another slot. Concludes what waited for
 * that, and gives back what is too much now.
 */
export async function settleReservationMoney(
  parts: PaymentsParts,
  reservationId: Id<"rsv">,
): Promise<void> {
  const { database, jobs } = parts;
  const payments = await paymentsOf(database.kysely, reservationId);
  for (const { paymentId, state, result } of payments) {
    if (state === "succeeded" && result === null) await advancePayment(parts, paymentId);
  }
  await inTransaction(database, (transaction) =>
    giveBackSurplus(parts, transaction, reservationId, "worth_less"),
  );
  jobs.wake();
}
