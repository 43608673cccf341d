import { sql } from "kysely";
import type { Clock, EpochMs } from "#platform/clock.ts";
import type { Database, Queryable, Transaction } from "#platform/database/database.ts";
import { databaseNow } from "#platform/database/database-now.ts";
import type { Part } from "#platform/http/pagination.ts";
import type { Id } from "#platform/id.ts";
import { toRfc3339 } from "#platform/time.ts";

export interface DoorPassRow {
  readonly pass_id: Id<"dps">;
  readonly event_id: Id<"evt">;
  readonly gate: string;
  readonly generation: number;
  readonly created_at: EpochMs;
  readonly expires_at: EpochMs;
  readonly revoked_at: EpochMs | null;
}

const COLUMNS = "pass_id, event_id, gate, generation, created_at, expires_at, revoked_at";

/** Null when its time is over already. */
export async function insertDoorPass(
  transaction: Transaction,
  clock: Clock,
  pass: {
    readonly passId: Id<"dps">;
    readonly eventId: Id<"evt">;
    readonly gate: string;
    readonly expiresAt: EpochMs;
  },
): Promise<DoorPassRow | null> {
  const expiresAt = toRfc3339(pass.expiresAt);
  const { rows } = await sql<DoorPassRow>`
    insert into organizers.door_pass (pass_id, event_id, gate, created_at, expires_at)
    select ${pass.passId}, ${pass.eventId}, ${pass.gate}, made.at, ${expiresAt}::timestamptz
      from (select ${databaseNow(clock)} as at) made
     where ${expiresAt}::timestamptz > made.at
    returning ${sql.raw(COLUMNS)}
  `.execute(transaction);
  return rows[0] ?? null;
}

export async function listDoorPasses(
  queryable: Queryable,
  eventId: Id<"evt">,
  { after, limit }: Part<"dps">,
): Promise<readonly DoorPassRow[]> {
  const { rows } = await sql<DoorPassRow>`
    select ${sql.raw(COLUMNS)}
      from organizers.door_pass
     where event_id = ${eventId}
       and (${after}::uuid is null or pass_id < ${after}::uuid)
     order by pass_id desc
     limit ${limit}
  `.execute(queryable);
  return rows;
}

/** A pass of the event, void or not; null when it has no such pass. */
export async function findDoorPassOf(
  queryable: Queryable,
  { eventId, passId }: { readonly eventId: Id<"evt">; readonly passId: Id<"dps"> },
): Promise<DoorPassRow | null> {
  const { rows } = await sql<DoorPassRow>`
    select ${sql.raw(COLUMNS)}
      from organizers.door_pass
     where pass_id = ${passId}
       and event_id = ${eventId}
  `.execute(queryable);
  return rows[0] ?? null;
}

/** Whether it was good until now; null when the event has no such pass. */
export async function revokeDoorPass(
  transaction: Transaction,
  clock: Clock,
  { eventId, passId }: { readonly eventId: Id<"evt">; readonly passId: Id<"dps"> },
): Promise<{ readonly isNews: boolean } | null> {
  const { rows } = await sql<{ was_revoked: boolean }>`
    update organizers.door_pass p
       set revoked_at = coalesce(p.revoked_at, ${databaseNow(clock)})
      from (
             select pass_id, revoked_at is not null as was_revoked
               from organizers.door_pass
              where pass_id = ${passId}
                and event_id = ${eventId}
                for update
           ) before
     where p.pass_id = before.pass_id
    returning before.was_revoked
  `.execute(transaction);
  const [row] = rows;
  return row === undefined ? null : { isNews: !row.was_revoked };
}

/** A pass that is not revoked. */
export async function findDoorPass(
  database: Database,
  passId: Id<"dps">,
): Promise<DoorPassRow | null> {
  const [row] = await database.prepared<DoorPassRow>(
    "organizers_find_door_pass",
    `select ${COLUMNS}
       from organizers.door_pass
      where pass_id = $1
        and revoked_at is null`,
    [passId],
  );
  return row ?? null;
}
