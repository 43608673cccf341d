import type { FastifyReply, FastifyRequest } from "fastify";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { type Static, Type } from "typebox";
import { type Principal, principalOf } from "#platform/http/authentication.ts";
import { idempotencyKeyOf } from "#platform/http/idempotency.ts";
import { readCursor, writeCursor } from "#platform/http/pagination.ts";
import { notAuthenticated, notFound, overloaded, Problem } from "#platform/http/problem.ts";
import { idParam, problems } from "#platform/http/schemas.ts";
import type { Id } from "#platform/id.ts";
import type { CapabilityTokens } from "#platform/tokens/capability.ts";
import { QueueFull } from "#platform/batching/batcher.ts";
import {
  amendReservation,
  type Asker,
  cancelReservation,
  type ChangeInput,
  confirmReservation,
  exchangeReservation,
  extendReservation,
  releaseReservation,
  transferReservation,
} from "./change-reservation.ts";
import { listReservations } from "./list-reservations.ts";
import type { WantedLine } from "./price-lines.ts";
import * as refusals from "./refusals.ts";
import type { Attendee } from "./reservation.ts";
import {
  type AttendeeBody,
  Extension,
  type LinesInput,
  NewReservation,
  ReservationChange,
  ReservationPage,
  ReservationQuery,
  ReservationView,
  TransferInput,
} from "./reservation-schemas.ts";
import { reservationView } from "./reservation-view.ts";
import { type Outcome, reserve, type ReservationsContext } from "./reserve.ts";
import type { Database } from "#platform/database/database.ts";

const Params = Type.Object({ id: Type.String() });
const STATE_PROBLEMS = [
  refusals.reservationReleased,
  refusals.reservationCancelled,
  refusals.reservationExpired,
  overloaded,
];
const SALE_PROBLEMS = [
  refusals.soldOut,
  refusals.eventNotPublished,
  refusals.slotStarted,
  refusals.salesNotOpen,
  refusals.salesClosed,
  refusals.limitExceeded,
  refusals.ticketTypeNeeded,
  refusals.paymentRequired,
];

export interface ReservationRoutesContext extends ReservationsContext {
  readonly database: Database;
  readonly tokens: CapabilityTokens;
  /** Refuses who may not manage the event: 401 or 404. */
  authorizeManager(principal: Principal, eventId: Id<"evt">): Promise<void>;
  /** How long the reservation's event holds by default. */
  holdSecondsOf(reservationId: Id<"rsv">): Promise<number>;
}

/** Reserving and everything that can be done to a reservation. */
export function reservationRoutes(context: ReservationRoutesContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.post(
      "/reservations",
      {
        config: { access: "public" },
        schema: {
          operationId: "reserve",
          tags: ["Reservations"],
          summary: "Hold places, or confirm free ones at once",
          body: NewReservation,
          response: { 201: ReservationView, ...problems(notFound, ...SALE_PROBLEMS, overloaded) },
        },
      },
      async (request, reply) => {
        const { body } = request;
        const outcome = await refuseWhenFull(() =>
          reserve(context, {
            lines: wantedLines(body.lines),
            attendee: attendeeOf(body.attendee),
            language: body.language ?? null,
            confirm: body.confirm ?? false,
            holdSeconds: body.hold_seconds ?? null,
            requestKey: idempotencyKeyOf(request),
          }),
        );
        return answer(context, reply, outcome, "holder", 201);
      },
    );
    server.get(
      "/reservations/:id",
      {
        config: { access: "reservation" },
        schema: {
          operationId: "readReservation",
          tags: ["Reservations"],
          summary: "A reservation as it stands now",
          params: Params,
          response: { 200: ReservationView, ...problems(notAuthenticated, notFound) },
        },
      },
      (request) => readForAsker(context, request),
    );
    server.get(
      "/events/:id/reservations",
      {
        config: { access: "event" },
        schema: {
          operationId: "listReservations",
          tags: ["Reservations"],
          summary: "The reservations of an event, newest first",
          params: Params,
          querystring: ReservationQuery,
          response: { 200: ReservationPage, ...problems(notAuthenticated, notFound) },
        },
      },
      (request) => listForManager(context, request),
    );
    await server.register(changeRoutes(context));
  };
}

