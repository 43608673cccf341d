import { sql } from "kysely";
import type { Clock, EpochMs } from "#platform/clock.ts";
import { textArray } from "#platform/database/arrays.ts";
import type { Database, Queryable } from "#platform/database/database.ts";
import { databaseNow } from "#platform/database/database-now.ts";
import type { Id } from "#platform/id.ts";

// Every statement of this module's own. What the engine sends goes through engine-storage.ts.

export interface UserRow {
  readonly id: Id<"usr">;
  readonly name: string;
  readonly email: string;
  readonly email_verified: boolean;
  readonly two_factor_enabled: boolean;
  readonly created_at: EpochMs;
}

/** A user and the session by which they are known. */
export interface SignedIn {
  readonly userId: Id<"usr">;
  readonly sessionId: Id<"ses">;
}

export interface SessionRow {
  readonly id: Id<"ses">;
  readonly user_agent: string | null;
  readonly created_at: EpochMs;
  readonly expires_at: EpochMs;
}

export interface PasskeyRow {
  readonly id: Id<"psk">;
  readonly name: string | null;
  readonly created_at: EpochMs;
}

const CODES_KEPT_MINUTES = 5;

export async function findSession(
  database: Database,
  clock: Clock,
  digest: string,
): Promise<SignedIn | null> {
  const [row] = await database.prepared<{ id: Id<"ses">; user_id: Id<"usr"> }>(
    "accounts_find_session",
    `select id, user_id
       from accounts.session
      where token = $1
        and expires_at > clock_timestamp() + make_interval(secs => $2::float8)`,
    [digest, clock.shiftMs / 1000],
  );
  return row === undefined ? null : { userId: row.user_id, sessionId: row.id };
}

export async function findUser(queryable: Queryable, userId: Id<"usr">): Promise<UserRow | null> {
  const { rows } = await sql<UserRow>`
    select id, name, email, email_verified, two_factor_enabled, created_at
      from accounts.registered_user
     where id = ${userId}
  `.execute(queryable);
  return rows[0] ?? null;
}

/** The names of users, by their id. */
export async function findUserNames(
  queryable: Queryable,
  userIds: readonly Id<"usr">[],
): Promise<ReadonlyMap<Id<"usr">, string>> {
  const { rows } = await sql<Pick<UserRow, "id" | "name">>`
    select id, name from accounts.registered_user where id = any (${textArray(userIds)}::uuid[])
  `.execute(queryable);
  return new Map(rows.map((row) => [row.id, row.name]));
}

/** The address is compared in small letters, as it is kept. */
export async function findUserByEmail(
  queryable: Queryable,
  email: string,
): Promise<UserRow | null> {
  const { rows } = await sql<UserRow>`
    select id, name, email, email_verified, two_factor_enabled, created_at
      from accounts.registered_user
     where email = lower(${email})
  `.execute(queryable);
  return rows[0] ?? null;
}

/** Takes a name for an attempt to register; false when it is taken. */
export async function takeName(queryable: Queryable, clock: Clock, name: string): Promise<boolean> {
  const { rows } = await sql`
    insert into accounts.taken_name (username, taken_at)
    values (${name}, ${databaseNow(clock)})
        on conflict (username) do nothing
    returning username
  `.execute(queryable);
  return rows.length === 1;
}

export async function giveNameBack(queryable: Queryable, name: string): Promise<void> {
  await sql`delete from accounts.taken_name where username = ${name}`.execute(queryable);
}

/** Whoever set a password by a link in a mail has shown that the address is theirs. */
export async function markVerified(queryable: Queryable, userId: string): Promise<void> {
  await sql`
    update accounts.registered_user set email_verified = true where id = ${userId}
  `.execute(queryable);
}

export async function listSessions(
  queryable: Queryable,
  clock: Clock,
  userId: Id<"usr">,
): Promise<readonly SessionRow[]> {
  const { rows } = await sql<SessionRow>`
    select id, user_agent, created_at, expires_at
      from accounts.session
     where user_id = ${userId}
       and expires_at > ${databaseNow(clock)}
     order by created_at desc, id
     limit 100
  `.execute(queryable);
  return rows;
}

/** Ends one session of a user; false when they have no such one. */
export async function deleteSession(
  queryable: Queryable,
  userId: Id<"usr">,
  sessionId: Id<"ses">,
): Promise<boolean> {
  const { rows } = await sql`
    delete from accounts.session where id = ${sessionId} and user_id = ${userId} returning id
  `.execute(queryable);
  return rows.length === 1;
}

export async function deleteSessions(queryable: Queryable, userId: Id<"usr">): Promise<void> {
  await sql`delete from accounts.session where user_id = ${userId}`.execute(queryable);
}

export async function deleteSessionByToken(queryable: Queryable, digest: string): Promise<void> {
  await sql`delete from accounts.session where token = ${digest}`.execute(queryable);
}

/** Notes that a code was used; false when it was used before. Of two at once, one is first. */
export async function useCode(
  queryable: Queryable,
  userId: string,
  digest: string,
): Promise<boolean> {
  await sql`
    delete from accounts.used_code
     where user_id = ${userId}
       and used_at < clock_timestamp() - make_interval(mins => ${CODES_KEPT_MINUTES})
  `.execute(queryable);
  const { rows } = await sql`
    insert into accounts.used_code (user_id, code, used_at)
    values (${userId}, ${digest}, clock_timestamp())
        on conflict (user_id, code) do nothing
    returning code
  `.execute(queryable);
  return rows.length === 1;
}

export async function listPasskeys(
  queryable: Queryable,
  userId: Id<"usr">,
): Promise<readonly PasskeyRow[]> {
  const { rows } = await sql<PasskeyRow>`
    select id, name, created_at
      from accounts.passkey
     where user_id = ${userId}
     order by created_at, id
     limit 100
  `.execute(queryable);
  return rows;
}

export async function renamePasskey(
  queryable: Queryable,
  userId: Id<"usr">,
  passkeyId: Id<"psk">,
  name: string,
): Promise<PasskeyRow | null> {
  const { rows } = await sql<PasskeyRow>`
    update accounts.passkey
       set name = ${name}
     where id = ${passkeyId}
       and user_id = ${userId}
    returning id, name, created_at
  `.execute(queryable);
  return rows[0] ?? null;
}

export async function deletePasskey(
  queryable: Queryable,
  userId: Id<"usr">,
  passkeyId: Id<"psk">,
): Promise<boolean> {
  const { rows } = await sql`
    delete from accounts.passkey where id = ${passkeyId} and user_id = ${userId} returning id
  `.execute(queryable);
  return rows.length === 1;
}

/** Sessions and verifications past their time; they open nothing already. */
export async function deleteExpired(queryable: Queryable, clock: Clock): Promise<void> {
  await sql`delete from accounts.session where expires_at < ${databaseNow(clock)}`.execute(
    queryable,
  );
  await sql`delete from accounts.verification where expires_at < ${databaseNow(clock)}`.execute(
    queryable,
  );
}
