import { sql } from "kysely";
import type { Clock, EpochMs } from "#platform/clock.ts";
import type { Queryable, Transaction } from "#platform/database/database.ts";
import { databaseNow } from "#platform/database/database-now.ts";
import type { Part } from "#platform/http/pagination.ts";
import { type Id, newId } from "#platform/id.ts";
import type { GivenRole } from "./roles.ts";

// Every statement about invitations.

export interface InvitationRow {
  readonly invitation_id: Id<"inv">;
  readonly email: string;
  readonly role: GivenRole;
  readonly created_at: EpochMs;
  readonly expires_at: EpochMs;
}

/** How long a link can be followed. */
export const INVITATION_DAYS = 7;

/** Invites an address; what it was invited to before is replaced, and its earlier link is dead. */
export async function saveInvitation(
  transaction: Transaction,
  clock: Clock,
  invitation: {
    readonly organizerId: Id<"org">;
    readonly email: string;
    readonly role: GivenRole;
    readonly digest: string;
    readonly invitedBy: Id<"usr">;
  },
): Promise<InvitationRow> {
  const { organizerId, email, role, digest, invitedBy } = invitation;
  const { rows } = await sql<InvitationRow>`
    insert into organizers.invitation as i (
      invitation_id, organizer_id, email, role, token, invited_by, created_at, expires_at
    )
    values (
      ${newId<"inv">(clock)}, ${organizerId}, lower(${email}), ${role}, ${digest}, ${invitedBy},
      ${databaseNow(clock)}, ${databaseNow(clock)} + make_interval(days => ${INVITATION_DAYS})
    )
        on conflict (organizer_id, email) do update
       set role = excluded.role,
           token = excluded.token,
           invited_by = excluded.invited_by,
           created_at = excluded.created_at,
           expires_at = excluded.expires_at
    returning i.invitation_id, i.email, i.role, i.created_at, i.expires_at
  `.execute(transaction);
  return rows[0] as InvitationRow;
}

/** Those that can be accepted, oldest first. */
export async function listInvitations(
  queryable: Queryable,
  clock: Clock,
  organizerId: Id<"org">,
  { after, limit }: Part<"inv">,
): Promise<readonly InvitationRow[]> {
  const { rows } = await sql<InvitationRow>`
    select invitation_id, email, role, created_at, expires_at
      from organizers.invitation
     where organizer_id = ${organizerId}
       and expires_at > ${databaseNow(clock)}
       and (${after}::uuid is null or invitation_id > ${after}::uuid)
     order by invitation_id
     limit ${limit}
  `.execute(queryable);
  return rows;
}

/** Takes an invitation back; false when there is none. */
export async function deleteInvitation(
  transaction: Transaction,
  organizerId: Id<"org">,
  invitationId: Id<"inv">,
): Promise<boolean> {
  const { rows } = await sql`
    delete from organizers.invitation
     where invitation_id = ${invitationId}
       and organizer_id = ${organizerId}
    returning invitation_id
  `.execute(transaction);
  return rows.length === 1;
}

/** Uses up an invitation by the digest of its token; null when there is none that is good. */
export async function takeInvitation(
  transaction: Transaction,
  clock: Clock,
  digest: string,
): Promise<{ readonly organizerId: Id<"org">; readonly role: GivenRole } | null> {
  const { rows } = await sql<{ organizer_id: Id<"org">; role: GivenRole }>`
    delete from organizers.invitation
     where token = ${digest}
       and expires_at > ${databaseNow(clock)}
    returning organizer_id, role
  `.execute(transaction);
  const [row] = rows;
  return row === undefined ? null : { organizerId: row.organizer_id, role: row.role };
}

/** Invitations past their time; they open nothing already. */
export async function deleteExpiredInvitations(queryable: Queryable, clock: Clock): Promise<void> {
  await sql`
    delete from organizers.invitation where expires_at < ${databaseNow(clock)}
  `.execute(queryable);
}
