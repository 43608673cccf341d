import { inTransaction } from "#platform/database/database.ts";
import { newId } from "#platform/id.ts";
import { attemptOf, type Payment } from "./payment.ts";
import { lockPaymentsOf } from "./payment-store.ts";
import type { PaymentsParts } from "./payments-parts.ts";
import { ProviderAway } from "./provider.ts";
import { insertRefund, refundsOf } from "./refund-store.ts";

/**
 * Notes what was given back in the provider's own dashboard, so that it is not given back once more. Where the
 * provider cannot be asked nothing is noted: the next webhook asks again.
 */
export async function adoptOutsideRefunds(parts: PaymentsParts, payment: Payment): Promise<void> {
  const given = await outsideAt(parts, payment);
  if (given === 0) return;
  const { database, clock } = parts;
  await inTransaction(database, async (transaction) => {
    await lockPaymentsOf(transaction, payment.reservationId);
    const refunds = await refundsOf(transaction, [payment.paymentId]);
    const noted = refunds
      .filter(({ reason }) => reason === "outside")
      .reduce((sum, { amount }) => sum + amount.amountMinor, 0);
    if (given <= noted) return;
    await insertRefund(transaction, clock, {
      refundId: newId(clock),
      paymentId: payment.paymentId,
      reservationId: payment.reservationId,
      eventId: payment.eventId,
      amount: { amountMinor: given - noted, currency: payment.amount.currency },
      reason: "outside",
    });
  });
}

/** What was given back by others than us, in minor units. */
async function outsideAt(parts: PaymentsParts, payment: Payment): Promise<number> {
  try {
    const found = await parts.providers.byName.get(payment.provider)?.lookUp(attemptOf(payment));
    return (found?.refunds ?? [])
      .filter(({ refundId, state }) => refundId === null && state !== "failed")
      .reduce((sum, { amount }) => sum + amount.amountMinor, 0);
  } catch (error) {
    if (error instanceof ProviderAway) return 0;
    throw error;
  }
}
