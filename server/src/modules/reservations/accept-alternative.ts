import type { Id } from "#platform/id.ts";
import { alternativeIn } from "./alternatives.ts";
import type { AvailabilityView } from "./availability.ts";
import { asAsked, CHANGE_TRIES_MAX, type ChangeInput } from "./change-input.ts";
import { changeRequest } from "./change-request.ts";
import { changingNow, problemOf } from "./refusals.ts";
import { factsOf, type Outcome, outcomeOf, type ReservationsContext } from "./reserve.ts";

/**
 * Paid too late, and other slots are on offer: the same ticket types in that slot, confirmed, for what was paid. Asked
 * again, the same answer.
 *
 * @throws Problem `not_found` for a slot that the event does not have
 */
export async function acceptAlternative(
  context: ReservationsContext & { readonly availability: AvailabilityView },
  input: ChangeInput & { readonly slotId: Id<"slt"> },
): Promise<Outcome> {
  const { catalog, stock } = context;
  for (let attempt = 1; attempt <= CHANGE_TRIES_MAX; attempt++) {
    const current = await context.reader.read(input.reservationId);
    if (current === null) throw problemOf("reservation_not_found");
    const facts = await factsOf(catalog, current.lines);
    const shown = { facts, availability: await context.availability.of(facts.eventId) };
    const wish = { slotId: input.slotId, now: context.clock.now() };
    const priced = alternativeIn(current.lines, shown, wish);
    const asked = { ...asAsked(input, "accept_alternative"), priced };
    // Without prices it is stale at best; but first it is said whether anything is on offer, and whether it is had already.
    const result = await stock.change(changeRequest(asked));
    if (result.status !== "stale") return outcomeOf(context, result, { priced });
    if (priced === null) {
      if (!facts.slots.has(input.slotId)) throw problemOf("no_such_slot");
      const refused = await stock.change(changeRequest({ ...asked, refusal: "sold_out" }));
      return outcomeOf(context, refused);
    }
    catalog.forget(facts.eventId);
  }
  throw changingNow();
}
