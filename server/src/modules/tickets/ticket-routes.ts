import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyReply } from "fastify";
import { Type } from "typebox";
import { disposition, fileResponse } from "#platform/http/file-response.ts";
import { problems } from "#platform/http/schemas.ts";
import { formatId } from "#platform/id.ts";
import { QR_FILES } from "#platform/qr-code.ts";
import { toRfc3339 } from "#platform/time.ts";
import {
  type ReadTicket,
  readTicket,
  refuseVoid,
  type SheetContext,
  ticketSheetReader,
} from "./read-ticket-sheet.ts";
import { TICKET_QR } from "./ticket-qr.ts";
import { type TicketBody, TicketView, type Wallet } from "./ticket-schemas.ts";

const Params = Type.Object({ id: Type.String() });
const REQUIRES = ["reservation:read"] as const;

/** A ticket by itself, and the code that lets its holder in. */
export function ticketRoutes(
  context: SheetContext & {
    /** Those that tickets are offered for. */
    readonly offered: readonly Wallet[];
  },
): FastifyPluginAsyncTypebox {
  const sheetFor = ticketSheetReader(context);
  return async (server) => {
    server.get(
      "/tickets/:id",
      {
        config: { requires: REQUIRES },
        schema: {
          operationId: "readTicket",
          tags: ["Tickets"],
          summary: "A ticket as it stands now",
          params: Params,
          response: { 200: TicketView, ...problems(400, 401, 403, 404) },
        },
      },
      async (request, reply) => {
        const read = await readTicket(context, request);
        inLanguage(reply, read.sheet.language);
        return ticketView(read, context.offered);
      },
    );
    for (const { extension, operation, type, draw } of QR_FILES) {
      server.get(
        `/tickets/:id/qr.${extension}`,
        {
          config: { requires: REQUIRES },
          schema: {
            operationId: `readTicketQr${operation}`,
            tags: ["Tickets"],
            summary: `The code of a ticket as a QR code, as ${extension.toUpperCase()}; for its holder`,
            params: Params,
            response: {
              200: fileResponse(type, "The QR code."),
              ...problems(400, 401, 403, 404, 410),
            },
          },
        },
        async (request, reply) => {
          const sheet = await sheetFor(request);
          refuseVoid(sheet);
          const name = `ticket-${sheet.ordinal}.${extension}`;
          return sendQr(reply, { about: sheet.eventName, name, type }, draw(sheet.code, TICKET_QR));
        },
      );
    }
  };
}

function sendQr(
  reply: FastifyReply,
  file: { readonly about: string; readonly name: string; readonly type: string },
  qr: string | Buffer,
) {
  return reply.type(file.type).header("content-disposition", disposition("inline", file)).send(qr);
}

/** Says which language it is answered in, and that another reader may get another one. */
export function inLanguage(reply: FastifyReply, language: string): void {
  reply.header("content-language", language).header("vary", "accept-language, authorization");
}

function ticketView({ ticket, slot, sheet }: ReadTicket, offered: readonly Wallet[]): TicketBody {
  return {
    id: formatId("tkt", ticket.ticketId),
    reservation_id: formatId("rsv", sheet.reservationId),
    event_id: formatId("evt", sheet.eventId),
    code: sheet.code,
    state: ticket.state,
    holder_name: ticket.holderName,
    ticket_type: { id: formatId("tty", ticket.ticketTypeId), name: sheet.ticketType },
    slot: {
      id: formatId("slt", ticket.slotId),
      starts_at: toRfc3339(slot.startsAt),
      ends_at: toRfc3339(slot.endsAt),
      starts_at_local: slot.startsAtLocal,
      ends_at_local: slot.endsAtLocal,
    },
    admits: sheet.admits,
    wallets: sheet.code === "" ? [] : [...offered],
  };
}
