import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type Static, Type } from "typebox";
import { principalOf } from "#platform/http/authentication.ts";
import { idParam } from "#platform/http/ids.ts";
import { PageQuery, readCursor, writeCursor } from "#platform/http/pagination.ts";
import { problems } from "#platform/http/schemas.ts";
import { addSlots } from "./add-slots.ts";
import {
  answerEdit,
  availabilityBefore,
  type CatalogRoutesContext,
  editorOf,
  editorOfPart,
  NOTHING_TAKEN,
  readerOf,
} from "./catalog-requests.ts";
import {
  AddedSlotsView,
  NewRecurrence,
  NewSlot,
  NewSlots,
  SlotChange,
  SlotPage,
  SlotView,
} from "./catalog-schemas.ts";
import { slotView } from "./catalog-views.ts";
import { changeSlot } from "./change-slot.ts";
import { SLOTS_PER_EVENT_MAX } from "./event.ts";
import { removeSlot } from "./remove-slot.ts";
import { findEventOfSlot, listSlots } from "./slot-store.ts";
import { Position, readBounds } from "./time-bounds.ts";

/** Ten thousand slots, each with a note, fit. */
const SLOTS_BODY_BYTES_MAX = 4 * 1024 * 1024;

const Params = Type.Object({ id: Type.String() });
const Listing = Type.Object({
  ...PageQuery,
  from: Type.Optional(
    Type.String({ maxLength: 40, description: "Starting from this time or day on." }),
  ),
  to: Type.Optional(Type.String({ maxLength: 40, description: "Starting before this." })),
});

const AnySlots = Type.Union([
  NewSlot,
  NewSlots,
  NewRecurrence,
  Type.Array(NewSlot, { minItems: 1, maxItems: SLOTS_PER_EVENT_MAX }),
]);

export const NoContent = Type.Null({ description: "Done." });

/** The slots of an event. */
export function slotRoutes(context: CatalogRoutesContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.get(
      "/events/:id/slots",
      {
        config: { requires: [], identifies: true },
        schema: {
          operationId: "listSlots",
          tags: ["Slots"],
          summary: "The slots of an event by time",
          params: Params,
          querystring: Listing,
          response: { 200: SlotPage, ...problems(400, 401, 403, 404, 422) },
        },
      },
      (request, reply) => list(context, request, reply),
    );
    server.post(
      "/events/:id/slots",
      {
        config: { requires: ["event:write"] },
        bodyLimit: SLOTS_BODY_BYTES_MAX,
        schema: {
          operationId: "addSlots",
          tags: ["Slots"],
          summary: "Add one slot, several, or a recurrence of them",
          params: Params,
          body: AnySlots,
          response: { 201: AddedSlotsView, ...problems(400, 401, 403, 404, 409, 422) },
        },
      },
      async (request, reply) => {
        const editor = await editorOf(context, request);
        return answerEdit(context, request, reply, {
          status: 201,
          work: async (transaction) => {
            const { event, result } = await addSlots(context, transaction, editor, request.body);
            const reader = readerOf(context, request, reply, event);
            const slots = result.map((slot) => slotView(event, slot, NOTHING_TAKEN, reader));
            return { event, body: { slots } };
          },
        });
      },
    );
    await server.register(oneSlotRoutes(context));
  };
}

function oneSlotRoutes(context: CatalogRoutesContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.patch(
      "/slots/:id",
      {
        config: { requires: ["event:write"] },
        schema: {
          operationId: "changeSlot",
          tags: ["Slots"],
          summary: "Change a slot",
          params: Params,
          body: SlotChange,
          response: { 200: SlotView, ...problems(400, 401, 403, 404, 409, 422) },
        },
      },
      async (request, reply) => {
        const slotId = idParam("slt", request.params.id);
        const editor = await editorOfPart(context, request, () =>
          findEventOfSlot(context.database, slotId),
        );
        const availability = await availabilityBefore(context, editor);
        return answerEdit(context, request, reply, {
          status: 200,
          work: async (transaction) => {
            const { event, result } = await changeSlot(
              context,
              transaction,
              { ...editor, slotId },
              request.body,
            );
            const reader = readerOf(context, request, reply, event);
            return { event, body: slotView(event, result, availability, reader) };
          },
        });
      },
    );
    server.delete(
      "/slots/:id",
      {
        config: { requires: ["event:write"] },
        schema: {
          operationId: "removeSlot",
          tags: ["Slots"],
          summary: "Remove a slot that nobody holds places of",
          params: Params,
          response: { 204: NoContent, ...problems(400, 401, 403, 404, 409) },
        },
      },
      async (request, reply) => {
        const slotId = idParam("slt", request.params.id);
        const editor = await editorOfPart(context, request, () =>
          findEventOfSlot(context.database, slotId),
        );
        return answerEdit(context, request, reply, {
          status: 204,
          work: async (transaction) => {
            const { event } = await removeSlot(context, transaction, { ...editor, slotId });
            return { event, body: null };
          },
        });
      },
    );
  };
}

async function list(
  context: CatalogRoutesContext,
  request: FastifyRequest<{
    Params: Static<typeof Params>;
    Querystring: Static<typeof Listing>;
  }>,
  reply: FastifyReply,
) {
  const { query } = request;
  const { event } = await context.events.visibleContent(principalOf(request), request.params.id);
  const limit = query.limit ?? 25;
  const position = readCursor(query.cursor, Position);
  const found = await listSlots(context.database.kysely, event.eventId, {
    ...readBounds(query, event.timeZone),
    after: position && { startsAt: position.at, slotId: position.id },
    limit: limit + 1,
  });
  const availability = await context.sales.availabilityOf(event.eventId);
  const reader = readerOf(context, request, reply, event);
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  return {
    data: shown.map((slot) => slotView(event, slot, availability, reader)),
    next_cursor:
      found.length > limit && last !== undefined
        ? writeCursor({ at: last.startsAt, id: last.slotId })
        : null,
  };
}
