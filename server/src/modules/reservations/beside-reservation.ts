import { type Alternative, alternativesTo } from "./alternatives.ts";
import type { AvailabilityView } from "./availability.ts";
import { pendingExchangeOf } from "./pending-exchange.ts";
import type { Reservation } from "./reservation.ts";
import { factsOf, type ReservationsContext } from "./reserve.ts";

/** What is shown with a reservation and stands elsewhere: it changes while the reservation stays as it is. */
export interface Beside {
  /** What it is to be exchanged for, once the difference is paid. */
  readonly pendingExchange: Reservation | null;
  /** What its holder, who paid too late, may choose from; null where nothing is on offer. */
  readonly alternatives: readonly Alternative[] | null;
}

export const NOTHING_BESIDE: Beside = { pendingExchange: null, alternatives: null };

/** Whether there may be anything beside it. Of nearly all reservations there is not. */
export function mayHaveBeside({ exchangeId, offerEndsAt }: Reservation): boolean {
  return exchangeId !== null || offerEndsAt !== null;
}

export async function besideOf(
  context: ReservationsContext & { readonly availability: AvailabilityView },
  reservation: Reservation,
): Promise<Beside> {
  if (!mayHaveBeside(reservation)) return NOTHING_BESIDE;
  return {
    pendingExchange: await pendingExchangeOf(context.reader, reservation),
    alternatives: await alternativesOf(context, reservation),
  };
}

async function alternativesOf(
  context: ReservationsContext & { readonly availability: AvailabilityView },
  { state, offerEndsAt, lines }: Reservation,
): Promise<readonly Alternative[] | null> {
  const now = context.clock.now();
  if (state !== "expired" || offerEndsAt === null || offerEndsAt <= now) return null;
  const facts = await factsOf(context.catalog, lines);
  const availability = await context.availability.of(facts.eventId);
  return alternativesTo(lines, { facts, availability }, now);
}
