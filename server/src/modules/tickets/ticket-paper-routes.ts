import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyReply, FastifyRequest } from "fastify";
import { Type } from "typebox";
import { problemOf, refuseWhenFull } from "#modules/reservations/index.ts";
import { Batcher } from "#platform/batching/batcher.ts";
import { principalOf, scopeOf } from "#platform/http/authentication.ts";
import { disposition, fileResponse } from "#platform/http/file-response.ts";
import { Problem } from "#platform/http/problem.ts";
import type { RouteLimit } from "#platform/http/rate-limits.ts";
import { problems } from "#platform/http/schemas.ts";
import {
  readAllSheets,
  refuseVoid,
  type SheetContext,
  ticketSheetReader,
} from "./read-ticket-sheet.ts";
import { ticketsPdf } from "./ticket-pdf.ts";
import { inLanguage } from "./ticket-routes.ts";
import type { TicketSheet } from "./ticket-sheet.ts";

const Params = Type.Object({ id: Type.String() });
const REQUIRES = ["reservation:read"] as const;
const PDF = "application/pdf";

/** Pages of one document: some seconds of work, spread out. */
const PAGES_MAX = 500;
/** Documents that wait for their turn: they are made one after the other, so that nobody else is kept waiting. */
const WAITING_MAX = 50;

/** Paper is asked for once or twice; a page costs a hundred times what reading a ticket does. */
const LIMITS: readonly RouteLimit[] = [
  {
    name: "ticket-papers",
    requests: 30,
    seconds: 60,
    of: (request: FastifyRequest) => scopeOf(principalOf(request)),
  },
];

type Sheets = readonly [TicketSheet, ...TicketSheet[]];

/** Tickets on paper, for their holder. */
export function ticketPaperRoutes(context: SheetContext): FastifyPluginAsyncTypebox {
  const sheetFor = ticketSheetReader(context);
  const press = new Batcher<Sheets, Buffer>({
    batchItemsMax: 1,
    queueItemsMax: WAITING_MAX,
    run: async ([sheets]) => (sheets === undefined ? [] : [await ticketsPdf(sheets)]),
  });
  const send = async (reply: FastifyReply, sheets: Sheets, name: string) => {
    const [{ language, eventName }] = sheets;
    const pdf = await refuseWhenFull(() => press.submit(sheets));
    inLanguage(reply, language);
    return reply
      .type(PDF)
      .header("content-disposition", disposition("attachment", { about: eventName, name }))
      .send(pdf);
  };
  return async (server) => {
    server.get(
      "/tickets/:id/ticket.pdf",
      {
        config: { requires: REQUIRES, limits: LIMITS },
        schema: {
          operationId: "readTicketPdf",
          tags: ["Tickets"],
          summary: "A ticket to print, or to show on a screen; for its holder",
          params: Params,
          response: {
            200: fileResponse(PDF, "One page, tagged (PDF/UA)."),
            ...problems(400, 401, 403, 404, 410, 503),
          },
        },
      },
      async (request, reply) => {
        const sheet = await sheetFor(request);
        refuseVoid(sheet);
        return send(reply, [sheet], `ticket-${sheet.ordinal}.pdf`);
      },
    );
    server.get(
      "/reservations/:id/tickets.pdf",
      {
        config: { requires: REQUIRES, limits: LIMITS },
        schema: {
          operationId: "readTicketsPdf",
          tags: ["Tickets"],
          summary: "All valid tickets of a reservation to print, a page each; for its holder",
          params: Params,
          response: {
            200: fileResponse(PDF, "As many pages as there are valid tickets, tagged (PDF/UA)."),
            ...problems(400, 401, 403, 404, 409, 410, 503),
          },
        },
      },
      async (request, reply) => {
        const sheets = await readAllSheets(context, request);
        if (sheets.length > PAGES_MAX) throw tooManyPages();
        return send(reply, sheets, "tickets.pdf");
      },
    );
  };
}

function tooManyPages(): Problem {
  const code = "limit_exceeded";
  const message = `A document has at most ${PAGES_MAX} pages, and this reservation has more tickets. Ask for them one by one.`;
  return new Problem(problemOf(code).type, message, {
    reasons: [{ code, message, max: PAGES_MAX }],
  });
}
