import type { IdentityReader } from "#platform/http/identification.ts";
import type { Id } from "#platform/id.ts";
import type { ApiKeys } from "./api-keys.ts";
import type { DoorPasses } from "./door-passes.ts";
import type { Memberships } from "./memberships.ts";

/** Whose session a request has: what this module asks of accounts. */
export interface SessionPort {
  read(cookies: string): Promise<{ userId: Id<"usr">; sessionId: Id<"ses"> } | null>;
}

/** Who asks: sessions with what their users are in which organizers, keys and door passes. */
export function createIdentities({
  sessions,
  memberships,
  keys,
  passes,
}: {
  readonly sessions: SessionPort;
  readonly memberships: Memberships;
  readonly keys: ApiKeys;
  readonly passes: DoorPasses;
}): IdentityReader {
  return {
    bySession: async (cookies) => {
      const session = await sessions.read(cookies);
      if (session === null) return null;
      const organizers = await memberships.of(session.userId);
      return { kind: "user", ...session, organizers };
    },
    byKey: (digest) => keys.use(digest),
    byDoorPass: async ({ id, generation }) => {
      const passId = id as Id<"dps">;
      const pass = await passes.read(passId);
      if (pass === null || pass.generation !== generation) return null;
      return { kind: "door_pass", passId, eventId: pass.eventId, gate: pass.gate };
    },
  };
}
