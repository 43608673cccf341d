import { randomUUID } from "node:crypto";
import {
  cancelPayment,
  letHoldWait,
  type Payment,
  readPayment,
  startPayment,
} from "#modules/payments/testing.ts";
import {
  alternativesTo,
  changeRequest,
  type PricedLines,
  priceLines,
  type Reservation,
  reserve,
  type WantedLine,
} from "#modules/reservations/testing.ts";
import { inTransaction } from "#platform/database/database.ts";
import { type Id, newId } from "#platform/id.ts";
import { HOLD_SECONDS, OFFLINE_HOLD_HOURS, WAIT_SECONDS } from "./paid-world.ts";
import type { PaymentProcess } from "./payment-process.ts";

// What holders ask of a process, as the routes do it. Each names what it asks by a key where it may be asked again.

const NOBODY = { name: null, email: null, phone: null };

/** A key of a request, and what it is used for. */
export function aKey() {
  return { key: randomUUID(), fingerprint: randomUUID() };
}

/** Null: there are no places, or the event is not on sale any more. */
export async function hold(
  process: PaymentProcess,
  lines: readonly WantedLine[],
  requestKey = aKey(),
): Promise<Id<"rsv"> | null> {
  const outcome = await reserve(process, {
    lines,
    attendee: NOBODY,
    language: null,
    confirm: false,
    holdSeconds: HOLD_SECONDS,
    requestKey,
  });
  return "reservation" in outcome ? outcome.reservation.reservationId : null;
}

/**
 * Begins a payment, as the route does: kept, and then the hold waits.
 * @throws Problem
 */
export async function pay(
  process: PaymentProcess,
  reservationId: Id<"rsv">,
  methodToken: string | null,
): Promise<Payment> {
  const payment = await keepPayment(process, reservationId, methodToken);
  await letHoldWait(process.parts, payment);
  return payment;
}

/**
 * The first half of it: killed here, the hold does not wait yet.
 * @throws Problem
 */
export function keepPayment(
  process: PaymentProcess,
  reservationId: Id<"rsv">,
  methodToken: string | null,
): Promise<Payment> {
  const { parts } = process;
  return inTransaction(parts.database, async (transaction) => {
    const reservation = present(await parts.ledger.readWithin(transaction, reservationId));
    const facts = await process.catalog.factsOfSlot(slotOf(reservation));
    if (facts === null) throw new Error("what is reserved is known");
    return startPayment(parts, transaction, {
      reservation,
      facts,
      provider: methodToken === null ? "offline" : "test",
      methodToken,
      returnUrl: null,
      expected: null,
      waitSeconds: methodToken === null ? OFFLINE_HOLD_HOURS * 3_600 : WAIT_SECONDS,
    });
  });
}

/** @throws Problem */
export async function endPayment({ parts }: PaymentProcess, paymentId: Id<"pay">): Promise<void> {
  const payment = await readPayment(parts.database, paymentId);
  if (payment === null) throw new Error("it is there");
  await inTransaction(parts.database, (transaction) => cancelPayment(parts, transaction, payment));
}

export async function cancel(
  { stock }: PaymentProcess,
  reservationId: Id<"rsv">,
  keptMinor: number,
  requestKey = aKey(),
): Promise<string> {
  const request = { action: "cancel", reason: "holder", reservationId, keptMinor } as const;
  return (await stock.change(changeRequest({ ...request, requestKey }))).status;
}

export async function release(
  { stock }: PaymentProcess,
  reservationId: Id<"rsv">,
): Promise<string> {
  const request = { action: "release", reason: "holder", reservationId } as const;
  return (await stock.change(changeRequest(request))).status;
}

/** Other places in one step: of what is held, any; of what is confirmed, what is not dearer. */
export async function exchange(
  process: PaymentProcess,
  reservationId: Id<"rsv">,
  lines: readonly WantedLine[],
): Promise<string> {
  const priced = await pricesOf(process, lines);
  if (priced === null) return "event_not_published";
  const request = { action: "exchange", reason: "holder", reservationId, priced } as const;
  return (await process.stock.change(changeRequest(request))).status;
}

/**
 * Something dearer for what is confirmed: what it lacks is held by a companion until the difference is paid. Asked again with
 * the companion's key, it goes on where it was.
 */
export async function awaitExchange(
  process: PaymentProcess,
  reservationId: Id<"rsv">,
  lines: readonly WantedLine[],
  requestKey = aKey(),
): Promise<string> {
  const { stock, clock } = process;
  const before = present(await process.reader.read(reservationId));
  if (before.exchangeId !== null) return "unchanged";
  const [priced, old] = await Promise.all([
    pricesOf(process, lines),
    pricesOf(process, before.lines),
  ]);
  if (priced === null || old === null) return "event_not_published";
  const draws = priced.draws
    .map(({ poolId, quantity }) => {
      const had = old.draws.find((draw) => draw.poolId === poolId)?.quantity ?? 0;
      return { poolId, quantity: quantity - had };
    })
    .filter(({ quantity }) => quantity > 0);
  const held = await stock.hold({
    reservationId: newId(clock),
    eventId: before.eventId,
    requestKey,
    refusal: null,
    confirmed: false,
    holdSeconds: HOLD_SECONDS,
    lifeSeconds: 2 * HOLD_SECONDS,
    attendee: NOBODY,
    language: null,
    priced: { ...priced, draws, totalMinor: priced.totalMinor - old.totalMinor },
  });
  if (held.status !== "done" && held.status !== "replayed") return held.status;
  const { status } = await stock.change(
    changeRequest({
      action: "await_exchange",
      reason: "holder",
      reservationId,
      companionId: held.reservationId,
      version: before.version,
    }),
  );
  return status;
}

export async function dropExchange(
  { stock, reader }: PaymentProcess,
  reservationId: Id<"rsv">,
): Promise<string> {
  const { exchangeId: companionId } = present(await reader.read(reservationId));
  if (companionId === null) return "unchanged";
  const request = {
    action: "drop_exchange",
    reason: "holder",
    reservationId,
    companionId,
  } as const;
  return (await stock.change(changeRequest(request))).status;
}

/** Takes the n-th of the slots that are on offer for what was paid too late. */
export async function acceptAlternative(
  process: PaymentProcess,
  reservationId: Id<"rsv">,
  nth = 0,
): Promise<string> {
  const reservation = present(await process.reader.read(reservationId));
  const facts = await process.catalog.factsOfSlot(slotOf(reservation));
  if (facts === null) return "event_not_published";
  const shown = alternativesTo(
    reservation.lines,
    { facts, availability: await process.availability.of(facts.eventId) },
    process.clock.now(),
  );
  const priced = shown[nth % Math.max(shown.length, 1)]?.priced;
  if (priced === undefined) return "sold_out";
  const request = { action: "accept_alternative", reason: "holder", reservationId } as const;
  return (await process.stock.change(changeRequest({ ...request, priced }))).status;
}

async function pricesOf(
  process: PaymentProcess,
  lines: readonly WantedLine[],
): Promise<PricedLines | null> {
  const facts = await process.catalog.factsOfSlot(lines[0]?.slotId as Id<"slt">);
  const pricing = facts === null ? null : priceLines(facts, lines, process.clock.now());
  return pricing !== null && "priced" in pricing ? pricing.priced : null;
}

function present(reservation: Reservation | null): Reservation {
  if (reservation === null) throw new Error("it is there");
  return reservation;
}

function slotOf({ lines }: Reservation): Id<"slt"> {
  return lines[0]?.slotId as Id<"slt">;
}
