import { PERMISSIONS, type Permission } from "#platform/http/access.ts";
import type { Grant } from "#platform/http/authentication.ts";

// Who may do what: the table that everything else asks.

/** `owner`: there is exactly one. */
export const ROLES = ["owner", "manager", "viewer", "door"] as const;
export type Role = (typeof ROLES)[number];
/** The roles that members are invited to and given; the owner's is handed over by a transfer. */
export const GIVEN_ROLES = ["manager", "viewer", "door"] as const;
export type GivenRole = (typeof GIVEN_ROLES)[number];

/** What API keys are for. */
export const SCOPES = ["read", "write", "door", "feed"] as const;
export type Scope = (typeof SCOPES)[number];

const ROLE_PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  owner: PERMISSIONS,
  manager: [
    "event:read",
    "event:write",
    "reservation:read",
    "reservation:write",
    "attendee:erase",
    "door",
    "door-pass:write",
    "feed:read",
    "organizer:read",
    "member:read",
  ],
  viewer: ["event:read", "reservation:read", "organizer:read", "member:read"],
  door: ["event:read", "door", "organizer:read"],
};

const SCOPE_PERMISSIONS: Readonly<Record<Scope, readonly Permission[]>> = {
  read: ["event:read", "reservation:read", "organizer:read"],
  write: [
    "event:read",
    "event:write",
    "reservation:write",
    "attendee:erase",
    "door-pass:write",
    "organizer:read",
  ],
  door: ["event:read", "door"],
  feed: ["feed:read"],
};

/** What the token of an anonymous event gives: all there is to do with that event. */
export const EVENT_TOKEN_GRANT: Grant = {
  as: "holder of the event's token",
  permissions: new Set([
    "event:read",
    "event:write",
    "reservation:read",
    "reservation:write",
    "attendee:erase",
    "door",
    "door-pass:write",
    "audit:read",
  ]),
};

export const DOOR_PASS_GRANT: Grant = { as: "door pass", permissions: new Set(["door"]) };

const GRANTS = new Map<Role, Grant>(
  ROLES.map((role) => [role, { as: role, permissions: new Set(ROLE_PERMISSIONS[role]) }]),
);

export function grantOfRole(role: Role): Grant {
  return GRANTS.get(role) as Grant;
}

export function grantOfScopes(scopes: readonly Scope[]): Grant {
  return {
    as: `API key for ${scopes.join(", ")}`,
    permissions: new Set(scopes.flatMap((scope) => SCOPE_PERMISSIONS[scope])),
  };
}
