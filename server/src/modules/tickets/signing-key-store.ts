import { sql } from "kysely";
import type { EventFacts } from "#modules/catalog/index.ts";
import type { Clock, EpochMs } from "#platform/clock.ts";
import type { Queryable, Transaction } from "#platform/database/database.ts";
import { databaseNow } from "#platform/database/database-now.ts";
import type { KeyOwner, PublicKey } from "./signing-key.ts";

// Every statement about rows of signing keys.

interface PublicKeyRow {
  readonly number: number;
  readonly public_key: string;
  readonly created_at: EpochMs;
  readonly retired_at: EpochMs | null;
  readonly revoked_at: EpochMs | null;
}

/** The key that signs, as it is stored. */
export interface ActiveKey {
  readonly number: number;
  readonly publicKey: Buffer;
  readonly sealed: Buffer;
}

export interface NewKey extends ActiveKey {
  readonly owner: KeyOwner;
}

/** One at a time makes, retires and revokes keys of an owner, until the transaction ends. */
export async function lockKeysOf(transaction: Transaction, { id }: KeyOwner): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`tickets.signing_key ${id}`}, 0))`.execute(
    transaction,
  );
}

export async function findActiveKey(
  queryable: Queryable,
  owner: KeyOwner,
): Promise<ActiveKey | null> {
  const { rows } = await sql<{ number: number; public_key: string; private_key: string }>`
    select number, encode(public_key, 'hex') as public_key, encode(private_key, 'hex') as private_key
      from tickets.signing_key
     where ${isOf(owner)}
       and retired_at is null
  `.execute(queryable);
  const [row] = rows;
  if (row === undefined) return null;
  return {
    number: row.number,
    publicKey: Buffer.from(row.public_key, "hex"),
    sealed: Buffer.from(row.private_key, "hex"),
  };
}

export async function insertKey(
  transaction: Transaction,
  clock: Clock,
  { owner, number, publicKey, sealed }: NewKey,
): Promise<void> {
  const organizerId = owner.kind === "organizer" ? owner.id : null;
  const eventId = owner.kind === "event" ? owner.id : null;
  await sql`
    insert into tickets.signing_key (public_key, organizer_id, event_id, number, private_key, created_at)
    values (
      decode(${publicKey.toString("hex")}, 'hex'), ${organizerId}, ${eventId}, ${number},
      decode(${sealed.toString("hex")}, 'hex'), ${databaseNow(clock)}
    )
  `.execute(transaction);
}

/** Nothing is signed with it any more. */
export async function retireActiveKey(
  transaction: Transaction,
  clock: Clock,
  owner: KeyOwner,
): Promise<void> {
  await sql`
    update tickets.signing_key
       set retired_at = ${databaseNow(clock)}
     where ${isOf(owner)}
       and retired_at is null
  `.execute(transaction);
}

/** Voids every code that retired keys of the owners have signed. */
export async function revokeRetiredKeys(
  transaction: Transaction,
  clock: Clock,
  owner: KeyOwner,
): Promise<void> {
  await sql`
    update tickets.signing_key
       set revoked_at = ${databaseNow(clock)}
     where ${isOf(owner)}
       and retired_at is not null
       and revoked_at is null
  `.execute(transaction);
}

/** Forgets revoked keys but the latest: codes of the others are then unknown, which is as good as void. */
export async function forgetRevokedKeys(
  transaction: Transaction,
  owner: KeyOwner,
  keptMax: number,
): Promise<void> {
  await sql`
    delete from tickets.signing_key
     where public_key in (
       select public_key
         from tickets.signing_key
        where ${isOf(owner)}
          and revoked_at is not null
        order by number desc
       offset ${keptMax}
     )
  `.execute(transaction);
}

/** The highest number that was given, null when there is none, and how many keys are not revoked. */
export async function countKeys(
  transaction: Transaction,
  owner: KeyOwner,
): Promise<{ readonly last: number | null; readonly good: number }> {
  const { rows } = await sql<{ last: number | null; good: number }>`
    select max(number) as last, count(*) filter (where revoked_at is null)::integer as good
      from tickets.signing_key
     where ${isOf(owner)}
  `.execute(transaction);
  return rows[0] ?? { last: null, good: 0 };
}

/** The keys of an event's codes, the latest first: its organizer's, and those it had before it was claimed. */
export async function publicKeysOf(
  queryable: Queryable,
  { organizerId, eventId }: Pick<EventFacts, "organizerId" | "eventId">,
): Promise<PublicKey[]> {
  const { rows } = await sql<PublicKeyRow>`
    select number, encode(public_key, 'hex') as public_key, created_at, retired_at, revoked_at
      from tickets.signing_key
     where organizer_id = ${organizerId}::uuid
        or event_id = ${eventId}
     order by created_at desc, number desc
  `.execute(queryable);
  return rows.map(asPublicKey);
}

function asPublicKey(row: PublicKeyRow): PublicKey {
  return {
    number: row.number,
    publicKey: Buffer.from(row.public_key, "hex"),
    createdAt: row.created_at,
    retiredAt: row.retired_at,
    revokedAt: row.revoked_at,
  };
}

function isOf({ kind, id }: KeyOwner) {
  return kind === "organizer" ? sql`organizer_id = ${id}` : sql`event_id = ${id}`;
}
