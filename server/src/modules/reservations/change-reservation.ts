import { notFound, overloaded, Problem } from "#platform/http/problem.ts";
import type { Id } from "#platform/id.ts";
import { type ChangeReason, changeRequest, type RequestKey } from "./change-request.ts";
import { priceLines, type WantedLine } from "./price-lines.ts";
import { isKept, problemOf } from "./refusals.ts";
import type { Attendee, ReservationAction } from "./reservation.ts";
import { factsOf, type Outcome, outcomeOf, type ReservationsContext } from "./reserve.ts";

/** Who asks for a change: the holder of the reservation's token, or a manager of its event. */
export type Asker =
  | { readonly as: "holder"; readonly generation: number }
  | {
      readonly as: "manager";
      readonly eventId: Id<"evt">;
      readonly organizerId: Id<"org"> | null;
    };

export interface ChangeInput {
  readonly reservationId: Id<"rsv">;
  readonly asker: Asker;
  readonly requestKey: RequestKey | null;
}

function common(input: ChangeInput, action: ReservationAction) {
  const reason: ChangeReason = input.asker.as;
  return {
    action,
    reason,
    reservationId: input.reservationId,
    eventId: input.asker.as === "manager" ? input.asker.eventId : null,
    generation: input.asker.as === "holder" ? input.asker.generation : null,
    requestKey: input.requestKey,
  } as const;
}

/** Held and free: confirmed, its tickets issued. Asked again, the same answer. */
export async function confirmReservation(
  context: ReservationsContext,
  input: ChangeInput,
): Promise<Outcome> {
  return outcomeOf(context, await context.stock.change(changeRequest(common(input, "confirm"))));
}

/** Held: a later end, `holdSeconds` from now, never past the hold's longest life and never earlier than before. */
export async function extendReservation(
  context: ReservationsContext,
  input: ChangeInput & { readonly holdSeconds: number },
): Promise<Outcome> {
  return outcomeOf(
    context,
    await context.stock.change(
      changeRequest({ ...common(input, "extend"), holdSeconds: input.holdSeconds }),
    ),
  );
}

/** Held: the places are for sale again. Asked again, the same answer. */
export async function releaseReservation(
  context: ReservationsContext,
  input: ChangeInput,
): Promise<Outcome> {
  return outcomeOf(context, await context.stock.change(changeRequest(common(input, "release"))));
}

/** Confirmed: cancelled, its tickets void, the places for sale again. Asked again, the same answer. */
export async function cancelReservation(
  context: ReservationsContext,
  input: ChangeInput,
): Promise<Outcome> {
  return outcomeOf(context, await context.stock.change(changeRequest(common(input, "cancel"))));
}

/** A new holder: every token and ticket code from before stops working. */
export async function transferReservation(
  context: ReservationsContext,
  input: ChangeInput & { readonly attendee: Attendee; readonly language: string | null },
): Promise<Outcome> {
  const { attendee, language } = input;
  const result = await context.stock.change(
    changeRequest({ ...common(input, "transfer"), attendee, language }),
  );
  return withAttendee(await outcomeOf(context, result), attendee);
}

/** Another attendee's data; places and tokens stay. */
export async function amendReservation(
  context: ReservationsContext,
  input: ChangeInput & { readonly attendee: Attendee | null; readonly language: string | null },
): Promise<Outcome> {
  const { attendee, language } = input;
  const result = await context.stock.change(
    changeRequest({ ...common(input, "amend"), attendee, language }),
  );
  return withAttendee(await outcomeOf(context, result), attendee);
}

/** How often prices are read again when the catalogue changes under a request. */
const PRICINGS_MAX = 5;

/**
 * Other slots, ticket types and quantities in one step: the old places are given back only if the
 * new ones are had. `lines` is the whole new set. Tickets are issued anew.
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
  for (let attempt = 1; attempt <= PRICINGS_MAX; attempt++) {
    const facts = await factsOf(context.catalog, input.lines);
    const pricing = priceLines(facts, input.lines, context.clock.now());
    const found = "priced" in pricing ? null : pricing;
    const isForeign = input.asker.as === "manager" && input.asker.eventId !== facts.eventId;
    if (isForeign || found !== null) await mustBeOfEvent(context, input, facts.eventId);
    if (found !== null && (input.requestKey === null || !isKept(found.refusal))) {
      return { replayed: false, problem: problemOf(found.refusal, found.reasons) };
    }
    const priced = "priced" in pricing ? pricing.priced : null;
    const result = await context.stock.change(
      changeRequest({
        ...common(input, "exchange"),
        eventId: facts.eventId,
        refusal: found?.refusal ?? null,
        priced,
        attendee: input.attendee,
        language: input.language,
      }),
    );
    if (result.status === "stale") {
      context.catalog.forget(facts.eventId);
      continue;
    }
    if (result.status === "reservation_not_found") {
      await mustBeOfEvent(context, input, facts.eventId);
    }
    return withAttendee(
      await outcomeOf(context, result, { priced, reasons: found?.reasons }),
      input.attendee,
    );
  }
  throw new Problem(
    overloaded,
    "The event is being changed at this moment. Ask again in a second.",
    {},
    1,
  );
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

/** The answer to a request that names an attendee names that one, also when it is repeated later. */
function withAttendee(outcome: Outcome, attendee: Attendee | null): Outcome {
  if (attendee === null || !("reservation" in outcome)) return outcome;
  return { ...outcome, reservation: { ...outcome.reservation, attendee } };
}
