import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type Static, Type } from "typebox";
import { principalOf } from "#platform/http/authentication.ts";
import { fileResponse } from "#platform/http/file-response.ts";
import { NotModified, problems } from "#platform/http/schemas.ts";
import { QR_FILES, type QrFile } from "#platform/qr-code.ts";
import { type CatalogRoutesContext, isUnchanged, readerOf } from "./catalog-requests.ts";
import { publicPage } from "./catalog-views.ts";
import { CALENDAR_DAYS_BACK, CALENDAR_SLOTS_MAX, eventCalendar } from "./event-calendar.ts";
import { listSlots } from "./slot-store.ts";

const Params = Type.Object({ id: Type.String() });
const DAY_MS = 86_400_000;

/** An event as files: its calendar, and the QR code that leads to its page. */
export function eventFileRoutes(context: CatalogRoutesContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.get(
      "/events/:id/calendar.ics",
      {
        config: { requires: [], identifies: true },
        schema: {
          operationId: "readEventCalendar",
          tags: ["Events"],
          summary: "The slots of an event as a calendar, also to subscribe to",
          params: Params,
          response: {
            200: fileResponse("text/calendar", "iCalendar (RFC 5545)"),
            304: NotModified,
            ...problems(400, 401, 404),
          },
        },
      },
      (request, reply) => calendar(context, request, reply),
    );
    for (const file of QR_FILES) {
      server.get(
        `/events/:id/qr.${file.extension}`,
        {
          config: { requires: [], identifies: true },
          schema: {
            operationId: `readEventQr${file.operation}`,
            tags: ["Events"],
            summary: `A QR code of the event's public address, as ${file.extension.toUpperCase()}`,
            params: Params,
            response: {
              200: fileResponse(file.type, "The QR code."),
              304: NotModified,
              ...problems(400, 401, 404),
            },
          },
        },
        (request, reply) => qrCode(context, request, reply, file),
      );
    }
  };
}

type FileRequest = FastifyRequest<{ Params: Static<typeof Params> }>;

async function calendar(context: CatalogRoutesContext, request: FileRequest, reply: FastifyReply) {
  const { event } = await context.events.visibleContent(principalOf(request), request.params.id);
  const reader = readerOf(context, request, reply, event);
  if (isUnchanged(request, reply, { event, reader, version: "ics" })) return reply.send();
  const slots = await listSlots(context.database.kysely, event.eventId, {
    from: context.clock.now() - CALENDAR_DAYS_BACK * DAY_MS,
    to: null,
    after: null,
    limit: CALENDAR_SLOTS_MAX,
  });
  return reply
    .type("text/calendar; charset=utf-8")
    .header("content-disposition", 'inline; filename="event.ics"')
    .send(eventCalendar(event, slots, reader));
}

async function qrCode(
  context: CatalogRoutesContext,
  request: FileRequest,
  reply: FastifyReply,
  { extension, type, draw }: QrFile,
) {
  const { event } = await context.events.visibleContent(principalOf(request), request.params.id);
  const reader = readerOf(context, request, reply, event);
  if (isUnchanged(request, reply, { event, reader, version: extension })) return reply.send();
  return reply.type(type).send(draw(publicPage(context.publicUrl, event.slug)));
}
