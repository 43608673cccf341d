import { sql } from "kysely";
import type { Clock, EpochMs } from "#platform/clock.ts";
import type { Queryable, Transaction } from "#platform/database/database.ts";
import { databaseNow } from "#platform/database/database-now.ts";
import type { Part } from "#platform/http/pagination.ts";
import type { Id } from "#platform/id.ts";
import type { GivenRole, Role } from "./roles.ts";

// Every statement about organizers and their members.

export interface OrganizerRow {
  readonly organizer_id: Id<"org">;
  readonly name: string;
  readonly created_at: EpochMs;
}

export interface MemberRow {
  readonly user_id: Id<"usr">;
  readonly role: Role;
  readonly joined_at: EpochMs;
}

/** Writes an organizer with its owner. */
export async function insertOrganizer(
  transaction: Transaction,
  clock: Clock,
  organizer: {
    readonly organizerId: Id<"org">;
    readonly name: string;
    readonly ownerId: Id<"usr">;
  },
): Promise<OrganizerRow> {
  const { organizerId, name, ownerId } = organizer;
  const { rows } = await sql<OrganizerRow>`
    insert into organizers.organizer (organizer_id, name, owner_id, created_at)
    values (${organizerId}, ${name}, ${ownerId}, ${databaseNow(clock)})
    returning organizer_id, name, created_at
  `.execute(transaction);
  await insertMember(transaction, clock, { organizerId, userId: ownerId, role: "owner" });
  return rows[0] as OrganizerRow;
}

/** Makes a user a member; false when they are one already. */
export async function insertMember(
  transaction: Transaction,
  clock: Clock,
  member: {
    readonly organizerId: Id<"org">;
    readonly userId: Id<"usr">;
    readonly role: Role;
  },
): Promise<boolean> {
  const { rows } = await sql`
    insert into organizers.member (organizer_id, user_id, role, joined_at)
    values (${member.organizerId}, ${member.userId}, ${member.role}, ${databaseNow(clock)})
        on conflict (organizer_id, user_id) do nothing
    returning user_id
  `.execute(transaction);
  return rows.length === 1;
}

export async function findOrganizer(
  queryable: Queryable,
  organizerId: Id<"org">,
): Promise<OrganizerRow | null> {
  const { rows } = await sql<OrganizerRow>`
    select organizer_id, name, created_at
      from organizers.organizer
     where organizer_id = ${organizerId}
  `.execute(queryable);
  return rows[0] ?? null;
}

export async function renameOrganizer(
  transaction: Transaction,
  organizerId: Id<"org">,
  name: string,
): Promise<OrganizerRow | null> {
  const { rows } = await sql<OrganizerRow>`
    update organizers.organizer
       set name = ${name}
     where organizer_id = ${organizerId}
    returning organizer_id, name, created_at
  `.execute(transaction);
  return rows[0] ?? null;
}

/** The organizers of a user, oldest first. */
export async function listOrganizers(
  queryable: Queryable,
  userId: Id<"usr">,
  { after, limit }: Part<"org">,
): Promise<readonly (OrganizerRow & { readonly role: Role })[]> {
  const { rows } = await sql<OrganizerRow & { role: Role }>`
    select o.organizer_id, o.name, o.created_at, m.role
      from organizers.member m
      join organizers.organizer o on o.organizer_id = m.organizer_id
     where m.user_id = ${userId}
       and (${after}::uuid is null or o.organizer_id > ${after}::uuid)
     order by o.organizer_id
     limit ${limit}
  `.execute(queryable);
  return rows;
}

/** In how many organizers a user is. */
export async function countMemberships(
  transaction: Transaction,
  userId: Id<"usr">,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from organizers.member where user_id = ${userId}
  `.execute(transaction);
  return rows[0]?.count ?? 0;
}

export async function listMembers(
  queryable: Queryable,
  organizerId: Id<"org">,
  { after, limit }: Part<"usr">,
): Promise<readonly MemberRow[]> {
  const { rows } = await sql<MemberRow>`
    select user_id, role, joined_at
      from organizers.member
     where organizer_id = ${organizerId}
       and (${after}::uuid is null or user_id > ${after}::uuid)
     order by user_id
     limit ${limit}
  `.execute(queryable);
  return rows;
}

/** The member, locked until the transaction ends; null: not one. */
export async function lockMember(
  transaction: Transaction,
  organizerId: Id<"org">,
  userId: Id<"usr">,
): Promise<MemberRow | null> {
  const { rows } = await sql<MemberRow>`
    select user_id, role, joined_at
      from organizers.member
     where organizer_id = ${organizerId}
       and user_id = ${userId}
       for update
  `.execute(transaction);
  return rows[0] ?? null;
}

export async function saveRole(
  transaction: Transaction,
  organizerId: Id<"org">,
  userId: Id<"usr">,
  role: GivenRole,
): Promise<void> {
  await sql`
    update organizers.member
       set role = ${role}
     where organizer_id = ${organizerId}
       and user_id = ${userId}
  `.execute(transaction);
}

export async function deleteMember(
  transaction: Transaction,
  organizerId: Id<"org">,
  userId: Id<"usr">,
): Promise<void> {
  await sql`
    delete from organizers.member
     where organizer_id = ${organizerId}
       and user_id = ${userId}
  `.execute(transaction);
}

/** Hands an organizer over to another member; who owned it is a manager then. */
export async function saveOwner(
  transaction: Transaction,
  organizerId: Id<"org">,
  userId: Id<"usr">,
): Promise<void> {
  // One after the other: at no moment may two members be the owner.
  await sql`
    update organizers.member
       set role = 'manager'
     where organizer_id = ${organizerId}
       and role = 'owner'
  `.execute(transaction);
  await sql`
    update organizers.member
       set role = 'owner'
     where organizer_id = ${organizerId}
       and user_id = ${userId}
  `.execute(transaction);
  await sql`
    update organizers.organizer
       set owner_id = ${userId}
     where organizer_id = ${organizerId}
  `.execute(transaction);
}

/** Locks an organizer against other changes of who is in it. */
export async function lockOrganizer(
  transaction: Transaction,
  organizerId: Id<"org">,
): Promise<OrganizerRow | null> {
  const { rows } = await sql<OrganizerRow>`
    select organizer_id, name, created_at
      from organizers.organizer
     where organizer_id = ${organizerId}
       for no key update
  `.execute(transaction);
  return rows[0] ?? null;
}
