import { notFound, Problem } from "#platform/http/problem.ts";
import type { Id } from "#platform/id.ts";
import { asAsked, CHANGE_TRIES_MAX, type ChangeInput } from "./change-input.ts";
import { changeRequest } from "./change-request.ts";
import { paymentAgainst, releaseCompanion } from "./pending-exchange.ts";
import { differenceTo, prepareExchange } from "./prepare-exchange.ts";
import { priceLines, type WantedLine } from "./price-lines.ts";
import { changingNow, isKept, problemOf } from "./refusals.ts";
import type { Attendee, Reservation } from "./reservation.ts";
import {
  factsOf,
  type Outcome,
  outcomeOf,
  type ReservationsContext,
  withAttendee,
} from "./reserve.ts";
import { ticketId } from "./ticket-id.ts";

/**
 * Other slots, ticket types and quantities in one step: the old places are given back only if the
 * new ones are had. `lines` is the whole new set. Tickets are issued anew.
 *
 * Where it is confirmed and the new lines cost more, it is only prepared: {@link isOnlyPrepared} tells.
 *
 * @throws Problem `not_found` for a slot that is not of the reservation's event
 */
export async function exchangeReservation(
  context: ReservationsContext,
  input: ChangeInput & {
    readonly lines: readonly WantedLine[];
    readonly attendee: Attendee | null;
    readonly language: string | null;
  },
): Promise<Outcome> {
  const { attendee, language } = input;
  for (let attempt = 1; attempt <= CHANGE_TRIES_MAX; attempt++) {
    const facts = await factsOf(context.catalog, input.lines);
    const { eventId } = facts;
    const pricing = priceLines(facts, input.lines, context.clock.now());
    const found = "priced" in pricing ? null : pricing;
    const isForeign = input.asker.as === "manager" && input.asker.eventId !== eventId;
    if (isForeign || found !== null) await mustBeOfEvent(context, input, eventId);
    if (found !== null && (input.requestKey === null || !isKept(found.refusal))) {
      return { replayed: false, problem: problemOf(found.refusal, found.reasons) };
    }
    const priced = "priced" in pricing ? pricing.priced : null;
    const current = await confirmedOf(context, input.reservationId, eventId);
    if (priced !== null && current !== null && differenceTo(priced, current) > 0) {
      const outcome = await prepareExchange(context, input, { facts, current, priced });
      if (outcome !== "stale") return withAttendee(outcome, attendee);
      continue;
    }
    const result = await context.stock.change(
      changeRequest({
        ...asAsked(input, "exchange"),
        eventId,
        refusal: found?.refusal ?? (await paymentAgainst(context.reader, input, current)),
        priced,
        attendee,
        language,
      }),
    );
    if (result.status === "stale") {
      context.catalog.forget(eventId);
      continue;
    }
    if (result.status === "reservation_not_found") await mustBeOfEvent(context, input, eventId);
    if (result.status === "done" && current?.exchangeId != null) {
      await releaseCompanion(context.stock, current.exchangeId, input.asker.as);
    }
    return withAttendee(
      await outcomeOf(context, result, { priced, reasons: found?.reasons }),
      attendee,
    );
  }
  throw changingNow();
}

/**
 * Whether what an exchange left behind waits for its payment. Where it was done, the tickets are of that very entry of
 * the ledger: so a repeat long afterwards tells the same.
 */
export function isOnlyPrepared(left: Reservation): boolean {
  const { state, reservationId, version, tickets } = left;
  return state === "confirmed" && tickets[0]?.ticketId !== ticketId(reservationId, version, 1);
}

/** The reservation, if it is confirmed and of that event. Whatever else it is, the ledger says. */
async function confirmedOf(
  { reader }: ReservationsContext,
  reservationId: Id<"rsv">,
  eventId: Id<"evt">,
): Promise<Reservation | null> {
  const current = await reader.read(reservationId);
  return current?.state === "confirmed" && current.eventId === eventId ? current : null;
}

/**
 * Tells who names a reservation that is not there from who names a slot of another event.
 * @throws Problem unless it is a reservation of that event, and one the asker may see
 */
async function mustBeOfEvent(
  context: ReservationsContext,
  { reservationId, asker }: ChangeInput,
  eventId: Id<"evt">,
): Promise<void> {
  const current = await context.reader.read(reservationId);
  if (current === null || (asker.as === "manager" && asker.eventId !== current.eventId)) {
    throw problemOf("reservation_not_found");
  }
  if (current.eventId !== eventId) {
    throw new Problem(
      notFound,
      "The slot is not one of the reservation's event. Places are exchanged within an event.",
    );
  }
}
