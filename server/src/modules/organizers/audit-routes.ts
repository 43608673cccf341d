import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { type RawBuilder, sql } from "kysely";
import { type Static, Type } from "typebox";
import type { EpochMs } from "#platform/clock.ts";
import { inReach } from "#platform/database/reach.ts";
import { type Caller, callerOf } from "#platform/http/authentication.ts";
import { idParam } from "#platform/http/ids.ts";
import { PageQuery, type Part, pageById } from "#platform/http/pagination.ts";
import { problems } from "#platform/http/schemas.ts";
import { formatId, type Id } from "#platform/id.ts";
import { toRfc3339 } from "#platform/time.ts";
import { type OrganizersContext, organizerOf } from "./organizer-requests.ts";
import { AuditPage } from "./organizer-schemas.ts";
import { reachOf } from "./reach-of.ts";

const Params = Type.Object({ id: Type.String() });
const Listing = Type.Object(PageQuery);

export interface AuditRoutesContext extends Pick<OrganizersContext, "database" | "users"> {
  /** The event, if the caller may do to it what their route needs; else refuses. */
  authorize(caller: Caller, eventId: Id<"evt">): Promise<unknown>;
}

/** The record of who did what, the newest first. */
export function auditRoutes(context: AuditRoutesContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    const route = (operationId: string, summary: string) => ({
      config: { requires: ["audit:read"] as const },
      schema: {
        operationId,
        tags: ["Organizers"],
        summary,
        params: Params,
        querystring: Listing,
        response: { 200: AuditPage, ...problems(400, 401, 403, 404, 422) },
      },
    });
    server.get(
      "/organizers/:id/audit",
      route("readOrganizerAudit", "Who did what in an organizer and its events"),
      (request) => {
        const { organizerId, caller } = organizerOf(request);
        return readPage(context, caller, sql`organizer_id = ${organizerId}`, request.query);
      },
    );
    server.get(
      "/events/:id/audit",
      route("readEventAudit", "Who did what to an event and its reservations"),
      async (request) => {
        const caller = callerOf(request);
        const eventId = idParam("evt", request.params.id);
        await context.authorize(caller, eventId);
        return readPage(context, caller, sql`event_id = ${eventId}`, request.query);
      },
    );
  };
}

type ActorKind = Static<typeof AuditPage>["data"][number]["actor"]["kind"];

interface AuditRow {
  readonly audit_id: Id<"aud">;
  readonly event_id: Id<"evt"> | null;
  readonly at: EpochMs;
  readonly actor_kind: ActorKind;
  readonly actor_id: string | null;
  readonly action: string;
  readonly subject: string | null;
  readonly outcome: "begun" | "done" | "refused";
  readonly details: Record<string, unknown> | null;
}

function readPage(
  { database, users }: AuditRoutesContext,
  caller: Caller,
  of: RawBuilder<unknown>,
  query: Static<typeof Listing>,
): Promise<Static<typeof AuditPage>> {
  const find = async ({ after, limit }: Part<"aud">) => {
    const statement = sql<AuditRow>`
      select audit_id, event_id, at, actor_kind, actor_id, action, subject, outcome, details
        from organizers.audit_entry
       where ${of}
         and (${after}::uuid is null or audit_id < ${after}::uuid)
       order by audit_id desc
       limit ${limit}
    `;
    const { rows } = await inReach(database, reachOf(caller), (transaction) =>
      statement.execute(transaction),
    );
    const userIds = rows.flatMap((row) => (row.actor_kind === "user" ? [row.actor_id] : []));
    const names = await users.namesOf(database.kysely, [...new Set(userIds)] as Id<"usr">[]);
    return rows.map((row) => ({ row, names }));
  };
  return pageById(query, {
    find,
    idOf: ({ row }) => row.audit_id,
    view: ({ row, names }) => auditView(row, names),
  });
}

/** By which kind of id an actor is known. */
const ACTOR_ID = { user: "usr", key: "key", event_token: "evt", door_pass: "dps" } as const;

function auditView(row: AuditRow, names: ReadonlyMap<Id<"usr">, string>) {
  const { actor_kind: kind, actor_id: id } = row;
  const known = kind === "server" || id === null ? null : formatId(ACTOR_ID[kind], id as never);
  return {
    id: formatId("aud", row.audit_id),
    at: toRfc3339(row.at),
    actor: { kind, id: known, name: names.get(id as Id<"usr">) ?? null },
    action: row.action,
    event_id: row.event_id === null ? null : formatId("evt", row.event_id),
    subject: row.subject,
    outcome: row.outcome,
    details: row.details,
  };
}