/** One POST per thing that can be asked of a reservation, and PATCH for what it is made of. */
function changeRoutes(context: ReservationRoutesContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    const simple = [
      ["confirm", confirmReservation, [refusals.paymentRequired], "Confirm it; free ones, or paid ones"],
      ["release", releaseReservation, [refusals.reservationConfirmed], "Give a hold back"],
      ["cancel", cancelReservation, [refusals.reservationNotConfirmed], "Cancel what is confirmed"],
    ] as const;
    for (const [action, operation, own, summary] of simple) {
      server.post(
        `/reservations/:id/${action}`,
        {
          config: { access: "reservation" },
          schema: {
            operationId: `${action}Reservation`,
            tags: ["Reservations"],
            summary,
            params: Params,
            response: { 200: ReservationView, ...problems(notAuthenticated, notFound, ...STATE_PROBLEMS, ...own) },
          },
        },
        async (request, reply) => {
          const input = await changeInput(context, request);
          return answer(context, reply, await refuseWhenFull(() => operation(context, input)), input.asker.as, 200);
        },
      );
    }
    server.post(
      "/reservations/:id/extend",
      {
        config: { access: "reservation" },
        schema: {
          operationId: "extendReservation",
          tags: ["Reservations"],
          summary: "Hold it longer, up to the longest life of a hold",
          params: Params,
          body: Type.Optional(Extension),
          response: {
            200: ReservationView,
            ...problems(notAuthenticated, notFound, ...STATE_PROBLEMS, refusals.holdLifeExhausted, refusals.reservationConfirmed),
          },
        },
      },
      async (request, reply) => {
        const input = await changeInput(context, request);
        const holdSeconds = request.body?.hold_seconds ?? (await context.holdSecondsOf(input.reservationId));
        const outcome = await refuseWhenFull(() => extendReservation(context, { ...input, holdSeconds }));
        return answer(context, reply, outcome, input.asker.as, 200);
      },
    );
    server.post(
      "/reservations/:id/transfer",
      {
        config: { access: "reservation" },
        schema: {
          operationId: "transferReservation",
          tags: ["Reservations"],
          summary: "Give it to somebody else: every token and code from before stops working",
          params: Params,
          body: TransferInput,
          response: { 200: ReservationView, ...problems(notAuthenticated, notFound, ...STATE_PROBLEMS) },
        },
      },
      async (request, reply) => {
        const input = await changeInput(context, request);
        const attendee = attendeeOf(request.body.attendee);
        const language = request.body.language ?? null;
        const outcome = await refuseWhenFull(() => transferReservation(context, { ...input, attendee, language }));
        return answer(context, reply, outcome, "holder", 200);
      },
    );
    server.patch(
      "/reservations/:id",
      {
        config: { access: "reservation" },
        schema: {
          operationId: "changeReservation",
          tags: ["Reservations"],
          summary: "Other slots, ticket types, quantities or attendee; all or nothing",
          params: Params,
          body: ReservationChange,
          response: {
            200: ReservationView,
            ...problems(notAuthenticated, notFound, ...STATE_PROBLEMS, ...SALE_PROBLEMS),
          },
        },
      },
      async (request, reply) => {
        const input = await changeInput(context, request);
        const { body } = request;
        const attendee = body.attendee === undefined ? null : attendeeOf(body.attendee);
        const language = body.language ?? null;
        const { lines } = body;
        const outcome = await refuseWhenFull(() =>
          lines === undefined
            ? amendReservation(context, { ...input, attendee, language })
            : exchangeReservation(context, { ...input, lines: wantedLines(lines), attendee, language }),
        );
        return answer(context, reply, outcome, input.asker.as, 200);
      },
    );
  };
}

/** A full queue is refused at once: nothing was done, come again. */
async function refuseWhenFull<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof QueueFull)) throw error;
    throw new Problem(overloaded, "More requests wait than can be served soon. Ask again in a second.", {}, 1);
  }
}

