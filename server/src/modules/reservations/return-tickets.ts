import type { Id } from "#platform/id.ts";
import { cancelReservation } from "./cancel-reservation.ts";
import { asAsked, CHANGE_TRIES_MAX, type ChangeInput } from "./change-input.ts";
import { type ChangeRequest, changeRequest } from "./change-request.ts";
import { pricedAgain } from "./priced-again.ts";
import { changingNow, problemOf } from "./refusals.ts";
import type { Line, Reservation } from "./reservation.ts";
import { type Outcome, outcomeOf, type ReservationsContext } from "./reserve.ts";

/**
 * Takes some tickets of a confirmed reservation back: they are void, their places are for sale again, and what was paid for them
 * goes back. The others stay as they are, codes included. All of them: the reservation is cancelled.
 */
export async function returnTickets(
  context: ReservationsContext,
  input: ChangeInput & { readonly ticketIds: readonly Id<"tkt">[] },
): Promise<Outcome> {
  const ticketIds = [...new Set(input.ticketIds)];
  for (let attempt = 1; attempt <= CHANGE_TRIES_MAX; attempt++) {
    const reservation = await context.reader.read(input.reservationId);
    if (reservation === null) throw problemOf("reservation_not_found");
    const valid = reservation.tickets.filter(({ state }) => state === "valid");
    const returned = valid.filter(({ ticketId }) => ticketIds.includes(ticketId));
    const hasAll = returned.length === ticketIds.length;
    if (hasAll && returned.length === valid.length && valid.length > 0) {
      return cancelReservation(context, input);
    }
    const what = hasAll ? await whatIsLeft(context, reservation, returned) : NOT_THERE;
    const result = await context.stock.change(
      changeRequest({
        ...asAsked(input, "return_tickets"),
        version: reservation.version,
        ...what,
      }),
    );
    if (result.status !== "stale") return outcomeOf(context, result);
    context.catalog.forget(reservation.eventId);
  }
  throw changingNow();
}

/** Said to the ledger, too: a repeat under a key is then told from a mistake. */
const NOT_THERE = { refusal: "no_such_ticket" } satisfies Partial<ChangeRequest>;

async function whatIsLeft(
  context: ReservationsContext,
  { lines }: Reservation,
  returned: Reservation["tickets"],
): Promise<Partial<ChangeRequest>> {
  const [first] = lines;
  const facts = first === undefined ? null : await context.catalog.factsOfSlot(first.slotId);
  const priced = facts === null ? null : pricedAgain(facts, linesWithout(lines, returned), null);
  return priced === null
    ? { refusal: "event_not_published" }
    : { priced, returnedIds: returned.map(({ ticketId }) => ticketId) };
}

/** What is left of lines. Of one slot and type at two prices the dearer goes first. */
function linesWithout(lines: readonly Line[], returned: Reservation["tickets"]): readonly Line[] {
  const left: (Omit<Line, "quantity"> & { quantity: number })[] = lines.map((line) => ({
    ...line,
  }));
  for (const { slotId, ticketTypeId } of returned) {
    const [dearest] = left
      .filter((one) => one.slotId === slotId && one.ticketTypeId === ticketTypeId)
      .filter(({ quantity }) => quantity > 0)
      .sort((one, other) => other.unitPriceMinor - one.unitPriceMinor);
    if (dearest !== undefined) dearest.quantity--;
  }
  return left.filter(({ quantity }) => quantity > 0);
}
