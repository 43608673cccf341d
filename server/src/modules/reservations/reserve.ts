import type { EventFacts } from "#modules/catalog/index.ts";
import { assert } from "#platform/assert.ts";
import type { Clock } from "#platform/clock.ts";
import { idempotencyKeyReused, notFound, Problem, type Reason } from "#platform/http/problem.ts";
import { formatId, type Id, newId } from "#platform/id.ts";
import type { PricedLines, RequestKey } from "./change-request.ts";
import type { ChangeResult } from "./change-result.ts";
import { priceLines, type WantedLine } from "./price-lines.ts";
import type { ReservationReader } from "./read-reservation.ts";
import { changingNow, isKept, problemOf } from "./refusals.ts";
import type { Attendee, Reservation } from "./reservation.ts";
import type { Stock } from "./stock.ts";

/** What reserving and exchanging need of the catalogue. */
export interface SaleFacts {
  factsOfSlot(slotId: Id<"slt">): Promise<EventFacts | null>;
  /** Drops what is kept of an event, so that it is read anew. */
  forget(eventId: Id<"evt">): void;
}

export interface ReservationsContext {
  readonly clock: Clock;
  readonly catalog: SaleFacts;
  readonly stock: Stock;
  readonly reader: ReservationReader;
}

/** A reservation or the reason why not; either may be the answer of an earlier, equal request. */
export type Outcome = { readonly replayed: boolean } & (
  | { readonly reservation: Reservation }
  | { readonly problem: Problem }
);

export interface ReserveInput {
  readonly lines: readonly WantedLine[];
  readonly attendee: Attendee;
  readonly language: string | null;
  /** Confirm at once: only what is free can be. */
  readonly confirm: boolean;
  /** Null: as long as the event holds. Longer is cut to the event's own. */
  readonly holdSeconds: number | null;
  readonly requestKey: RequestKey | null;
}

/** How often prices are read again when the catalogue changes under a request. */
const PRICINGS_MAX = 5;

/**
 * Takes places for a limited time, or for good where they are free and `confirm` asks for it.
 * All of them or none. A repeat with its key has the same answer and takes nothing more.
 *
 * @throws Problem `not_found` for a slot or ticket type that is not there, `ticket_type_needed`,
 *   `overloaded`; what depends on stock and rules is an outcome.
 */
export async function reserve(context: ReservationsContext, input: ReserveInput): Promise<Outcome> {
  const reservationId = newId<"rsv">(context.clock);
  for (let attempt = 1; attempt <= PRICINGS_MAX; attempt++) {
    const facts = await factsOf(context.catalog, input.lines);
    const pricing = priceLines(facts, input.lines, context.clock.now());
    const found = refusalOf(pricing, input);
    // Without a key there is nothing to repeat, so nothing to record.
    if (found !== null && (input.requestKey === null || !isKept(found.refusal))) {
      return { replayed: false, problem: problemOf(found.refusal, found.reasons) };
    }
    const priced = "priced" in pricing ? pricing.priced : null;
    const result = await context.stock.hold({
      reservationId,
      eventId: facts.eventId,
      requestKey: input.requestKey,
      refusal: found?.refusal ?? null,
      confirmed: input.confirm,
      holdSeconds: Math.min(input.holdSeconds ?? facts.holdSeconds, facts.holdLifeMaxSeconds),
      lifeSeconds: facts.holdLifeMaxSeconds,
      priced,
      attendee: input.attendee,
      language: input.language,
    });
    if (result.status === "stale") {
      context.catalog.forget(facts.eventId);
      continue;
    }
    const outcome = await outcomeOf(context, result, { priced, reasons: found?.reasons });
    // Personal data is stored once and may have changed: the answer to this request names its own attendee.
    return "reservation" in outcome
      ? {
          ...outcome,
          reservation: {
            ...outcome.reservation,
            attendee: input.attendee,
            language: input.language,
          },
        }
      : outcome;
  }
  throw changingNow();
}

/** The facts of the event that all lines must be of: that of the first. */
export async function factsOf(
  catalog: SaleFacts,
  lines: readonly Pick<WantedLine, "slotId">[],
): Promise<EventFacts> {
  const [first] = lines;
  assert(first !== undefined, "a request for places has at least one line");
  const facts = await catalog.factsOfSlot(first.slotId);
  if (facts === null)
    throw new Problem(notFound, "There is no such slot. Look the slots of the event up again.");
  return facts;
}

function refusalOf(pricing: ReturnType<typeof priceLines>, input: ReserveInput) {
  if (!("priced" in pricing)) return pricing;
  if (input.confirm && pricing.priced.totalMinor > 0) {
    const reasons: readonly Reason[] = [
      {
        code: "payment_required",
        message: "The total is not zero: hold the places first, then pay for them.",
        total: { amount_minor: pricing.priced.totalMinor, currency: pricing.priced.currency },
      },
    ];
    return { refusal: "payment_required" as const, reasons };
  }
  return null;
}

/** Turns what the stock said into the reservation it left behind, or into the problem it is. */
export async function outcomeOf(
  context: ReservationsContext,
  result: ChangeResult,
  more: { priced?: PricedLines | null; reasons?: readonly Reason[] | undefined } = {},
): Promise<Outcome> {
  const { status } = result;
  if (status === "key_reused") return { replayed: false, problem: keyReused() };
  const replayed = status === "replayed";
  const refusal = replayed ? result.answered?.refusal : status;
  if (refusal === undefined || refusal === "done" || refusal === "unchanged") {
    const reservation =
      result.reservation ?? (await context.reader.read(result.reservationId, result.version));
    assert(reservation !== null, "what was changed is there to be read");
    return { replayed, reservation };
  }
  const available = replayed ? result.answered?.available : result.available;
  const reasons =
    refusal === "sold_out" ? soldOutReasons(more.priced ?? null, available ?? null) : more.reasons;
  return { replayed, problem: problemOf(refusal, reasons) };
}

/** The answer to a request that names an attendee names that one, also when it is repeated later. */
export function withAttendee(outcome: Outcome, attendee: Attendee | null): Outcome {
  if (attendee === null || !("reservation" in outcome)) return outcome;
  return { ...outcome, reservation: { ...outcome.reservation, attendee } };
}

/** What is left per line: the least that any of its pools has. */
function soldOutReasons(
  priced: PricedLines | null,
  available: readonly number[] | null,
): readonly Reason[] | undefined {
  if (priced === null || available === null) return undefined;
  const left = new Map(
    priced.draws.map((draw, index) => [draw.poolId, Math.max(available[index] ?? 0, 0)]),
  );
  return priced.lines.map((line, index) => {
    const leftHere = Math.min(
      ...(priced.poolsOfLine[index] ?? []).map((poolId) => left.get(poolId) ?? 0),
    );
    return {
      code: "sold_out",
      message: leftMessage(leftHere),
      slot_id: formatId("slt", line.slotId),
      ticket_type_id: formatId("tty", line.ticketTypeId),
      wanted: line.quantity,
      available: leftHere,
    };
  });
}

function leftMessage(left: number): string {
  if (left === 0) return "No place is left here. Another slot may have some.";
  const places = left === 1 ? "1 place is" : `${left} places are`;
  return `${places} left here. Ask for no more than that in all, or for another slot.`;
}

function keyReused(): Problem {
  return new Problem(
    idempotencyKeyReused,
    "This Idempotency-Key was used for another request. Use a new key for a new request.",
  );
}
