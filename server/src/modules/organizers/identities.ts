import type { IdentityReader } from "#platform/http/identification.ts";
import type { Id } from "#platform/id.ts";
import type { Memberships } from "./memberships.ts";

/** Whose session a request has: what this module asks of accounts. */
export interface SessionPort {
  read(cookies: string): Promise<{ userId: Id<"usr">; sessionId: Id<"ses"> } | null>;
}

/** Who asks: sessions with what their users are in which organizers, keys and door passes. */
export function createIdentities({
  sessions,
  memberships,
}: {
  readonly sessions: SessionPort;
  readonly memberships: Memberships;
}): IdentityReader {
  return {
    bySession: async (cookies) => {
      const session = await sessions.read(cookies);
      if (session === null) return null;
      const organizers = await memberships.of(session.userId);
      return { kind: "user", ...session, organizers };
    },
    byKey: () => Promise.resolve(null),
    byDoorPass: () => Promise.resolve(null),
  };
}
