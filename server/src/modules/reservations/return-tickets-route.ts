import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import { idParam } from "#platform/http/ids.ts";
import { component, idSchema, problems } from "#platform/http/schemas.ts";
import {
  answerChanged,
  changeInput,
  noSuchReservation,
  perform,
  type ReservationRoutesContext,
} from "./reservation-requests.ts";
import { ReservationView } from "./reservation-schemas.ts";
import { returnTickets } from "./return-tickets.ts";

const Params = Type.Object({ id: Type.String() });

const ReturnedTickets = component(
  "ReturnedTickets",
  Type.Object(
    { tickets: Type.Array(idSchema("tkt"), { minItems: 1, maxItems: 1_000 }) },
    { additionalProperties: false },
  ),
);

/** Refunds by ticket. For managers: holders exchange or cancel, and pay what that costs. */
export function returnTicketsRoute(context: ReservationRoutesContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.post(
      "/reservations/:id/return-tickets",
      {
        config: { requires: ["reservation:write"] },
        schema: {
          operationId: "returnTickets",
          tags: ["Reservations"],
          summary:
            "Take some of its tickets back and give back what was paid for them; the others stay as they are",
          params: Params,
          body: ReturnedTickets,
          response: { 200: ReservationView, ...problems(400, 401, 403, 404, 409, 410, 422, 503) },
        },
      },
      async (request, reply) => {
        const input = await changeInput(context, request);
        if (input.asker.as === "holder") throw noSuchReservation();
        const ticketIds = request.body.tickets.map((id) => idParam("tkt", id));
        const outcome = await perform(context, request, input, () =>
          returnTickets(context, { ...input, ticketIds }),
        );
        return answerChanged(context, reply, outcome, { viewer: "manager", status: 200 });
      },
    );
  };
}
