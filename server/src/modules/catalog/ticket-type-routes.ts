import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import { idParam } from "#platform/http/ids.ts";
import { problems } from "#platform/http/schemas.ts";
import { addTicketType } from "./add-ticket-type.ts";
import {
  answerEdit,
  type CatalogRoutesContext,
  editorOf,
  editorOfPart,
  readerOf,
} from "./catalog-requests.ts";
import { NewTicketType, TicketTypeChange, TicketTypeView } from "./catalog-schemas.ts";
import { ticketTypeView } from "./catalog-views.ts";
import { changeTicketType } from "./change-ticket-type.ts";
import { removeTicketType } from "./remove-ticket-type.ts";
import { NoContent } from "./slot-routes.ts";
import { findEventOfTicketType } from "./ticket-type-store.ts";

const Params = Type.Object({ id: Type.String() });

/** The ticket types of an event. They are read with their event. */
export function ticketTypeRoutes(context: CatalogRoutesContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.post(
      "/events/:id/ticket-types",
      {
        config: { requires: ["event:write"] },
        schema: {
          operationId: "addTicketType",
          tags: ["Ticket types"],
          summary: "Add a ticket type",
          params: Params,
          body: NewTicketType,
          response: { 201: TicketTypeView, ...problems(400, 401, 403, 404, 409, 422) },
        },
      },
      async (request, reply) => {
        const editor = await editorOf(context, request);
        return answerEdit(context, request, reply, {
          status: 201,
          work: async (transaction) => {
            const { body } = request;
            const { event, result } = await addTicketType(context, transaction, editor, body);
            const reader = readerOf(context, request, reply, event);
            return { event, body: ticketTypeView(event, result, reader) };
          },
        });
      },
    );
    await server.register(oneTicketTypeRoutes(context));
  };
}

function oneTicketTypeRoutes(context: CatalogRoutesContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.patch(
      "/ticket-types/:id",
      {
        config: { requires: ["event:write"] },
        schema: {
          operationId: "changeTicketType",
          tags: ["Ticket types"],
          summary: "Change a ticket type",
          params: Params,
          body: TicketTypeChange,
          response: { 200: TicketTypeView, ...problems(400, 401, 403, 404, 409, 422) },
        },
      },
      async (request, reply) => {
        const ticketTypeId = idParam("tty", request.params.id);
        const editor = await editorOfPart(context, request, () =>
          findEventOfTicketType(context.database, ticketTypeId),
        );
        return answerEdit(context, request, reply, {
          status: 200,
          work: async (transaction) => {
            const { event, result } = await changeTicketType(
              context,
              transaction,
              { ...editor, ticketTypeId },
              request.body,
            );
            const reader = readerOf(context, request, reply, event);
            return { event, body: ticketTypeView(event, result, reader) };
          },
        });
      },
    );
    server.delete(
      "/ticket-types/:id",
      {
        config: { requires: ["event:write"] },
        schema: {
          operationId: "removeTicketType",
          tags: ["Ticket types"],
          summary: "Take a ticket type off sale",
          params: Params,
          response: { 204: NoContent, ...problems(400, 401, 403, 404, 409) },
        },
      },
      async (request, reply) => {
        const ticketTypeId = idParam("tty", request.params.id);
        const editor = await editorOfPart(context, request, () =>
          findEventOfTicketType(context.database, ticketTypeId),
        );
        return answerEdit(context, request, reply, {
          status: 204,
          work: async (transaction) => {
            const { event } = await removeTicketType(context, transaction, {
              ...editor,
              ticketTypeId,
            });
            return { event, body: null };
          },
        });
      },
    );
  };
}
