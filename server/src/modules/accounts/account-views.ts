import { formatId, type Id } from "#platform/id.ts";
import { toRfc3339 } from "#platform/time.ts";
import type { UserBody } from "./account-schemas.ts";
import type { PasskeyRow, SessionRow, UserRow } from "./account-store.ts";

// Rows as they are answered.

export function userView(user: UserRow): UserBody {
  return {
    id: formatId("usr", user.id),
    user_name: user.name,
    email: user.email,
    email_verified: user.email_verified,
    has_second_factor: user.two_factor_enabled,
    created_at: toRfc3339(user.created_at),
  };
}

export function sessionView(session: SessionRow, currentId: Id<"ses">) {
  return {
    id: formatId("ses", session.id),
    is_current: session.id === currentId,
    user_agent: session.user_agent,
    created_at: toRfc3339(session.created_at),
    expires_at: toRfc3339(session.expires_at),
  };
}

export function passkeyView(passkey: PasskeyRow) {
  return {
    id: formatId("psk", passkey.id),
    name: passkey.name,
    created_at: toRfc3339(passkey.created_at),
  };
}
