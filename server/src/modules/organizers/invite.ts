import { hash, randomBytes } from "node:crypto";
import type { Clock } from "#platform/clock.ts";
import type { Transaction } from "#platform/database/database.ts";
import { within } from "#platform/database/reach.ts";
import { Problem, problemType } from "#platform/http/problem.ts";
import type { Id } from "#platform/id.ts";
import { refuseTooMany } from "./create-organizer.ts";
import { noSuchOrganizer } from "./decide.ts";
import { invitationMail } from "./invitation-mail.ts";
import {
  INVITATION_DAYS,
  type InvitationRow,
  saveInvitation,
  takeInvitation,
} from "./invitation-store.ts";
import type { OrganizersContext } from "./organizer-requests.ts";
import {
  findOrganizer,
  insertMember,
  lockOrganizer,
  type OrganizerRow,
} from "./organizer-store.ts";
import type { GivenRole } from "./roles.ts";

export const invitationExpired = problemType({
  code: "invitation_expired",
  status: 410,
  title: "This invitation cannot be accepted any more",
});
export const alreadyMember = problemType({
  code: "already_member",
  status: 409,
  title: "You are a member already",
});

const TOKEN_BYTES = 32;

/**
 * Invites an address: whoever follows the link in the mail, logged in with any address, becomes a
 * member. Whether somebody has an account with it is not looked at, so nobody learns it here.
 */
export async function invite(
  { clock, outbox, publicUrl }: Pick<OrganizersContext, "clock" | "outbox" | "publicUrl">,
  transaction: Transaction,
  invitation: {
    readonly organizerId: Id<"org">;
    readonly email: string;
    readonly role: GivenRole;
    readonly invitedBy: Id<"usr">;
    /** In which the mail may be, best first. */
    readonly languages: readonly string[];
  },
): Promise<InvitationRow> {
  const { organizerId } = invitation;
  const token = randomBytes(TOKEN_BYTES).toString("base64url");
  const reach = { organizers: [organizerId], events: [] };
  const { organizer, row } = await within(transaction, reach, async () => ({
    organizer: await findOrganizer(transaction, organizerId),
    row: await saveInvitation(transaction, clock, { ...invitation, digest: digestOf(token) }),
  }));
  if (organizer === null) throw noSuchOrganizer();
  await outbox.keep(
    transaction,
    invitationMail(row.email, {
      organizerName: organizer.name,
      role: row.role,
      days: INVITATION_DAYS,
      // Behind `#` it reaches no server's log and no other site.
      address: `${publicUrl}/accept-invitation#${token}`,
      languages: invitation.languages,
    }),
  );
  return row;
}

/**
 * Makes the user a member as an invitation says, and uses it up.
 *
 * @throws `invitation_expired`, `already_member` (the invitation stays good), `too_many_organizers`.
 */
export async function acceptInvitation(
  clock: Clock,
  transaction: Transaction,
  { token, userId }: { readonly token: string; readonly userId: Id<"usr"> },
): Promise<{ readonly organizer: OrganizerRow; readonly role: GivenRole }> {
  const taken = await takeInvitation(transaction, clock, digestOf(token));
  if (taken === null) throw refuseExpired();
  const { organizerId, role } = taken;
  await refuseTooMany(transaction, userId);
  // The invitation says which organizer it is: nothing else is reached.
  const reach = { organizers: [organizerId], events: [] };
  const { organizer, isNew } = await within(transaction, reach, async () => ({
    organizer: await lockOrganizer(transaction, organizerId),
    isNew: await insertMember(transaction, clock, { organizerId, userId, role }),
  }));
  if (organizer === null) throw refuseExpired();
  if (!isNew) {
    const message = `You are a member of ${organizer.name} already. The owner can give you another role.`;
    throw new Problem(alreadyMember, message, { reasons: [{ code: alreadyMember.code, message }] });
  }
  return { organizer, role };
}

function refuseExpired(): Problem {
  const message =
    "It was used, taken back or replaced, is too old or cut off. Ask for another one.";
  return new Problem(invitationExpired, message, {
    reasons: [{ code: invitationExpired.code, message }],
  });
}

function digestOf(token: string): string {
  return hash("sha256", token, "base64url");
}
