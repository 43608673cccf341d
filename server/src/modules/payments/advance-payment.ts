import { assert } from "#platform/assert.ts";
import type { EpochMs } from "#platform/clock.ts";
import type { Id } from "#platform/id.ts";
import { concludePayment } from "./conclude-payment.ts";
import { attemptOf, GRACE_SECONDS, type Payment, secondsToNextLook } from "./payment.ts";
import {
  markFailed,
  markLookedAt,
  markProcessing,
  markSucceeded,
  postponeLook,
  readPayment,
} from "./payment-store.ts";
import type { PaymentsParts } from "./payments-parts.ts";
import { type PaymentProvider, ProviderAway, type ProviderPayment } from "./provider.ts";

/** How often a provider's answer may lead to another question in one go: authorized, then taken or let go. */
const QUESTIONS_MAX = 4;

/**
 * Brings a payment as far as it can come now: makes its hold wait, begins or looks it up at the provider, takes the money
 * when the places are sure, and settles what it came to. Whatever of it was done before is found done: it may be
 * repeated, run twice at once, and cut off anywhere. Where the provider is away it is looked at again later.
 */
export async function advancePayment(parts: PaymentsParts, paymentId: Id<"pay">): Promise<void> {
  const payment = await readPayment(parts.database, paymentId);
  if (payment !== null) await advanceFrom(parts, payment);
}

/** The same, from where it was read. */
export async function advanceFrom(parts: PaymentsParts, read: Payment): Promise<void> {
  if (read.result !== null) return;
  let payment: Payment | null = read;
  if (payment.state === "not_started") payment = await letHoldWait(parts, payment);
  if (payment?.state === "processing") payment = await askProvider(parts, payment);
  if (payment?.state === "succeeded" || payment?.state === "failed") {
    await concludePayment(parts, payment);
  }
}

/**
 * Nothing is asked of a provider before the hold waits. One that has ended meanwhile costs nobody anything.
 * Null: somebody else brought the payment further.
 */
export async function letHoldWait(parts: PaymentsParts, payment: Payment): Promise<Payment | null> {
  const { database, clock, ledger } = parts;
  const waitSeconds = Math.ceil(Math.max(payment.waitEndsAt - clock.now(), 0) / 1000);
  if (waitSeconds === 0) {
    return markFailed(database.kysely, clock, payment, endOf(payment, clock.now()));
  }
  const { amountMinor } = payment.amount;
  const answer = await ledger.awaitPayment(payment.holdId, {
    amountMinor,
    seconds: waitSeconds + GRACE_SECONDS,
  });
  const isWaiting = answer === "done" || answer === "unchanged";
  if (isWaiting && (await isStillWanted(parts, payment))) {
    return markProcessing(database.kysely, payment);
  }
  const failure =
    isWaiting || answer === "price_changed"
      ? ({
          code: "price_changed",
          message: "What is to be paid for was changed meanwhile.",
        } as const)
      : ({ code: "hold_ended", message: "The places were not held any more." } as const);
  return markFailed(database.kysely, clock, payment, failure);
}

/** Whether the exchange that is to be paid for is still waited for: until its hold waited it could be dropped. */
async function isStillWanted(
  { ledger }: PaymentsParts,
  { reservationId, holdId }: Payment,
): Promise<boolean> {
  if (holdId === reservationId) return true;
  return (await ledger.read(reservationId))?.exchangeId === holdId;
}

/** What the provider says decides. Null: somebody else brought the payment further. */
async function askProvider(parts: PaymentsParts, payment: Payment): Promise<Payment | null> {
  const provider = parts.providers.byName.get(payment.provider);
  try {
    if (provider === undefined) throw new ProviderAway("misconfigured");
    return await untilSaid(parts, provider, payment);
  } catch (error) {
    if (!(error instanceof ProviderAway)) throw error;
    const { kind } = error;
    const { paymentId, looks } = payment;
    const about = { paymentId, provider: payment.provider, kind, looks };
    const level = kind === "misconfigured" ? "error" : "warn";
    parts.log[level](about, "a payment provider could not be asked; it is asked again later");
    await postponeLook(parts.database.kysely, parts.clock, paymentId, secondsToNextLook(looks));
    return null;
  }
}

async function untilSaid(
  parts: PaymentsParts,
  provider: PaymentProvider,
  payment: Payment,
): Promise<Payment | null> {
  const attempt = attemptOf(payment);
  let found = await firstAnswer(parts, provider, payment);
  for (let question = 1; found.outcome.state === "authorized"; question++) {
    assert(question < QUESTIONS_MAX, "an authorized payment is taken or let go");
    found = (await isHeldFor(parts, payment))
      ? ((await provider.confirm(attempt)) ?? (await provider.create(attempt)))
      : await provider.cancel(attempt);
  }
  return noteAnswer(parts, payment, found);
}

async function firstAnswer(
  parts: PaymentsParts,
  provider: PaymentProvider,
  payment: Payment,
): Promise<ProviderPayment> {
  const attempt = attemptOf(payment);
  const isOver = parts.clock.now() >= payment.waitEndsAt;
  if (isOver || !(await isHeldFor(parts, payment))) return provider.cancel(attempt);
  if (payment.providerPaymentId === null) return provider.create(attempt);
  return (await provider.lookUp(attempt)) ?? provider.create(attempt);
}

/** Whether the places still wait for it. */
async function isHeldFor({ ledger }: PaymentsParts, payment: Payment): Promise<boolean> {
  const hold = await ledger.read(payment.holdId);
  return hold?.state === "held" && hold.ownExpiresAt !== null;
}

function noteAnswer(
  parts: PaymentsParts,
  payment: Payment,
  { outcome, providerPaymentId }: ProviderPayment,
): Promise<Payment | null> {
  const { database, clock, sealing } = parts;
  switch (outcome.state) {
    case "succeeded":
      return markSucceeded(database.kysely, clock, payment, providerPaymentId);
    case "failed":
      return markFailed(database.kysely, clock, payment, {
        code: outcome.reason,
        message: outcome.message,
      });
    case "cancelled":
      return markFailed(database.kysely, clock, payment, endOf(payment, clock.now()));
    case "needs_action":
    case "processing":
    case "authorized":
      return markLookedAt(database.kysely, clock, payment, {
        providerPaymentId,
        nextAction:
          outcome.state === "needs_action"
            ? sealing.seal(JSON.stringify(outcome.nextAction))
            : null,
        lookInSeconds: secondsToNextLook(payment.looks),
      });
  }
}

function endOf({ isGivenUp, waitEndsAt }: Payment, now: EpochMs): NonNullable<Payment["failure"]> {
  if (isGivenUp) {
    return { code: "cancelled", message: "The payment was cancelled. No money was taken." };
  }
  return now >= waitEndsAt
    ? { code: "timed_out", message: "The payment took too long and was ended. No money was taken." }
    : { code: "hold_ended", message: "The places were taken back. No money was taken." };
}
