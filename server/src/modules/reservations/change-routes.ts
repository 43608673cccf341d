import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import { idParam } from "#platform/http/ids.ts";
import { problems } from "#platform/http/schemas.ts";
import { acceptAlternative } from "./accept-alternative.ts";
import { cancelReservation } from "./cancel-reservation.ts";
import {
  amendReservation,
  confirmReservation,
  extendReservation,
  releaseReservation,
  transferReservation,
} from "./change-reservation.ts";
import { exchangeReservation, isOnlyPrepared } from "./exchange-reservation.ts";
import {
  answerChanged,
  attendeeOf,
  changeInput,
  perform,
  type ReservationRoutesContext,
  wantedLines,
} from "./reservation-requests.ts";
import {
  AlternativeInput,
  Extension,
  ReservationChange,
  ReservationView,
  TransferInput,
} from "./reservation-schemas.ts";

const Params = Type.Object({ id: Type.String() });

/** One POST per thing that can be asked of a reservation, and PATCH for what it is made of. */
export function changeRoutes(context: ReservationRoutesContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    await server.register(endingRoutes(context));
    await server.register(extendRoute(context));
    await server.register(transferRoute(context));
    await server.register(patchRoute(context));
    await server.register(alternativeRoute(context));
  };
}

/** Confirm, release, cancel: no body, and asked again the same answer. */
function endingRoutes(context: ReservationRoutesContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    const simple = [
      ["confirm", confirmReservation, "Confirm it: what is free, or is paid for"],
      ["release", releaseReservation, "Give a hold back"],
      ["cancel", cancelReservation, "Cancel what is confirmed, by its event's rule"],
    ] as const;
    for (const [action, operation, summary] of simple) {
      server.post(
        `/reservations/:id/${action}`,
        {
          config: { requires: ["reservation:write"] },
          schema: {
            operationId: `${action}Reservation`,
            tags: ["Reservations"],
            summary,
            params: Params,
            response: { 200: ReservationView, ...problems(400, 401, 403, 404, 409, 410, 503) },
          },
        },
        async (request, reply) => {
          const input = await changeInput(context, request);
          const outcome = await perform(context, request, input, () => operation(context, input));
          return answerChanged(context, reply, outcome, { viewer: input.asker.as, status: 200 });
        },
      );
    }
  };
}

function extendRoute(context: ReservationRoutesContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.post(
      "/reservations/:id/extend",
      {
        config: { requires: ["reservation:write"] },
        schema: {
          operationId: "extendReservation",
          tags: ["Reservations"],
          summary: "Hold it longer, up to the longest life of a hold",
          params: Params,
          body: Type.Optional(Extension),
          response: {
            200: ReservationView,
            ...problems(400, 401, 403, 404, 409, 410, 422, 503),
          },
        },
      },
      async (request, reply) => {
        const input = await changeInput(context, request);
        const holdSeconds =
          request.body?.hold_seconds ?? (await context.holdSecondsOf(input.reservationId));
        const outcome = await perform(context, request, input, () =>
          extendReservation(context, { ...input, holdSeconds }),
        );
        return answerChanged(context, reply, outcome, { viewer: input.asker.as, status: 200 });
      },
    );
  };
}

function transferRoute(context: ReservationRoutesContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.post(
      "/reservations/:id/transfer",
      {
        config: { requires: ["reservation:write"] },
        schema: {
          operationId: "transferReservation",
          tags: ["Reservations"],
          summary: "Give it to somebody else: every token and code from before stops working",
          params: Params,
          body: TransferInput,
          response: { 200: ReservationView, ...problems(400, 401, 403, 404, 409, 410, 422, 503) },
        },
      },
      async (request, reply) => {
        const input = await changeInput(context, request);
        const attendee = attendeeOf(request.body.attendee);
        const language = request.body.language ?? null;
        const outcome = await perform(context, request, input, () =>
          transferReservation(context, { ...input, attendee, language }),
        );
        return answerChanged(context, reply, outcome, { viewer: "holder", status: 200 });
      },
    );
  };
}

function patchRoute(context: ReservationRoutesContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.patch(
      "/reservations/:id",
      {
        config: { requires: ["reservation:write"] },
        schema: {
          operationId: "changeReservation",
          tags: ["Reservations"],
          summary: "Other slots, ticket types, quantities or attendee; all or nothing",
          description:
            "What is confirmed and becomes cheaper, or costs the same, is exchanged at once. What becomes dearer is answered with 202: it stays as it is, `pending_exchange` says what is to be paid, and until then the places that it lacks are held.",
          params: Params,
          body: ReservationChange,
          response: {
            200: ReservationView,
            202: ReservationView,
            ...problems(400, 401, 403, 404, 409, 410, 422, 503),
          },
        },
      },
      async (request, reply) => {
        const input = await changeInput(context, request);
        const { body } = request;
        const attendee = body.attendee === undefined ? null : attendeeOf(body.attendee);
        const language = body.language ?? null;
        const { lines } = body;
        const outcome = await perform(context, request, input, () =>
          lines === undefined
            ? amendReservation(context, { ...input, attendee, language })
            : exchangeReservation(context, {
                ...input,
                lines: wantedLines(lines),
                attendee,
                language,
              }),
        );
        const waits =
          lines !== undefined && "reservation" in outcome && isOnlyPrepared(outcome.reservation);
        const status = waits ? 202 : 200;
        return answerChanged(context, reply, outcome, { viewer: input.asker.as, status });
      },
    );
  };
}

function alternativeRoute(context: ReservationRoutesContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.post(
      "/reservations/:id/alternative",
      {
        config: { requires: ["reservation:write"] },
        schema: {
          operationId: "acceptAlternative",
          tags: ["Reservations"],
          summary: "Paid too late: take the same tickets in another slot",
          params: Params,
          body: AlternativeInput,
          response: {
            200: ReservationView,
            ...problems(400, 401, 403, 404, 409, 410, 422, 503),
          },
        },
      },
      async (request, reply) => {
        const input = await changeInput(context, request);
        const slotId = idParam("slt", request.body.slot_id);
        const outcome = await perform(context, request, input, () =>
          acceptAlternative(context, { ...input, slotId }),
        );
        return answerChanged(context, reply, outcome, { viewer: input.asker.as, status: 200 });
      },
    );
  };
}
