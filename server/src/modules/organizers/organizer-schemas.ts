import { Type } from "typebox";
import { component, idSchema, Nullable, OneOf, page, Rfc3339 } from "#platform/http/schemas.ts";
import { GIVEN_ROLES, ROLES } from "./roles.ts";

// The wire shapes of organizers, their members and invitations, and of the record of who did what.

const closed = { additionalProperties: false } as const;
const NAME_LENGTH_MAX = 200;

const Name = Type.String({
  minLength: 1,
  maxLength: NAME_LENGTH_MAX,
  pattern: "^.*\\S.*$",
  description: "One line, not blank.",
  examples: ["National Museum"],
});

export const NewOrganizer = component("NewOrganizer", Type.Object({ name: Name }, closed));
export const OrganizerChange = component("OrganizerChange", Type.Object({ name: Name }, closed));

export const OrganizerView = component(
  "Organizer",
  Type.Object({
    id: idSchema("org"),
    name: Type.String(),
    role: Nullable(OneOf(ROLES, { description: "What the asker is there; null for API keys." })),
    created_at: Rfc3339,
  }),
);
export const OrganizerPage = component("OrganizerPage", page(OrganizerView));

export const MemberView = component(
  "Member",
  Type.Object({
    user_id: idSchema("usr"),
    user_name: Type.String(),
    role: OneOf(ROLES),
    joined_at: Rfc3339,
  }),
);
export const MemberPage = component("MemberPage", page(MemberView));
export const MemberChange = component(
  "MemberChange",
  Type.Object({ role: OneOf(GIVEN_ROLES) }, closed),
);
export const Transfer = component(
  "OrganizerTransfer",
  Type.Object(
    { user_id: Type.Unsafe<string>({ ...idSchema("usr"), description: "A member." }) },
    closed,
  ),
);

export const NewInvitation = component(
  "NewInvitation",
  Type.Object(
    {
      email: Type.String({ format: "email", maxLength: 254, examples: ["ada@example.org"] }),
      role: OneOf(GIVEN_ROLES),
    },
    closed,
  ),
);
export const InvitationView = component(
  "Invitation",
  Type.Object({
    id: idSchema("inv"),
    email: Type.String(),
    role: OneOf(GIVEN_ROLES),
    created_at: Rfc3339,
    expires_at: Rfc3339,
  }),
);
export const InvitationPage = component("InvitationPage", page(InvitationView));
export const InvitationToken = component(
  "InvitationToken",
  Type.Object(
    { token: Type.String({ minLength: 1, maxLength: 100, description: "From the link." }) },
    closed,
  ),
);
export const AcceptedInvitation = component(
  "AcceptedInvitation",
  Type.Object({
    organizer: Type.Object({ id: idSchema("org"), name: Type.String() }),
    role: OneOf(GIVEN_ROLES),
  }),
);

export const AuditEntryView = component(
  "AuditEntry",
  Type.Object({
    id: idSchema("aud"),
    at: Rfc3339,
    actor: Type.Object({
      kind: OneOf(["user", "key", "event_token", "door_pass", "server"]),
      id: Nullable(Type.String()),
      name: Nullable(Type.String({ description: "The user's name." })),
    }),
    action: Type.String({ description: "The `operationId` of what was asked for." }),
    event_id: Nullable(idSchema("evt")),
    subject: Nullable(Type.String({ description: "The id of what it was done to." })),
    outcome: OneOf(["begun", "done", "refused"], {
      description: "`begun`: it was cut short; what became of it stands where it was done.",
    }),
    details: Nullable(Type.Record(Type.String(), Type.Unknown())),
  }),
);
export const AuditPage = component("AuditPage", page(AuditEntryView));

/** Nothing to read: that it was accepted is all there is to say. */
export const Nothing = Type.Null({ description: "Done." });
