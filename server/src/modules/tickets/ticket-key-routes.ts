import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type Static, Type } from "typebox";
import type { EventFacts } from "#modules/catalog/index.ts";
import { type Audit, reachOf } from "#modules/organizers/index.ts";
import type { Clock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import { within } from "#platform/database/reach.ts";
import {
  type Caller,
  callerOf,
  type Principal,
  principalOf,
} from "#platform/http/authentication.ts";
import { answerOnce } from "#platform/http/idempotency.ts";
import { idParam } from "#platform/http/ids.ts";
import { problems } from "#platform/http/schemas.ts";
import { formatId, type Id } from "#platform/id.ts";
import { toRfc3339 } from "#platform/time.ts";
import { rotateTicketKeys } from "./rotate-ticket-keys.ts";
import { ownerOf, type PublicKey } from "./signing-key.ts";
import { publicKeysOf } from "./signing-key-store.ts";
import type { SigningKeys } from "./signing-keys.ts";
import {
  type RotationBody,
  RotationInput,
  type TicketKeysBody,
  TicketKeysView,
} from "./ticket-key-schemas.ts";

const Params = Type.Object({ id: Type.String() });

/** What these routes ask of the catalogue. */
export interface VisibleEvents {
  visibleEvent(principal: Principal, idOrSlug: string): Promise<EventFacts>;
  authorize(caller: Caller, eventId: Id<"evt">): Promise<EventFacts>;
}

export interface TicketKeyRoutesContext {
  readonly database: Database;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly catalog: VisibleEvents;
  readonly keys: SigningKeys;
  /** The keys that codes of an event are verified with, the one that signs now among them. */
  keysOf(event: EventFacts): Promise<readonly PublicKey[]>;
}

/** The keys of an event's ticket codes: for whoever verifies them, and replaced by whoever manages it. */
export function ticketKeyRoutes(context: TicketKeyRoutesContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.get(
      "/events/:id/ticket-keys",
      {
        config: { requires: [], identifies: true },
        schema: {
          operationId: "readTicketKeys",
          tags: ["Tickets"],
          summary: "The keys that ticket codes of an event are verified with",
          params: Params,
          response: { 200: TicketKeysView, ...problems(400, 401, 404) },
        },
      },
      async (request) => {
        const event = await context.catalog.visibleEvent(principalOf(request), request.params.id);
        return ticketKeysView(event, await context.keysOf(event));
      },
    );
    server.post(
      "/events/:id/ticket-keys/rotate",
      {
        config: { requires: ["event:write"] },
        schema: {
          operationId: "rotateTicketKeys",
          tags: ["Tickets"],
          summary: "Sign ticket codes with a new key, for this and all events of its organizer",
          params: Params,
          body: Type.Optional(RotationInput),
          response: { 200: TicketKeysView, ...problems(400, 401, 403, 404, 409, 422) },
        },
      },
      (request, reply) => rotate(context, request, reply),
    );
  };
}

async function rotate(
  context: TicketKeyRoutesContext,
  request: FastifyRequest<{
    Params: Static<typeof Params>;
    Body: RotationBody | undefined | null;
  }>,
  reply: FastifyReply,
): Promise<TicketKeysBody> {
  const caller = callerOf(request);
  const event = await context.catalog.authorize(caller, idParam("evt", request.params.id));
  const { eventId, organizerId } = event;
  const owner = ownerOf(event);
  const revoke = request.body?.revoke ?? false;
  const { clock, keys } = context;
  try {
    return await answerOnce(context, request, reply, {
      work: (transaction) =>
        within(transaction, reachOf(caller), async () => {
          await rotateTicketKeys({ clock, sealing: keys.sealing }, transaction, event, { revoke });
          await context.audit.note(transaction, {
            principal: principalOf(request),
            action: "rotateTicketKeys",
            organizerId,
            eventId,
            details: { revoke },
          });
          return {
            status: 200,
            body: ticketKeysView(event, await publicKeysOf(transaction, event)),
          };
        }),
    });
  } finally {
    // Also when the commit was not heard of: it may have happened.
    await keys.changed(owner);
  }
}

function ticketKeysView({ eventId }: EventFacts, keys: readonly PublicKey[]): TicketKeysBody {
  return {
    event_id: formatId("evt", eventId),
    keys: keys.map(({ number, publicKey, createdAt, retiredAt, revokedAt }) => ({
      number,
      public_key: publicKey.toString("base64url"),
      created_at: toRfc3339(createdAt),
      retired_at: retiredAt === null ? null : toRfc3339(retiredAt),
      revoked_at: revokedAt === null ? null : toRfc3339(revokedAt),
    })),
  };
}
