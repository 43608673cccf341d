import type { EventFacts } from "#modules/catalog/index.ts";
import type { Queryable } from "#platform/database/database.ts";
import type { Id } from "#platform/id.ts";
import { alternativesTo } from "./alternatives.ts";
import type { AvailabilityView } from "./availability.ts";
import { type ChangeRequest, changeRequest, type PricedLines } from "./change-request.ts";
import { pricedAgain } from "./priced-again.ts";
import { readNow } from "./read-reservation.ts";
import type { Reservation, StateRefusal } from "./reservation.ts";
import type { ReservationsContext } from "./reserve.ts";

/** What became of something that a payment asked of a reservation. All of it can be asked again. */
export type LedgerAnswer =
  | "done"
  /** It is so already. */
  | "unchanged"
  | "reservation_not_found"
  | StateRefusal
  /** There are no places, or they are not for sale any more. */
  | "no_places"
  /** The event was cancelled: there will be none. */
  | "event_over"
  /** It costs more than was paid. */
  | "payment_required"
  /** The exchange that was paid for is not waited for any more. */
  | "exchange_dropped"
  /** A ticket that would be exchanged has let somebody in since. */
  | "ticket_used"
  | "price_changed"
  | "moved";

/** What payments ask of reservations: the only way in which money moves places. */
export interface PaymentLedger {
  /**
   * As it stands now; null when there is none. Those who ask at once share a statement.
   * @throws QueueFull when too many wait already.
   */
  read(reservationId: Id<"rsv">): Promise<Reservation | null>;
  /** As it stands in this transaction, or by a statement of its own. */
  readWithin(queryable: Queryable, reservationId: Id<"rsv">): Promise<Reservation | null>;
  /**
   * A payment begins: the hold waits at least so long, and keeps its own end for the case that it fails. `price_changed`:
   * it costs something else by now.
   */
  awaitPayment(
    holdId: Id<"rsv">,
    wait: { readonly amountMinor: number; readonly seconds: number },
  ): Promise<LedgerAnswer>;
  /**
   * The hold, as it was read, has its own end again, or ends if that has passed. Of what is no hold any more nothing changes.
   * `moved`: it stands at another entry by now, and may be waiting for another payment.
   */
  paymentFailed(hold: Pick<Reservation, "reservationId" | "version">): Promise<LedgerAnswer>;
  /** Held and paid for: confirmed, tickets issued. */
  confirm(reservationId: Id<"rsv">, paidMinor: number): Promise<LedgerAnswer>;
  /** Expired and paid for: the places are taken again. */
  reclaim(reservationId: Id<"rsv">, paidMinor: number): Promise<LedgerAnswer>;
  /** Expired, paid for and without places: the same types in other slots are on offer so long. `no_places`: there are none. */
  offerAlternatives(reservationId: Id<"rsv">, seconds: number): Promise<LedgerAnswer>;
  /** Expired, and nothing came of it: cancelled for good, so that its money can go back. */
  giveUp(reservationId: Id<"rsv">): Promise<LedgerAnswer>;
  /** Confirmed, and the difference to what its companion asks for is paid: exchanged, the companion's places among the new ones. */
  exchange(reservationId: Id<"rsv">, companionId: Id<"rsv">): Promise<LedgerAnswer>;
  /** Nothing came of the exchange: it stays as it is, and what its companion held is free. */
  dropExchange(reservationId: Id<"rsv">, companionId: Id<"rsv">): Promise<LedgerAnswer>;
}

interface Parts extends ReservationsContext {
  readonly availability: AvailabilityView;
}

/** How often places are looked for again when the catalogue changes meanwhile, or when what is shown is behind. */
const TRIES_MAX = 5;

