import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type Static, Type } from "typebox";
import { assert } from "#platform/assert.ts";
import type { Clock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import { inReach } from "#platform/database/reach.ts";
import { callerOf } from "#platform/http/authentication.ts";
import { answerOnce } from "#platform/http/idempotency.ts";
import { userOf } from "#platform/http/identification.ts";
import { idParam } from "#platform/http/ids.ts";
import { PageQuery, type Part, pageById } from "#platform/http/pagination.ts";
import { idempotencyKeyReused, notFound, Problem } from "#platform/http/problem.ts";
import { problems } from "#platform/http/schemas.ts";
import { formatId, parseId } from "#platform/id.ts";
import { toRfc3339 } from "#platform/time.ts";
import {
  type ApiKeyBody,
  ApiKeyPage,
  type CreatedApiKeyBody,
  CreatedApiKeyView,
  NewApiKey,
  type NewApiKeyBody,
} from "./api-key-schemas.ts";
import { type ApiKeyRow, listApiKeys, revokeApiKey } from "./api-key-store.ts";
import type { ApiKeys } from "./api-keys.ts";
import type { Audit } from "./audit.ts";
import { type ApiKeyMaker, makeApiKey } from "./make-api-key.ts";
import { organizerOf, withinReach } from "./organizer-requests.ts";
import { reachOf } from "./reach-of.ts";

const Params = Type.Object({ id: Type.String() });
const KeyParams = Type.Object({ id: Type.String(), key_id: Type.String() });
const Listing = Type.Object(PageQuery);
const FOR_OWNERS = { requires: ["key:write"] } as const;

export interface ApiKeyRoutesContext {
  readonly database: Database;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly keys: ApiKeys;
  readonly maker: ApiKeyMaker;
}

/** The API keys of an organizer: made, listed, revoked by its owner. */
export function apiKeyRoutes(context: ApiKeyRoutesContext): FastifyPluginAsyncTypebox {
  const { database } = context;
  return async (server) => {
    server.post(
      "/organizers/:id/api-keys",
      {
        config: FOR_OWNERS,
        schema: {
          operationId: "createApiKey",
          tags: ["API keys"],
          summary: "Make an API key; it is shown this once",
          params: Params,
          body: NewApiKey,
          response: { 201: CreatedApiKeyView, ...problems(400, 401, 403, 404, 409, 422) },
        },
      },
      (request, reply) => create(context, request, reply),
    );
    server.get(
      "/organizers/:id/api-keys",
      {
        config: FOR_OWNERS,
        schema: {
          operationId: "listApiKeys",
          tags: ["API keys"],
          summary: "The API keys of an organizer, the newest first, revoked ones too",
          params: Params,
          querystring: Listing,
          response: { 200: ApiKeyPage, ...problems(400, 401, 403, 404, 422) },
        },
      },
      (request) => {
        const { organizerId } = organizerOf(request);
        return pageById(request.query, {
          find: (part: Part<"key">) =>
            inReach(database, reachOf(callerOf(request)), (transaction) =>
              listApiKeys(transaction, organizerId, part),
            ),
          idOf: (row) => row.key_id,
          view: apiKeyView,
        });
      },
    );
    server.delete(
      "/organizers/:id/api-keys/:key_id",
      {
        config: FOR_OWNERS,
        schema: {
          operationId: "revokeApiKey",
          tags: ["API keys"],
          summary: "Revoke an API key; repeated, the same",
          params: KeyParams,
          response: {
            204: Type.Null({ description: "Revoked." }),
            ...problems(400, 401, 403, 404),
          },
        },
      },
      (request, reply) => revoke(context, request, reply),
    );
  };
}

async function create(
  context: ApiKeyRoutesContext,
  request: FastifyRequest<{ Params: Static<typeof Params>; Body: NewApiKeyBody }>,
  reply: FastifyReply,
): Promise<CreatedApiKeyBody> {
  const { organizerId } = organizerOf(request);
  const user = userOf(request);
  return answerOnce(context, request, reply, {
    work: withinReach(request, async (transaction) => {
      const wanted = { organizerId, createdBy: user.userId, body: request.body };
      const { row, key } = await makeApiKey(context, transaction, wanted);
      const view = apiKeyView(row);
      await context.audit.note(transaction, {
        principal: user,
        action: "createApiKey",
        organizerId,
        eventId: null,
        subject: view.id,
        details: { scopes: row.scopes },
      });
      return { status: 201, body: { ...view, key } };
    }),
    // The key is made of the id again: what is stored opens nothing.
    seal: ({ key: _key, ...view }) => view,
    unseal: (view) => ({ ...view, key: keyAgain(context, view) }),
  });
}

function keyAgain({ maker }: ApiKeyRoutesContext, view: ApiKeyBody): string {
  const keyId = parseId("key", view.id);
  assert(keyId !== null, "a key's own id is one");
  const key = maker.keyAgain(keyId, view.last_four);
  if (key !== null) return key;
  throw new Problem(
    idempotencyKeyReused,
    "This request made a key that cannot be shown again: the secret key of the server was replaced since. Revoke it, and ask for another with a fresh Idempotency-Key.",
  );
}

async function revoke(
  context: ApiKeyRoutesContext,
  request: FastifyRequest<{ Params: Static<typeof KeyParams> }>,
  reply: FastifyReply,
): Promise<null> {
  const { organizerId } = organizerOf(request);
  const keyId = idParam("key", request.params.key_id);
  const revoked = new Set<string>();
  try {
    return await answerOnce(context, request, reply, {
      work: withinReach(request, async (transaction) => {
        const found = await revokeApiKey(transaction, context.clock, { organizerId, keyId });
        if (found === null) throw new Problem(notFound, "The organizer has no such API key.");
        revoked.add(found.digest);
        if (found.isNews) {
          await context.audit.note(transaction, {
            principal: userOf(request),
            action: "revokeApiKey",
            organizerId,
            eventId: null,
            subject: request.params.key_id,
          });
        }
        return { status: 204, body: null };
      }),
    });
  } finally {
    // Also when the commit was not heard of: it may have happened.
    for (const digest of revoked) await context.keys.revoked(digest);
  }
}

function apiKeyView(row: ApiKeyRow): ApiKeyBody {
  const instant = (at: number | null) => (at === null ? null : toRfc3339(at));
  return {
    id: formatId("key", row.key_id),
    name: row.name,
    scopes: [...row.scopes],
    last_four: row.last_four,
    created_at: toRfc3339(row.created_at),
    expires_at: instant(row.expires_at),
    last_used_at: instant(row.last_used_at),
    revoked_at: instant(row.revoked_at),
  };
}
