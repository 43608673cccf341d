import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyReply } from "fastify";
import { Type } from "typebox";
import type { Clock } from "#platform/clock.ts";
import { principalOf, scopeOf } from "#platform/http/authentication.ts";
import { disposition, fileResponse } from "#platform/http/file-response.ts";
import { Problem, problemType } from "#platform/http/problem.ts";
import type { RouteLimit } from "#platform/http/rate-limits.ts";
import { component, problems } from "#platform/http/schemas.ts";
import type { ApplePasses } from "./apple-passes.ts";
import { type GoogleWallet, googleWalletLink } from "./google-wallet.ts";
import { refuseVoid, type SheetContext, ticketSheetReader } from "./read-ticket-sheet.ts";
import { inLanguage } from "./ticket-routes.ts";
import type { TicketSheet } from "./ticket-sheet.ts";

export const walletNotOffered = problemType({
  code: "wallet_not_offered",
  status: 404,
  title: "Tickets for this wallet are not offered here",
});

const Params = Type.Object({ id: Type.String() });
const REQUIRES = ["reservation:read"] as const;
const PASS = "application/vnd.apple.pkpass";

const GoogleWalletView = component(
  "GoogleWalletLink",
  Type.Object({
    url: Type.String({
      format: "uri",
      description:
        "Where a browser goes to save the ticket. The ticket's code is in it: keep it out of logs.",
    }),
  }),
);

/** A wallet is filled once or twice; a signature costs a hundred times what reading a ticket does. */
const LIMITS: readonly RouteLimit[] = [
  {
    name: "wallets",
    requests: 30,
    seconds: 60,
    of: (request) => scopeOf(principalOf(request)),
  },
];

export interface WalletRoutesContext extends SheetContext {
  readonly clock: Clock;
  /** Null: not offered, as with the other. */
  readonly passes: ApplePasses | null;
  readonly google: GoogleWallet | null;
}

/** A ticket for the wallets of phones, for its holder. */
export function walletRoutes(context: WalletRoutesContext): FastifyPluginAsyncTypebox {
  const { clock, passes, google } = context;
  const sheetFor = ticketSheetReader(context);
  return async (server) => {
    server.get(
      "/tickets/:id/pass.pkpass",
      {
        config: { requires: REQUIRES, limits: LIMITS },
        schema: {
          operationId: "readTicketPass",
          tags: ["Tickets"],
          summary: "A ticket for Apple Wallet, as it is now; for its holder",
          description:
            "A void ticket has a pass without a code, which says that it is void: it takes the place of the one in the wallet.",
          params: Params,
          response: {
            200: fileResponse(PASS, "A signed pass."),
            ...problems(400, 401, 403, 404, 503),
          },
        },
      },
      async (request, reply) => {
        const sheet = await sheetFor(request);
        if (passes === null) throw notOffered("Apple Wallet");
        return send(reply, sheet, await passes.passOf(sheet));
      },
    );
    server.get(
      "/tickets/:id/google-wallet",
      {
        config: { requires: REQUIRES, limits: LIMITS },
        schema: {
          operationId: "readTicketGoogleWallet",
          tags: ["Tickets"],
          summary: "A link that saves a ticket in Google Wallet, as it is now; for its holder",
          params: Params,
          response: { 200: GoogleWalletView, ...problems(400, 401, 403, 404, 410) },
        },
      },
      async (request, reply) => {
        const sheet = await sheetFor(request);
        if (google === null) throw notOffered("Google Wallet");
        refuseVoid(sheet);
        inLanguage(reply, sheet.language);
        return { url: await googleWalletLink(sheet, { wallet: google, now: clock.now() }) };
      },
    );
  };
}

function send(
  reply: FastifyReply,
  { language, eventName, ordinal }: TicketSheet,
  pass: Buffer,
): FastifyReply {
  inLanguage(reply, language);
  const name = `ticket-${ordinal}.pkpass`;
  return reply
    .type(PASS)
    .header("content-disposition", disposition("attachment", { about: eventName, name }))
    .send(pass);
}

function notOffered(wallet: string): Problem {
  const message = `This server makes no tickets for ${wallet}. Ask for the ticket as PDF or as a QR code.`;
  return new Problem(walletNotOffered, message, {
    reasons: [{ code: walletNotOffered.code, message }],
  });
}
