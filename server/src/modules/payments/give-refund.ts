import type { Id } from "#platform/id.ts";
import { attemptOf, secondsToNextLook } from "./payment.ts";
import { readPayment } from "./payment-store.ts";
import type { PaymentsParts } from "./payments-parts.ts";
import { ProviderAway } from "./provider.ts";
import { postponeRefund, readRefund, settleRefund } from "./refund-store.ts";

/**
 * Gives a refund at its provider, once, or looks what became of it. What the provider refuses stands as failed, with its
 * words, until somebody tries it again. May be repeated and cut off anywhere: the provider knows the try by its id.
 */
export async function giveRefund(parts: PaymentsParts, refundId: Id<"rfd">): Promise<void> {
  const { database, clock, log } = parts;
  const refund = await readRefund(database.kysely, refundId);
  if (refund === null || refund.state !== "pending") return;
  const payment = await readPayment(database, refund.paymentId);
  if (payment === null) return;
  const { looks, askedAs, amount } = refund;
  const about = { refundId, paymentId: payment.paymentId, provider: payment.provider, looks };
  const later = () => postponeRefund(database.kysely, clock, refundId, secondsToNextLook(looks));
  try {
    const provider = parts.providers.byName.get(payment.provider);
    if (provider === undefined) throw new ProviderAway("misconfigured");
    const result = await provider.refund({
      refundId: askedAs,
      attempt: attemptOf(payment),
      amount,
    });
    if ("refused" in result) {
      log.error(about, "a payment provider refused a refund; somebody has to try it again");
      await settleRefund(database.kysely, clock, refund, {
        state: "failed",
        message: result.message,
      });
      return;
    }
    const { state } = result.refund;
    if (state === "pending") return await later();
    if (state === "failed") {
      log.error(about, "a refund failed at the payment provider; somebody has to try it again");
      await settleRefund(database.kysely, clock, refund, { state, message: REFUND_FAILED });
      return;
    }
    await settleRefund(database.kysely, clock, refund, { state });
  } catch (error) {
    if (!(error instanceof ProviderAway)) throw error;
    const level = error.kind === "misconfigured" ? "error" : "warn";
    log[level]({ ...about, kind: error.kind }, "a refund could not be given; it is tried again");
    await later();
  }
}

const REFUND_FAILED = "The money could not be given back: the account or card did not take it.";