/** Whose request it is: the reservation's own holder, or a manager of its event. */
async function changeInput(
  context: ReservationRoutesContext,
  request: FastifyRequest<{ Params: Static<typeof Params> }>,
): Promise<ChangeInput> {
  const reservationId = idParam("rsv", request.params.id);
  const asker = await askerOf(context, principalOf(request), reservationId);
  return { reservationId, asker, requestKey: idempotencyKeyOf(request) };
}

async function askerOf(
  context: ReservationRoutesContext,
  principal: Principal,
  reservationId: Id<"rsv">,
): Promise<Asker> {
  if (principal.kind === "anonymous") {
    throw new Problem(notAuthenticated, "Send the reservation's token, or the event's: Authorization: Bearer …");
  }
  if (principal.kind === "reservation") {
    if (principal.reservationId !== reservationId || principal.may !== "manage") throw noSuchReservation();
    return { as: "holder", generation: principal.generation };
  }
  await context.authorizeManager(principal, principal.eventId);
  return { as: "manager", eventId: principal.eventId };
}

async function readForAsker(
  context: ReservationRoutesContext,
  request: FastifyRequest<{ Params: Static<typeof Params> }>,
) {
  const reservationId = idParam("rsv", request.params.id);
  const principal = principalOf(request);
  const viewing = principal.kind === "reservation" ? ({ ...principal, may: "manage" } as const) : principal;
  const asker = await askerOf(context, viewing, reservationId);
  const reservation = await refuseWhenFull(() => context.reader.read(reservationId));
  if (reservation === null) throw noSuchReservation();
  if (asker.as === "manager" && asker.eventId !== reservation.eventId) throw noSuchReservation();
  if (asker.as === "holder" && asker.generation !== reservation.generation) {
    throw refusals.problemOf("token_revoked");
  }
  const mayManage = principal.kind === "reservation" && principal.may === "manage";
  return reservationView(context.tokens, reservation, mayManage ? "holder" : "manager");
}

async function listForManager(
  context: ReservationRoutesContext,
  request: FastifyRequest<{ Params: Static<typeof Params>; Querystring: Static<typeof ReservationQuery> }>,
) {
  const eventId = idParam("evt", request.params.id);
  await context.authorizeManager(principalOf(request), eventId);
  const { query } = request;
  const limit = query.limit ?? 25;
  const before = readCursor(query.cursor, Type.Object({ before: Type.String({ format: "uuid" }) }));
  const found = await listReservations(context, eventId, {
    state: query.state ?? null,
    slotId: query.slot === undefined ? null : idParam("slt", query.slot),
    text: query.q ?? null,
    before: (before?.before ?? null) as Id<"rsv"> | null,
    limit: limit + 1,
  });
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  return {
    data: shown.map((reservation) => reservationView(context.tokens, reservation, "manager")),
    next_cursor: found.length > limit && last !== undefined ? writeCursor({ before: last.reservationId }) : null,
  };
}

function answer(
  context: ReservationRoutesContext,
  reply: FastifyReply,
  outcome: Outcome,
  viewer: "holder" | "manager",
  status: 200 | 201,
) {
  if (outcome.replayed) reply.header("idempotent-replayed", "true");
  if ("problem" in outcome) throw outcome.problem;
  reply.code(status);
  return reservationView(context.tokens, outcome.reservation, viewer);
}

function wantedLines(lines: LinesInput): WantedLine[] {
  return lines.map((line) => ({
    slotId: idParam("slt", line.slot_id),
    ticketTypeId: line.ticket_type_id === undefined ? null : idParam("tty", line.ticket_type_id),
    quantity: line.quantity,
  }));
}

function attendeeOf(body: AttendeeBody | undefined): Attendee {
  return { name: body?.name ?? null, email: body?.email ?? null, phone: body?.phone ?? null };
}

function noSuchReservation(): Problem {
  return refusals.problemOf("reservation_not_found");
}
