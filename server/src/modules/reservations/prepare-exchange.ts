import type { EventFacts } from "#modules/catalog/index.ts";
import { assert } from "#platform/assert.ts";
import { newId } from "#platform/id.ts";
import { asAsked, type ChangeInput } from "./change-input.ts";
import { changeRequest, type Draw, type PricedLines } from "./change-request.ts";
import type { ChangeResult } from "./change-result.ts";
import { paymentAgainst, releaseCompanion } from "./pending-exchange.ts";
import { pricedAgain } from "./priced-again.ts";
import type { Attendee, Reservation } from "./reservation.ts";
import { totalOf } from "./reservation.ts";
import { type Outcome, outcomeOf, type ReservationsContext } from "./reserve.ts";

/** No entry of the ledger has this number. */
const NO_VERSION = 0;

interface Wish {
  readonly facts: EventFacts;
  /** As it was read; confirmed. */
  readonly current: Reservation;
  /** The whole new set of lines. It costs more than the present one. */
  readonly priced: PricedLines;
}

/** What the difference to the present lines is; not above zero: nothing has to be paid for first. */
export function differenceTo(priced: PricedLines, { lines, currency }: Reservation): number {
  return priced.totalMinor - totalOf(lines, currency).amountMinor;
}

/**
 * Holds the places that a confirmed reservation lacks for a dearer set of lines, until the difference is paid. It keeps all
 * that it has meanwhile, and afterwards too if nobody pays. Whatever it waited for before is given back.
 *
 * `stale`: the catalogue or the reservation changed meanwhile; nothing is held, start over.
 */
export async function prepareExchange(
  context: ReservationsContext,
  input: ChangeInput & { readonly attendee: Attendee | null; readonly language: string | null },
  { facts, current, priced }: Wish,
): Promise<Outcome | "stale"> {
  const { stock, reader } = context;
  const { attendee, language } = input;
  const { eventId } = facts;
  const asked = { ...asAsked(input, "await_exchange"), eventId, attendee, language };
  const refuse = async (refusal: string) =>
    outcomeOf(context, await stock.change(changeRequest({ ...asked, refusal, priced })), {
      priced,
    });

  // Before anything is held: is the token good, was this very request answered before? Since no entry has that number, the
  // ledger changes nothing, and it notes nothing where it is only that.
  const known = await stock.change(changeRequest({ ...asked, version: NO_VERSION }));
  if (known.status !== "stale") return outcomeOf(context, known, { priced });
  const against = await paymentAgainst(reader, input, current);
  if (against !== null) return refuse(against);

  const held = await holdLacking(context, { facts, current, priced });
  if (held.status === "sold_out") return refuse("sold_out");
  if (held.status === "stale") {
    context.catalog.forget(eventId);
    return "stale";
  }
  assert(held.status === "done", "what is held without a key is held, sold out or stale");
  const { reservationId: companionId } = held;
  const result = await stock.change(
    changeRequest({ ...asked, version: current.version, companionId }),
  );
  const unwanted = result.status === "done" ? current.exchangeId : companionId;
  if (unwanted !== null) await releaseCompanion(stock, unwanted, asked.reason);
  return result.status === "stale" ? "stale" : outcomeOf(context, result, { priced });
}

/** A hold of what the new lines draw on beyond the present ones; it costs the difference. */
function holdLacking(
  { stock, clock }: ReservationsContext,
  { facts, current, priced }: Wish,
): Promise<ChangeResult> {
  return stock.hold({
    reservationId: newId<"rsv">(clock),
    eventId: facts.eventId,
    requestKey: null,
    refusal: null,
    confirmed: false,
    holdSeconds: facts.holdSeconds,
    lifeSeconds: facts.holdLifeMaxSeconds,
    priced: {
      ...priced,
      draws: lackingDraws(facts, current, priced),
      totalMinor: differenceTo(priced, current),
    },
    attendee: { name: null, email: null, phone: null },
    language: null,
  });
}

/** Where something that it has is gone from the catalogue, all of the new lines counts as lacking. */
function lackingDraws(
  facts: EventFacts,
  { lines }: Reservation,
  priced: PricedLines,
): readonly Draw[] {
  const present = new Map(
    pricedAgain(facts, lines, null)?.draws.map(({ poolId, quantity }) => [poolId, quantity]),
  );
  return priced.draws
    .map(({ poolId, quantity }) => ({ poolId, quantity: quantity - (present.get(poolId) ?? 0) }))
    .filter(({ quantity }) => quantity > 0);
}
