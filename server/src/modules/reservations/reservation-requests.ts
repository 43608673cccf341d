import type { FastifyReply, FastifyRequest } from "fastify";
import type { EventFacts } from "#modules/catalog/index.ts";
import type { Audit } from "#modules/organizers/index.ts";
import { QueueFull } from "#platform/batching/batcher.ts";
import type { Database } from "#platform/database/database.ts";
import type { Permission } from "#platform/http/access.ts";
import { type Caller, callerOf, credentialsNeeded } from "#platform/http/authentication.ts";
import { idempotencyKeyOf } from "#platform/http/idempotency.ts";
import { idParam } from "#platform/http/ids.ts";
import { overloaded, Problem } from "#platform/http/problem.ts";
import type { Id } from "#platform/id.ts";
import type { CapabilityTokens } from "#platform/tokens/capability.ts";
import type { AvailabilityView } from "./availability.ts";
import { type Beside, besideOf, NOTHING_BESIDE } from "./beside-reservation.ts";
import type { Asker, ChangeInput } from "./change-input.ts";
import type { WantedLine } from "./price-lines.ts";
import { problemOf } from "./refusals.ts";
import type { Attendee, Reservation } from "./reservation.ts";
import type { AttendeeBody, LinesInput } from "./reservation-schemas.ts";
import { reservationView, type Viewer } from "./reservation-view.ts";
import type { Outcome, ReservationsContext } from "./reserve.ts";
import { type Codes, hasCodes, NO_CODES, type TicketCodes } from "./ticket-codes.ts";

// What every route of a reservation needs: who asks, what they ask for, and how they are answered.

export interface ReservationRoutesContext extends ReservationsContext {
  readonly database: Database;
  readonly tokens: CapabilityTokens;
  readonly audit: Audit;
  readonly availability: AvailabilityView;
  readonly ticketCodes: TicketCodes;
  /** The event, if the caller may do to it what their route needs; else refuses. */
  authorize(caller: Caller, eventId: Id<"evt">): Promise<EventFacts>;
  /** How long the reservation's event holds by default. */
  holdSecondsOf(reservationId: Id<"rsv">): Promise<number>;
}

/** A full queue is refused at once: nothing was done, come again. */
export async function refuseWhenFull<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof QueueFull)) throw error;
    throw new Problem(
      overloaded,
      "More requests wait than can be served soon. Ask again in a second.",
      {},
      1,
    );
  }
}

/** Whose request it is: the reservation's own holder, or a manager of its event. */
export async function changeInput(
  context: ReservationRoutesContext,
  request: FastifyRequest<{ Params: { id: string } }>,
): Promise<ChangeInput> {
  const reservationId = idParam("rsv", request.params.id);
  const asker = await askerOf(context, callerOf(request), reservationId);
  return { reservationId, asker, requestKey: idempotencyKeyOf(request) };
}

/**
 * Asks for a change. What a manager does to somebody's reservation is noted before it is done, and
 * with how it ended; what holders do to their own stands in the ledger.
 */
export function perform(
  context: ReservationRoutesContext,
  request: FastifyRequest<{ Params: { id: string } }>,
  { asker }: ChangeInput,
  work: () => Promise<Outcome>,
): Promise<Outcome> {
  if (asker.as === "holder") return refuseWhenFull(work);
  const { operationId } = request.routeOptions.schema as { operationId: string };
  const { organizerId, eventId } = asker;
  const { principal } = callerOf(request);
  const act = { principal, organizerId, eventId, action: operationId, subject: request.params.id };
  return context.audit.around(
    act,
    () => refuseWhenFull(work),
    (outcome) => (outcome.replayed ? "repeated" : "problem" in outcome ? "refused" : "done"),
  );
}

export async function askerOf(
  context: ReservationRoutesContext,
  caller: Caller,
  reservationId: Id<"rsv">,
): Promise<Asker> {
  const { principal } = caller;
  if (principal.kind === "anonymous") throw credentialsNeeded();
  if (principal.kind === "reservation") {
    const isOpen = principal.may === "manage" || caller.needs.every((need) => need === VIEWING);
    if (principal.reservationId !== reservationId || !isOpen) throw noSuchReservation();
    return { as: "holder", generation: principal.generation };
  }
  const reservation = await refuseWhenFull(() => context.reader.read(reservationId));
  // What holds places for an exchange is reached through the reservation it is for.
  if (reservation === null || reservation.exchangeOf !== null) throw noSuchReservation();
  const { eventId, organizerId } = await context.authorize(caller, reservation.eventId);
  return { as: "manager", eventId, organizerId };
}

const VIEWING: Permission = "reservation:read";

/** What an answer says beside the reservation itself. */
interface Answering {
  readonly viewer: Viewer;
  readonly status: 200 | 201 | 202;
  readonly beside?: Beside;
}

/** Answers with the reservation, or throws the problem; says when it is an earlier answer again. */
export async function answer(
  context: ReservationRoutesContext,
  reply: FastifyReply,
  outcome: Outcome,
  { viewer, status, beside = NOTHING_BESIDE }: Answering,
) {
  if (outcome.replayed) reply.header("idempotent-replayed", "true");
  if ("problem" in outcome) throw outcome.problem;
  reply.code(status);
  const { reservation } = outcome;
  const codes = await codesFor(context, reservation, viewer);
  return reservationView(context.tokens, reservation, { viewer, codes, beside });
}

/** The codes of a reservation's tickets, where the viewer may have them. */
export function codesFor(
  { ticketCodes }: Pick<ReservationRoutesContext, "ticketCodes">,
  reservation: Reservation,
  viewer: Viewer,
): Codes | Promise<Codes> {
  return viewer === "holder" && hasCodes(reservation) ? ticketCodes.codesOf(reservation) : NO_CODES;
}

/** The same for a reservation that existed before: with what waits beside it. */
export async function answerChanged(
  context: ReservationRoutesContext,
  reply: FastifyReply,
  outcome: Outcome,
  { viewer, status }: Omit<Answering, "beside">,
) {
  const beside =
    "reservation" in outcome
      ? await refuseWhenFull(() => besideOf(context, outcome.reservation))
      : NOTHING_BESIDE;
  return answer(context, reply, outcome, { viewer, status, beside });
}

export function wantedLines(lines: LinesInput): WantedLine[] {
  return lines.map((line) => ({
    slotId: idParam("slt", line.slot_id),
    ticketTypeId: line.ticket_type_id === undefined ? null : idParam("tty", line.ticket_type_id),
    quantity: line.quantity,
  }));
}

export function attendeeOf(body: AttendeeBody | undefined): Attendee {
  return { name: body?.name ?? null, email: body?.email ?? null, phone: body?.phone ?? null };
}

export function noSuchReservation(): Problem {
  return problemOf("reservation_not_found");
}
