import { sql } from "kysely";
import { assert } from "#platform/assert.ts";
import type { Clock } from "#platform/clock.ts";
import type { Database, Queryable } from "#platform/database/database.ts";
import { databaseNow } from "#platform/database/database-now.ts";
import type { Principal } from "#platform/http/authentication.ts";
import { Problem } from "#platform/http/problem.ts";
import { type Id, newId } from "#platform/id.ts";

/** Something that is done by somebody who may, to something that is an organizer's or an event's. */
export interface AuditedAct {
  readonly principal: Principal | { readonly kind: "server" };
  /** The operation of the API, as its `operationId` spells it. */
  readonly action: string;
  readonly organizerId: Id<"org"> | null;
  readonly eventId: Id<"evt"> | null;
  /** What it was done to, by its id on the wire. */
  readonly subject?: string | null;
  /** Names and numbers; never anything about a person. */
  readonly details?: Readonly<Record<string, unknown>> | null;
}

/** How an act ended; `repeated`: it was done before, and is noted already. */
export type ActEnd = "done" | "refused" | "repeated";

/** The record of who did what. */
export interface Audit {
  /** Notes what is done in this transaction: there if it is committed, and only then. */
  note(transaction: Queryable, act: AuditedAct): Promise<void>;
  /**
   * Notes an act before it is done, does it, and notes how it ended. For what is not done in a
   * transaction of its own: nothing is done without being noted, and what says `begun` was cut short.
   */
  around<Result>(
    act: AuditedAct,
    work: () => Promise<Result>,
    endOf: (result: Result) => ActEnd,
  ): Promise<Result>;
}

export function createAudit(database: Database, clock: Clock): Audit {
  return {
    note: async (transaction, act) => void (await insert(transaction, clock, act, "done")),
    around: async (act, work, endOf) => {
      const auditId = await insert(database.kysely, clock, act, "begun");
      try {
        const result = await work();
        await noteEnd(database, auditId, endOf(result));
        return result;
      } catch (error) {
        if (error instanceof Problem) await noteEnd(database, auditId, "refused");
        throw error;
      }
    },
  };
}

async function noteEnd(database: Database, auditId: Id<"aud">, outcome: ActEnd): Promise<void> {
  const statement =
    outcome === "repeated"
      ? sql`delete from organizers.audit_entry where audit_id = ${auditId}`
      : sql`update organizers.audit_entry set outcome = ${outcome} where audit_id = ${auditId}`;
  await statement.execute(database.kysely);
}

async function insert(
  queryable: Queryable,
  clock: Clock,
  act: AuditedAct,
  outcome: "begun" | "done",
): Promise<Id<"aud">> {
  const auditId = newId<"aud">(clock);
  const { kind, id } = actorOf(act.principal);
  await sql`
    insert into organizers.audit_entry (
      audit_id, organizer_id, event_id, at, actor_kind, actor_id, action, subject, outcome, details
    )
    values (
      ${auditId}, ${act.organizerId}, ${act.eventId},
      ${databaseNow(clock)},
      ${kind}, ${id}, ${act.action}, ${act.subject ?? null}, ${outcome},
      ${act.details == null ? null : JSON.stringify(act.details)}::jsonb
    )
  `.execute(queryable);
  return auditId;
}

function actorOf(principal: AuditedAct["principal"]): { kind: string; id: string | null } {
  switch (principal.kind) {
    case "user":
      return { kind: "user", id: principal.userId };
    case "key":
      return { kind: "key", id: principal.keyId };
    case "door_pass":
      return { kind: "door_pass", id: principal.passId };
    case "event":
      return { kind: "event_token", id: principal.eventId };
    case "server":
      return { kind: "server", id: null };
    default:
      assert(false, "only who may do something does something that is audited");
  }
}
