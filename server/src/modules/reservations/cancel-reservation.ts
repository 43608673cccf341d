import { asAsked, CHANGE_TRIES_MAX, type ChangeInput } from "./change-input.ts";
import { changeRequest } from "./change-request.ts";
import { keptOnCancel } from "./kept-on-cancel.ts";
import { paymentAgainst, releaseCompanion } from "./pending-exchange.ts";
import { changingNow } from "./refusals.ts";
import { type Reservation, totalOf } from "./reservation.ts";
import { type Outcome, outcomeOf, type ReservationsContext } from "./reserve.ts";

/**
 * Confirmed: cancelled, its tickets void, the places for sale again. Asked again, the same answer.
 *
 * Of what its holder cancels the organizer keeps what the event's rule says; of what a manager cancels, nothing.
 */
export async function cancelReservation(
  context: ReservationsContext,
  input: ChangeInput,
): Promise<Outcome> {
  const { stock, reader } = context;
  for (let attempt = 1; attempt <= CHANGE_TRIES_MAX; attempt++) {
    const read = await reader.read(input.reservationId);
    const current = read?.state === "confirmed" ? read : null;
    const result = await stock.change(
      changeRequest({
        ...asAsked(input, "cancel"),
        // What is kept was reckoned from its lines as they were read: of others it may be more, or less.
        version: read?.version ?? null,
        refusal: await paymentAgainst(reader, input, current),
        keptMinor: current === null ? null : await keptOf(context, input, current),
      }),
    );
    if (result.status === "stale") continue;
    if (result.status === "done" && current?.exchangeId != null) {
      await releaseCompanion(stock, current.exchangeId, input.asker.as);
    }
    return outcomeOf(context, result);
  }
  throw changingNow();
}

/** What is free needs no rule, and so no look at its event. */
async function keptOf(
  { catalog, clock }: ReservationsContext,
  { asker }: ChangeInput,
  { lines, currency }: Reservation,
): Promise<number> {
  const [first] = lines;
  if (asker.as === "manager" || first === undefined) return 0;
  if (totalOf(lines, currency).amountMinor === 0) return 0;
  const facts = await catalog.factsOfSlot(first.slotId);
  return facts === null ? 0 : keptOnCancel(facts, lines, clock.now());
}
