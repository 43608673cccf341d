import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type Static, Type } from "typebox";
import { assert } from "#platform/assert.ts";
import type { Clock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import { inReach } from "#platform/database/reach.ts";
import { type Caller, callerOf, invalidToken, principalOf } from "#platform/http/authentication.ts";
import { answerOnce } from "#platform/http/idempotency.ts";
import { idParam } from "#platform/http/ids.ts";
import { PageQuery, type Part, pageById } from "#platform/http/pagination.ts";
import { notFound, Problem } from "#platform/http/problem.ts";
import { problems } from "#platform/http/schemas.ts";
import { formatId, type Id, newId, parseId } from "#platform/id.ts";
import { canonicalText } from "#platform/text.ts";
import { toRfc3339 } from "#platform/time.ts";
import type { CapabilityTokens } from "#platform/tokens/capability.ts";
import type { Audit } from "./audit.ts";
import { refuseTooManyPasses } from "./credential-limits.ts";
import type { GuardedEvent } from "./decide.ts";
import {
  type CreatedDoorPassBody,
  CreatedDoorPassView,
  DOOR_PASS_DAYS_MAX,
  type DoorPassBody,
  DoorPassPage,
  NewDoorPass,
  type NewDoorPassBody,
  type OpenedByPassBody,
  OpenedByPassView,
} from "./door-pass-schemas.ts";
import {
  type DoorPassRow,
  insertDoorPass,
  listDoorPasses,
  revokeDoorPass,
} from "./door-pass-store.ts";
import type { DoorPasses } from "./door-passes.ts";
import { readExpiry, refuseOver } from "./expiry.ts";
import { withinReach } from "./organizer-requests.ts";
import { reachOf } from "./reach-of.ts";

const Params = Type.Object({ id: Type.String() });
const PassParams = Type.Object({ id: Type.String(), pass_id: Type.String() });
const Listing = Type.Object(PageQuery);
const FOR_MANAGERS = { requires: ["door-pass:write"] } as const;

/** What door passes ask of whatever has the events: it stands above this module. */
export interface EventsPort {
  /** The event, if the caller may do to it what their route needs; refuses as `decideOnEvent` does. */
  authorize(caller: Caller, eventId: Id<"evt">): Promise<GuardedEvent>;
}

export interface DoorPassRoutesContext extends EventsPort {
  readonly database: Database;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly tokens: CapabilityTokens;
  readonly passes: DoorPasses;
}

/** The door passes of an event: made, listed, revoked by its managers, and what one of them opens. */
export function doorPassRoutes(context: DoorPassRoutesContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.post(
      "/events/:id/door-passes",
      {
        config: FOR_MANAGERS,
        schema: {
          operationId: "createDoorPass",
          tags: ["Door passes"],
          summary: "Make a pass for one gate until a time",
          params: Params,
          body: NewDoorPass,
          response: { 201: CreatedDoorPassView, ...problems(400, 401, 403, 404, 409, 422) },
        },
      },
      (request, reply) => create(context, request, reply),
    );
    server.get(
      "/events/:id/door-passes",
      {
        config: FOR_MANAGERS,
        schema: {
          operationId: "listDoorPasses",
          tags: ["Door passes"],
          summary: "The door passes of an event, the newest first, void ones too",
          params: Params,
          querystring: Listing,
          response: { 200: DoorPassPage, ...problems(400, 401, 403, 404, 422) },
        },
      },
      async (request) => {
        const { eventId } = await eventOf(context, request);
        return pageById(request.query, {
          find: (part: Part<"dps">) =>
            inReach(context.database, reachOf(callerOf(request)), (transaction) =>
              listDoorPasses(transaction, eventId, part),
            ),
          idOf: (row) => row.pass_id,
          view: doorPassView,
        });
      },
    );
    server.delete(
      "/events/:id/door-passes/:pass_id",
      {
        config: FOR_MANAGERS,
        schema: {
          operationId: "revokeDoorPass",
          tags: ["Door passes"],
          summary: "Revoke a door pass; repeated, the same",
          params: PassParams,
          response: {
            204: Type.Null({ description: "Revoked." }),
            ...problems(400, 401, 403, 404),
          },
        },
      },
      (request, reply) => revoke(context, request, reply),
    );
    server.get(
      "/door-pass",
      {
        config: { requires: ["door"] },
        schema: {
          operationId: "readDoorPass",
          tags: ["Door passes"],
          summary: "What the door pass that is sent opens",
          response: { 200: OpenedByPassView, ...problems(401, 404) },
        },
      },
      (request) => readOwn(context, request),
    );
  };
}

