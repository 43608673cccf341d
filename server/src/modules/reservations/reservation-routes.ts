import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type Static, Type } from "typebox";
import { reachOf } from "#modules/organizers/index.ts";
import { callerOf } from "#platform/http/authentication.ts";
import { idempotencyKeyOf } from "#platform/http/idempotency.ts";
import { idParam } from "#platform/http/ids.ts";
import { type Part, pageById } from "#platform/http/pagination.ts";
import { sendReadyText } from "#platform/http/ready-text.ts";
import { problems } from "#platform/http/schemas.ts";
import { besideOf, mayHaveBeside } from "./beside-reservation.ts";
import { changeRoutes } from "./change-routes.ts";
import { listReservations } from "./list-reservations.ts";
import type { Reservation } from "./reservation.ts";
import {
  answer,
  attendeeOf,
  codesFor,
  type ReservationRoutesContext,
  refuseWhenFull,
  wantedLines,
} from "./reservation-requests.ts";
import {
  NewReservation,
  ReservationPage,
  ReservationQuery,
  ReservationView,
} from "./reservation-schemas.ts";
import { reservationView } from "./reservation-view.ts";
import { reserve } from "./reserve.ts";
import { showTo } from "./show-reservation.ts";
import { type Codes, NO_CODES } from "./ticket-codes.ts";

const Params = Type.Object({ id: Type.String() });

/** Reserving and everything that can be done to a reservation. */
export function reservationRoutes(context: ReservationRoutesContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.post(
      "/reservations",
      {
        config: { requires: [] },
        schema: {
          operationId: "reserve",
          tags: ["Reservations"],
          summary: "Hold places, or confirm free ones at once",
          body: NewReservation,
          response: { 201: ReservationView, ...problems(400, 404, 409, 422, 503) },
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
        return answer(context, reply, outcome, { viewer: "holder", status: 201 });
      },
    );
    server.get(
      "/reservations/:id",
      {
        config: { requires: ["reservation:read"] },
        schema: {
          operationId: "readReservation",
          tags: ["Reservations"],
          summary: "A reservation as it stands now",
          params: Params,
          response: { 200: ReservationView, ...problems(400, 401, 403, 404) },
        },
      },
      (request, reply) => readForAsker(context, request, reply),
    );
    server.get(
      "/events/:id/reservations",
      {
        config: { requires: ["reservation:read"] },
        schema: {
          operationId: "listReservations",
          tags: ["Reservations"],
          summary: "The reservations of an event, newest first",
          params: Params,
          querystring: ReservationQuery,
          response: { 200: ReservationPage, ...problems(400, 401, 403, 404) },
        },
      },
      (request) => listForManager(context, request),
    );
    await server.register(changeRoutes(context));
  };
}

async function readForAsker(
  context: ReservationRoutesContext,
  request: FastifyRequest<{ Params: Static<typeof Params> }>,
  reply: FastifyReply,
): Promise<void> {
  const reservationId = idParam("rsv", request.params.id);
  const { reservation, viewer } = await showTo(context, callerOf(request), reservationId);
  if (viewer !== "holder" || mayHaveBeside(reservation)) {
    const beside = await refuseWhenFull(() => besideOf(context, reservation));
    const codes = await codesFor(context, reservation, viewer);
    reply.send(reservationView(context.tokens, reservation, { viewer, codes, beside }));
    return;
  }
  // Holders look again and again: as long as the reservation and its codes are the same, so is its text.
  const codes = await codesFor(context, reservation, viewer);
  let known = textsForHolders.get(reservation);
  if (known?.codes !== codes) {
    const view = reservationView(context.tokens, reservation, { viewer, codes });
    known = { codes, text: reply.serializeInput(view, "200") as string };
    textsForHolders.set(reservation, known);
  }
  sendReadyText(reply, "application/json; charset=utf-8", known.text);
}

const textsForHolders = new WeakMap<
  Reservation,
  { readonly codes: Codes; readonly text: string }
>();

async function listForManager(
  context: ReservationRoutesContext,
  request: FastifyRequest<{
    Params: Static<typeof Params>;
    Querystring: Static<typeof ReservationQuery>;
  }>,
) {
  const eventId = idParam("evt", request.params.id);
  const caller = callerOf(request);
  await context.authorize(caller, eventId);
  const { query } = request;
  const filter = {
    state: query.state ?? null,
    slotId: query.slot === undefined ? null : idParam("slt", query.slot),
    text: query.q ?? null,
  };
  return pageById(query, {
    find: ({ after: before, limit }: Part<"rsv">) =>
      listReservations(context, reachOf(caller), eventId, { ...filter, before, limit }),
    idOf: (reservation) => reservation.reservationId,
    view: (reservation) =>
      reservationView(context.tokens, reservation, { viewer: "manager", codes: NO_CODES }),
  });
}
