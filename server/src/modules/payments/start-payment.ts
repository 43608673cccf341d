import type { EventFacts } from "#modules/catalog/index.ts";
import { problemOf, type Reservation, totalOf } from "#modules/reservations/index.ts";
import { assert } from "#platform/assert.ts";
import type { Transaction } from "#platform/database/database.ts";
import { invalidField, Problem, problemType } from "#platform/http/problem.ts";
import { type Id, newId } from "#platform/id.ts";
import type { Money } from "#platform/money.ts";
import type { Payment } from "./payment.ts";
import { insertPayment } from "./payment-store.ts";
import { ADVANCE_JOB, type PaymentsParts } from "./payments-parts.ts";
import type { ProviderName } from "./provider.ts";

export const nothingToPay = problemType({
  code: "nothing_to_pay",
  status: 409,
  title: "There is nothing to pay",
});
export const alreadyPaid = problemType({
  code: "already_paid",
  status: 409,
  title: "It is paid for already",
});

export interface PaymentInput {
  readonly reservation: Reservation;
  readonly facts: EventFacts;
  readonly provider: ProviderName;
  readonly methodToken: string | null;
  readonly returnUrl: string | null;
  /** What the payer was shown: refused if it is another amount. Null: nobody says. */
  readonly expected: Money | null;
  /** How long a hold waits, unless it is paid off line. */
  readonly waitSeconds: number;
}

/**
 * Keeps a new payment and the job that makes it, in the caller's transaction; nobody is asked for money yet. The amount is
 * what the reservation's lines cost, or, where it waits to be exchanged for something dearer, the difference.
 *
 * @throws `reservation_expired`, `reservation_released`, `reservation_cancelled`, `already_paid`, `nothing_to_pay`,
 *   `payment_in_progress`, and `invalid_field` for a provider, token or amount that does not fit
 */
export async function startPayment(
  parts: PaymentsParts,
  transaction: Transaction,
  input: PaymentInput,
): Promise<Payment> {
  const { clock, jobs } = parts;
  const { reservation, provider, methodToken, returnUrl } = input;
  const { holdId, amount } = await payableOf(parts, transaction, reservation);
  refuseUnfit(parts, input, amount);
  const payment = await insertPayment(transaction, clock, {
    paymentId: newId(clock),
    reservationId: reservation.reservationId,
    holdId,
    eventId: reservation.eventId,
    provider,
    amount,
    methodToken,
    returnUrl,
    waitSeconds: waitSecondsOf(input, clock.now()),
  });
  if (payment === null) throw problemOf("payment_in_progress");
  await jobs.send(transaction, ADVANCE_JOB, { paymentId: payment.paymentId });
  return payment;
}

interface Payable {
  readonly holdId: Id<"rsv">;
  readonly amount: Money;
}

async function payableOf(
  { ledger, clock }: PaymentsParts,
  transaction: Transaction,
  reservation: Reservation,
): Promise<Payable> {
  const { reservationId, lines, currency, state, exchangeId, offerEndsAt } = reservation;
  const total = totalOf(lines, currency);
  switch (state) {
    case "released":
      throw problemOf("reservation_released");
    case "cancelled":
      throw problemOf("reservation_cancelled");
    case "expired":
      if (offerEndsAt !== null && offerEndsAt > clock.now()) throw isPaid(OFFERED);
      throw problemOf("reservation_expired");
    case "held":
      if (total.amountMinor === 0) throw isFree();
      return { holdId: reservationId, amount: total };
    case "confirmed": {
      const companion =
        exchangeId === null ? null : await ledger.readWithin(transaction, exchangeId);
      if (companion?.state === "held") {
        const amountMinor = totalOf(companion.lines, currency).amountMinor - total.amountMinor;
        assert(amountMinor > 0, "only an exchange for something dearer waits for money");
        return { holdId: companion.reservationId, amount: { amountMinor, currency } };
      }
      throw total.amountMinor === 0 ? isFree() : isPaid(CONFIRMED);
    }
  }
}

const CONFIRMED = "The reservation is confirmed, and nothing more is due for it.";
const OFFERED =
  "It was paid for after the hold had ended. Choose one of the alternatives, or wait until the money comes back.";

function isPaid(message: string): Problem {
  return new Problem(alreadyPaid, message, { reasons: [{ code: alreadyPaid.code, message }] });
}

function isFree(): Problem {
  const message = "The reservation costs nothing. Confirm it without a payment.";
  return new Problem(nothingToPay, message, { reasons: [{ code: nothingToPay.code, message }] });
}

/** @throws `invalid_field` */
function refuseUnfit(parts: PaymentsParts, input: PaymentInput, amount: Money): void {
  const { provider: name, methodToken, expected, facts } = input;
  const provider = parts.providers.byName.get(name);
  if (provider === undefined) {
    throw wrongField("/provider", "not_offered", "Payments by this provider are not taken here.");
  }
  if (name === "offline" && facts.offlineHoldHours === null) {
    throw wrongField(
      "/provider",
      "not_offered",
      "The organizer of this event does not take payments at the till or by bank transfer.",
    );
  }
  if (name === "offline" && methodToken !== null) {
    throw wrongField("/method_token", "not_allowed", "Nothing is charged off line: leave it out.");
  }
  if (name === "test" && methodToken === null) {
    throw wrongField(
      "/method_token",
      "required",
      "Say how the test payment is to end: ok, card_error, payment_error, slow or never.",
    );
  }
  if (
    expected !== null &&
    (expected.amountMinor !== amount.amountMinor || expected.currency !== amount.currency)
  ) {
    throw wrongField(
      "/amount",
      "not_the_price",
      `The price is ${amount.amountMinor} ${amount.currency} in minor units. Show it to the payer and ask again.`,
    );
  }
  const refusal = provider.refusalOf(amount);
  if (refusal !== null) {
    throw wrongField("/provider", refusal, "This provider cannot take such an amount.");
  }
}

function wrongField(path: string, code: string, message: string): Problem {
  return new Problem(invalidField, message, { errors: [{ path, code, message }] });
}

/** Off line: as long as the event says, but not beyond the start of what is paid for. */
function waitSecondsOf({ provider, facts, reservation, waitSeconds }: PaymentInput, now: number) {
  if (provider !== "offline") return waitSeconds;
  const starts = reservation.lines.map(({ slotId }) => facts.slots.get(slotId)?.startsAt ?? now);
  const untilStart = Math.floor((Math.min(...starts) - now) / 1000);
  return Math.max(60, Math.min((facts.offlineHoldHours ?? 0) * 3600, untilStart));
}
