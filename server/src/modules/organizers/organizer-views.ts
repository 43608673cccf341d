import { formatId } from "#platform/id.ts";
import { toRfc3339 } from "#platform/time.ts";
import type { InvitationRow } from "./invitation-store.ts";
import type { MemberRow, OrganizerRow } from "./organizer-store.ts";
import type { Role } from "./roles.ts";

// Rows as they are answered.

export function organizerView(organizer: OrganizerRow, role: Role | null) {
  return {
    id: formatId("org", organizer.organizer_id),
    name: organizer.name,
    role,
    created_at: toRfc3339(organizer.created_at),
  };
}

export function memberView(member: MemberRow, name: string) {
  return {
    user_id: formatId("usr", member.user_id),
    user_name: name,
    role: member.role,
    joined_at: toRfc3339(member.joined_at),
  };
}

export function invitationView(invitation: InvitationRow) {
  return {
    id: formatId("inv", invitation.invitation_id),
    email: invitation.email,
    role: invitation.role,
    created_at: toRfc3339(invitation.created_at),
    expires_at: toRfc3339(invitation.expires_at),
  };
}
