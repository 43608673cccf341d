import { hash } from "node:crypto";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyReply, FastifyRequest } from "fastify";
import { Type } from "typebox";
import type { Reservation } from "#modules/reservations/index.ts";
import { callerOf } from "#platform/http/authentication.ts";
import { matchesEtag } from "#platform/http/etag.ts";
import { disposition, fileResponse } from "#platform/http/file-response.ts";
import { idParam } from "#platform/http/ids.ts";
import { notFound, Problem } from "#platform/http/problem.ts";
import type { RouteLimit } from "#platform/http/rate-limits.ts";
import { NotModified, problems } from "#platform/http/schemas.ts";
import type { Id } from "#platform/id.ts";
import { lookupLanguage } from "#platform/text.ts";
import type { CapabilityTokens } from "#platform/tokens/capability.ts";
import { languagesFor, readTicket, type SheetContext } from "./read-ticket-sheet.ts";
import { reservationCalendar, ticketCalendar } from "./sheet-calendar.ts";
import { SHEET_LANGUAGES } from "./sheet-words.ts";
import { CalendarLinks, type CalendarLinksBody } from "./ticket-schemas.ts";

export interface CalendarRoutesContext extends SheetContext {
  readonly reservations: SheetContext["reservations"] & {
    read(reservationId: Id<"rsv">): Promise<Reservation | null>;
  };
  readonly tokens: CapabilityTokens;
  /** Where clients reach this server; without a slash at the end. */
  readonly publicUrl: string;
}

const Params = Type.Object({ id: Type.String() });
const FeedParams = Type.Object({ token: Type.String() });
const REQUIRES = ["reservation:read"] as const;
const CALENDAR = "text/calendar";

/** Calendars look once in some minutes at most; this ends loops. */
const FEED_LIMITS: readonly RouteLimit[] = [
  {
    name: "calendar-feeds",
    requests: 60,
    seconds: 60,
    of: (request: FastifyRequest) => (request.params as { token: string }).token,
  },
];

/** What somebody reserved, in their calendar: as a file of one ticket, or as a calendar to subscribe to. */
export function calendarRoutes(context: CalendarRoutesContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.get(
      "/tickets/:id/calendar.ics",
      {
        config: { requires: REQUIRES },
        schema: {
          operationId: "readTicketCalendar",
          tags: ["Tickets"],
          summary: "When and where a ticket is for, as a calendar entry",
          params: Params,
          response: {
            200: fileResponse(CALENDAR, "iCalendar (RFC 5545)"),
            304: NotModified,
            ...problems(400, 401, 403, 404),
          },
        },
      },
      async (request, reply) => {
        const { sheet, reservation } = await readTicket(context, request);
        const { createdAt } = reservation;
        const text = ticketCalendar(sheet, { publicUrl: context.publicUrl, createdAt });
        const file = { about: sheet.eventName, name: `ticket-${sheet.ordinal}.ics` };
        reply.header("vary", "accept-language, authorization");
        return sendCalendar(request, reply, { text, file, language: sheet.language });
      },
    );
    server.get(
      "/reservations/:id/calendar",
      {
        config: { requires: REQUIRES },
        schema: {
          operationId: "readReservationCalendar",
          tags: ["Tickets"],
          summary: "Where a calendar can subscribe to a reservation",
          params: Params,
          response: { 200: CalendarLinks, ...problems(400, 401, 403, 404) },
        },
      },
      async (request) => {
        const reservationId = idParam("rsv", request.params.id);
        const caller = callerOf(request);
        const { reservation } = await context.reservations.showTo(caller, reservationId);
        return calendarLinks(context, reservation);
      },
    );
    server.get(
      "/calendars/:token.ics",
      {
        // The path is all that calendars can send: docs/decisions/0024.
        config: { requires: [], limits: FEED_LIMITS },
        schema: {
          operationId: "readCalendarFeed",
          tags: ["Tickets"],
          summary: "A reservation as a calendar that follows it, for whoever has the address",
          params: FeedParams,
          response: {
            200: fileResponse(CALENDAR, "iCalendar (RFC 5545), an entry a slot."),
            304: NotModified,
            ...problems(404, 503),
          },
        },
      },
      (request, reply) => feed(context, request, reply),
    );
  };
}

function calendarLinks(
  { tokens, publicUrl }: CalendarRoutesContext,
  { reservationId, generation }: Reservation,
): CalendarLinksBody {
  const token = tokens.issue({ kind: "calendar", id: reservationId, generation });
  const url = `${publicUrl}/v1/calendars/${token}.ics`;
  return { url, webcal_url: url.replace(/^https?:/, "webcal:") };
}

async function feed(
  context: CalendarRoutesContext,
  request: FastifyRequest<{ Params: { token: string } }>,
  reply: FastifyReply,
) {
  const capability = context.tokens.read(request.params.token);
  if (capability?.kind !== "calendar") throw noSuchCalendar();
  const reservation = await context.reservations.read(capability.id as Id<"rsv">);
  if (reservation?.generation !== capability.generation) throw noSuchCalendar();
  const languages = languagesFor(request, reservation);
  const texts = await context.catalog.textsOf(reservation.eventId, {
    slotIds: [...new Set(reservation.lines.map(({ slotId }) => slotId))],
    ticketTypeIds: [...new Set(reservation.lines.map(({ ticketTypeId }) => ticketTypeId))],
    languages,
  });
  if (texts === null) throw noSuchCalendar();
  const offered = [...texts.languages, ...SHEET_LANGUAGES];
  const language = lookupLanguage(languages, offered) ?? texts.languages[0];
  const text = reservationCalendar(reservation, texts, { publicUrl: context.publicUrl, language });
  reply.header("vary", "accept-language");
  const file = { about: texts.name, name: "calendar.ics" };
  return sendCalendar(request, reply, { text, file, language });
}

/** Tagged by all that is in it: what is asked for again and again is mostly what was sent before. */
function sendCalendar(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: {
    readonly text: string;
    readonly file: Parameters<typeof disposition>[1];
    readonly language: string;
  },
) {
  const { text, file, language } = answer;
  const tag = `"${hash("sha256", text, "base64url").slice(0, 22)}"`;
  reply
    .header("etag", tag)
    .header("cache-control", "private, no-cache")
    .header("content-language", language);
  if (matchesEtag(request, tag)) return reply.code(304).send();
  return reply
    .type(`${CALENDAR}; charset=utf-8`)
    .header("content-disposition", disposition("inline", file))
    .send(text);
}

function noSuchCalendar(): Problem {
  return new Problem(
    notFound,
    "There is no such calendar. Its address was cut off, or the reservation was handed over.",
  );
}
