import { sql } from "kysely";
import type { Clock, EpochMs } from "#platform/clock.ts";
import { plainArray } from "#platform/database/arrays.ts";
import type { Database, Queryable, Transaction } from "#platform/database/database.ts";
import { databaseNow } from "#platform/database/database-now.ts";
import type { Part } from "#platform/http/pagination.ts";
import type { Id } from "#platform/id.ts";
import { toRfc3339 } from "#platform/time.ts";
import type { Scope } from "./roles.ts";

export interface ApiKeyRow {
  readonly key_id: Id<"key">;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly last_four: string;
  readonly created_at: EpochMs;
  readonly expires_at: EpochMs | null;
  readonly last_used_at: EpochMs | null;
  readonly revoked_at: EpochMs | null;
}

export interface NewApiKey {
  readonly keyId: Id<"key">;
  readonly organizerId: Id<"org">;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly digest: string;
  readonly lastFour: string;
  readonly createdBy: Id<"usr">;
  readonly expiresAt: EpochMs | null;
}

/** What opens things, as far as it is not revoked. */
export interface FoundApiKey {
  readonly key_id: Id<"key">;
  readonly organizer_id: Id<"org">;
  readonly scopes: readonly Scope[];
  readonly expires_at: EpochMs | null;
}

const COLUMNS = sql.raw(
  "key_id, name, scopes, last_four, created_at, expires_at, last_used_at, revoked_at",
);

/** Null when its time is over already. */
export async function insertApiKey(
  transaction: Transaction,
  clock: Clock,
  key: NewApiKey,
): Promise<ApiKeyRow | null> {
  const expiresAt = instant(key.expiresAt);
  const { rows } = await sql<ApiKeyRow>`
    insert into organizers.api_key (
      key_id, organizer_id, name, digest, last_four, scopes, created_by, created_at, expires_at
    )
    select ${key.keyId}, ${key.organizerId}, ${key.name}, ${key.digest}, ${key.lastFour},
           ${plainArray(key.scopes)}::text[], ${key.createdBy}, made.at, ${expiresAt}::timestamptz
      from (select ${databaseNow(clock)} as at) made
     where ${expiresAt}::timestamptz is null
        or ${expiresAt}::timestamptz > made.at
    returning ${COLUMNS}
  `.execute(transaction);
  return rows[0] ?? null;
}

export async function listApiKeys(
  queryable: Queryable,
  organizerId: Id<"org">,
  { after, limit }: Part<"key">,
): Promise<readonly ApiKeyRow[]> {
  const { rows } = await sql<ApiKeyRow>`
    select ${COLUMNS}
      from organizers.api_key
     where organizer_id = ${organizerId}
       and (${after}::uuid is null or key_id < ${after}::uuid)
     order by key_id desc
     limit ${limit}
  `.execute(queryable);
  return rows;
}

/** Its digest, and whether it was good until now; null when the organizer has no such key. */
export async function revokeApiKey(
  transaction: Transaction,
  clock: Clock,
  { organizerId, keyId }: { readonly organizerId: Id<"org">; readonly keyId: Id<"key"> },
): Promise<{ readonly digest: string; readonly isNews: boolean } | null> {
  const { rows } = await sql<{ digest: string; was_revoked: boolean }>`
    update organizers.api_key k
       set revoked_at = coalesce(k.revoked_at, ${databaseNow(clock)})
      from (
             select key_id, revoked_at is not null as was_revoked
               from organizers.api_key
              where key_id = ${keyId}
                and organizer_id = ${organizerId}
                for update
           ) before
     where k.key_id = before.key_id
    returning k.digest, before.was_revoked
  `.execute(transaction);
  const [row] = rows;
  return row === undefined ? null : { digest: row.digest, isNews: !row.was_revoked };
}

export async function findApiKey(database: Database, digest: string): Promise<FoundApiKey | null> {
  const [row] = await database.prepared<FoundApiKey>(
    "organizers_find_api_key",
    `select key_id, organizer_id, scopes, expires_at
       from organizers.api_key
      where digest = $1
        and revoked_at is null`,
    [digest],
  );
  return row ?? null;
}

/** All at once; a later use that another process has noted stays. */
export async function noteLastUses(
  queryable: Queryable,
  uses: ReadonlyMap<Id<"key">, EpochMs>,
): Promise<void> {
  const times = [...uses.values()].map((at) => toRfc3339(at));
  // Locked by id first: two processes that note the same keys wait for each other and never both.
  await sql`
    with use as (
      select key_id, at
        from unnest(${plainArray([...uses.keys()])}::uuid[], ${plainArray(times)}::timestamptz[]) as u (key_id, at)
    ), locked as (
      select k.key_id
        from organizers.api_key k
       where k.key_id in (select key_id from use)
       order by k.key_id
         for no key update
    )
    update organizers.api_key k
       set last_used_at = use.at
      from use
      join locked on locked.key_id = use.key_id
     where k.key_id = use.key_id
       and (k.last_used_at is null or k.last_used_at < use.at)
  `.execute(queryable);
}

function instant(at: EpochMs | null): string | null {
  return at === null ? null : toRfc3339(at);
}