export function createPaymentLedger(parts: Parts): PaymentLedger {
  const { clock, stock, catalog } = parts;
  const ask = async (
    request: Pick<ChangeRequest, "action" | "reservationId"> & Partial<ChangeRequest>,
  ): Promise<LedgerAnswer | "stale"> => {
    const { status } = await stock.change(changeRequest({ reason: "payment", ...request }));
    return status === "sold_out" ? "no_places" : (status as LedgerAnswer | "stale");
  };
  /** With lines priced anew until the catalogue holds still. */
  const askWithLines = async (
    request: Pick<ChangeRequest, "action" | "reservationId" | "paidMinor" | "companionId">,
    lines: Reservation["lines"],
    price: (facts: EventFacts) => PricedLines | null,
  ): Promise<LedgerAnswer> => {
    for (let attempt = 1; attempt <= TRIES_MAX; attempt++) {
      const facts = await catalog.factsOfSlot(lines[0]?.slotId as Id<"slt">);
      if (facts === null || facts.state === "cancelled") return "event_over";
      const priced = price(facts);
      if (priced === null) return "no_places";
      const answer = await ask({ ...request, eventId: facts.eventId, priced });
      if (answer !== "stale") return answer;
      catalog.forget(facts.eventId);
    }
    return "no_places";
  };
  const current = (reservationId: Id<"rsv">) => parts.reader.read(reservationId);
  const one = async (
    action: ChangeRequest["action"],
    reservationId: Id<"rsv">,
    more: Partial<ChangeRequest> = {},
  ) => (await ask({ action, reservationId, ...more })) as LedgerAnswer;

  return {
    read: current,
    readWithin: (queryable, reservationId) => readNow(queryable, clock, reservationId),
    awaitPayment: async (holdId, { amountMinor, seconds }) => {
      const more = { paidMinor: amountMinor, holdSeconds: seconds };
      const answer = await ask({ action: "await_payment", reservationId: holdId, ...more });
      return answer === "stale" ? "price_changed" : answer;
    },
    paymentFailed: async ({ reservationId, version }) => {
      const answer = await ask({ action: "payment_failed", reservationId, version });
      return answer === "stale" ? "moved" : answer;
    },
    confirm: (reservationId, paidMinor) => one("confirm", reservationId, { paidMinor }),
    reclaim: async (reservationId, paidMinor) => {
      const reservation = await current(reservationId);
      if (reservation === null) return "reservation_not_found";
      const { lines } = reservation;
      return askWithLines(
        { action: "reclaim", reservationId, paidMinor, companionId: null },
        lines,
        (facts) => pricedAgain(facts, lines, clock.now()),
      );
    },
    offerAlternatives: async (reservationId, holdSeconds) => {
      const reservation = await current(reservationId);
      if (reservation === null) return "reservation_not_found";
      return (await hasAlternatives(parts, reservation))
        ? one("offer_alternatives", reservationId, { holdSeconds })
        : "no_places";
    },
    giveUp: (reservationId) => one("give_up", reservationId),
    exchange: async (reservationId, companionId) => {
      const [reservation, companion] = await Promise.all([
        current(reservationId),
        current(companionId),
      ]);
      if (reservation === null || companion === null) return "reservation_not_found";
      const { lines } = companion;
      // What was held in time is had, even if its slot has started meanwhile.
      const startsAfter = companion.state === "held" ? null : clock.now();
      return askWithLines(
        {
          action: "exchange",
          reservationId,
          companionId,
          paidMinor: lines.reduce((sum, line) => sum + line.quantity * line.unitPriceMinor, 0),
        },
        lines,
        (facts) => pricedAgain(facts, lines, startsAfter),
      );
    },
    dropExchange: (reservationId, companionId) =>
      one("drop_exchange", reservationId, { companionId }),
  };
}

async function hasAlternatives(
  { catalog, availability, clock }: Parts,
  { lines }: Reservation,
): Promise<boolean> {
  const facts = await catalog.factsOfSlot(lines[0]?.slotId as Id<"slt">);
  if (facts === null) return false;
  const shown = { facts, availability: await availability.of(facts.eventId) };
  return alternativesTo(lines, shown, clock.now()).length > 0;
}
