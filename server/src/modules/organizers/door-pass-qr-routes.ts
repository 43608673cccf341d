import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type Static, Type } from "typebox";
import type { Clock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import { inReach } from "#platform/database/reach.ts";
import { callerOf } from "#platform/http/authentication.ts";
import { fileResponse } from "#platform/http/file-response.ts";
import { idParam } from "#platform/http/ids.ts";
import { notFound, Problem, problemType } from "#platform/http/problem.ts";
import { problems } from "#platform/http/schemas.ts";
import { QR_FILES } from "#platform/qr-code.ts";
import type { CapabilityTokens } from "#platform/tokens/capability.ts";
import type { EventsPort } from "./door-pass-routes.ts";
import { type DoorPassRow, findDoorPassOf } from "./door-pass-store.ts";
import { reachOf } from "./reach-of.ts";

const doorPassEnded = problemType({
  code: "door_pass_ended",
  status: 410,
  title: "The door pass opens nothing any more",
});

const Params = Type.Object({ id: Type.String(), pass_id: Type.String() });

interface QrRoutesContext extends EventsPort {
  readonly database: Database;
  readonly clock: Clock;
  readonly tokens: CapabilityTokens;
  /** Where the server is reached; without a slash at the end. */
  readonly publicUrl: string;
}

/**
 * A door pass as a QR code: a phone that reads it opens the scanner, and the scanner has the pass. The token stands behind
 * the `#` of the address, which browsers send to nobody.
 */
export function doorPassQrRoutes(context: QrRoutesContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    for (const { extension, operation, type, draw } of QR_FILES) {
      server.get(
        `/events/:id/door-passes/:pass_id/qr.${extension}`,
        {
          config: { requires: ["door-pass:write"] },
          schema: {
            operationId: `readDoorPassQr${operation}`,
            tags: ["Door passes"],
            summary: `A door pass as a QR code that opens the scanner, as ${extension.toUpperCase()}`,
            params: Params,
            response: {
              200: fileResponse(type, "The QR code. Whoever reads it has the pass."),
              ...problems(400, 401, 403, 404, 410),
            },
          },
        },
        async (request, reply) => send(reply, type, draw(await addressOf(context, request))),
      );
    }
  };
}

/** What opens a gate is kept by no cache on the way. */
function send(reply: FastifyReply, type: string, code: string | Buffer) {
  return reply.type(type).header("cache-control", "no-store").send(code);
}

async function addressOf(
  { authorize, database, clock, tokens, publicUrl }: QrRoutesContext,
  request: FastifyRequest<{ Params: Static<typeof Params> }>,
): Promise<string> {
  const caller = callerOf(request);
  const { eventId } = await authorize(caller, idParam("evt", request.params.id));
  const passId = idParam("dps", request.params.pass_id);
  const pass = await inReach(database, reachOf(caller), (transaction) =>
    findDoorPassOf(transaction, { eventId, passId }),
  );
  if (pass === null) throw new Problem(notFound, "The event has no such door pass.");
  refuseEnded(pass, clock);
  const { generation } = pass;
  return `${publicUrl}/door#${tokens.issue({ kind: "door_pass", id: passId, generation })}`;
}

function refuseEnded({ revoked_at, expires_at }: DoorPassRow, clock: Clock): void {
  const isOver = expires_at <= clock.now();
  if (revoked_at === null && !isOver) return;
  const message = revoked_at === null ? "Its time is over." : "It was revoked.";
  throw new Problem(doorPassEnded, `${message} Make another pass for the gate.`, {
    reasons: [{ code: revoked_at === null ? "over" : "revoked", message }],
  });
}