async function create(
  context: DoorPassRoutesContext,
  request: FastifyRequest<{ Params: Static<typeof Params>; Body: NewDoorPassBody }>,
  reply: FastifyReply,
): Promise<CreatedDoorPassBody> {
  const { clock, audit } = context;
  const { eventId, organizerId } = await eventOf(context, request);
  const { expires_at: until } = request.body;
  const gate = canonicalText(request.body.gate);
  return answerOnce(context, request, reply, {
    work: withinReach(request, async (transaction) => {
      const expiresAt = readExpiry(until, clock, DOOR_PASS_DAYS_MAX);
      const pass = { passId: newId<"dps">(clock), eventId, gate, expiresAt };
      await refuseTooManyPasses(transaction, clock, eventId);
      const row = await insertDoorPass(transaction, clock, pass);
      if (row === null) throw refuseOver();
      const view = doorPassView(row);
      await audit.note(transaction, {
        principal: principalOf(request),
        action: "createDoorPass",
        organizerId,
        eventId,
        subject: view.id,
      });
      return { status: 201, body: withToken(view) };
    }),
    // The token is made of the id again: what is stored opens nothing.
    seal: ({ token: _token, ...view }) => view,
    unseal: (view) => withToken(view),
  });

  function withToken(view: DoorPassBody): CreatedDoorPassBody {
    const id = parseId("dps", view.id);
    assert(id !== null, "a pass's own id is one");
    return { ...view, token: context.tokens.issue({ kind: "door_pass", id, generation: 0 }) };
  }
}

async function revoke(
  context: DoorPassRoutesContext,
  request: FastifyRequest<{ Params: Static<typeof PassParams> }>,
  reply: FastifyReply,
): Promise<null> {
  const { eventId, organizerId } = await eventOf(context, request);
  const passId = idParam("dps", request.params.pass_id);
  try {
    return await answerOnce(context, request, reply, {
      work: withinReach(request, async (transaction) => {
        const found = await revokeDoorPass(transaction, context.clock, { eventId, passId });
        if (found === null) throw new Problem(notFound, "The event has no such door pass.");
        if (found.isNews) {
          await context.audit.note(transaction, {
            principal: principalOf(request),
            action: "revokeDoorPass",
            organizerId,
            eventId,
            subject: request.params.pass_id,
          });
        }
        return { status: 204, body: null };
      }),
    });
  } finally {
    // Also when the commit was not heard of: it may have happened.
    await context.passes.revoked(passId);
  }
}

async function readOwn(
  { passes }: DoorPassRoutesContext,
  request: FastifyRequest,
): Promise<OpenedByPassBody> {
  const principal = principalOf(request);
  if (principal.kind !== "door_pass") {
    throw new Problem(notFound, "What you sent is no door pass. Send its token as `Bearer`.");
  }
  const pass = await passes.read(principal.passId);
  if (pass === null) throw invalidToken();
  return {
    event_id: formatId("evt", pass.eventId),
    gate: pass.gate,
    expires_at: toRfc3339(pass.expiresAt),
  };
}

/** The event that the path names, if the caller may do to it what their route needs. */
function eventOf(
  { authorize }: EventsPort,
  request: FastifyRequest<{ Params: { id: string } }>,
): Promise<GuardedEvent> {
  return authorize(callerOf(request), idParam("evt", request.params.id));
}

function doorPassView(row: DoorPassRow): DoorPassBody {
  return {
    id: formatId("dps", row.pass_id),
    event_id: formatId("evt", row.event_id),
    gate: row.gate,
    created_at: toRfc3339(row.created_at),
    expires_at: toRfc3339(row.expires_at),
    revoked_at: row.revoked_at === null ? null : toRfc3339(row.revoked_at),
  };
}
