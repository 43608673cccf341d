import type { Bus } from "#platform/bus/bus.ts";
import type { Clock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import type { Grant } from "#platform/http/authentication.ts";
import type { Id } from "#platform/id.ts";
import { createSingleFlightCache } from "#platform/single-flight-cache.ts";
import { grantOfRole, type Role } from "./roles.ts";

/** What users are in which organizers, kept in memory for a moment. */
export interface Memberships {
  of(userId: Id<"usr">): Promise<ReadonlyMap<Id<"org">, Grant>>;
  /** To be called when what a user may do has changed: at once here, soon everywhere. */
  changed(userId: Id<"usr">): Promise<void>;
}

const CHANNEL = "members";
const USERS_KEPT_MAX = 10_000;
/** As old as an answer may be where the news of a change was lost on the way. */
const AGE_MS_MAX = 3_000;

export async function createMemberships({
  database,
  clock,
  bus,
}: {
  readonly database: Database;
  readonly clock: Clock;
  readonly bus: Bus;
}): Promise<Memberships> {
  const cache = createSingleFlightCache<Id<"usr">, ReadonlyMap<Id<"org">, Grant>>({
    load: (userId) => findMemberships(database, userId),
    weightOf: (organizers) => 1 + organizers.size,
    weightMax: USERS_KEPT_MAX,
    ageMsMax: AGE_MS_MAX,
    now: () => clock.now(),
  });
  await bus.subscribe(
    CHANNEL,
    (userId) => cache.forget(userId as Id<"usr">),
    () => cache.forgetAll(),
  );
  return {
    of: async (userId) => (await cache.get(userId)) ?? new Map(),
    changed: async (userId) => {
      cache.forget(userId);
      await bus.publish(CHANNEL, userId);
    },
  };
}

async function findMemberships(
  database: Database,
  userId: Id<"usr">,
): Promise<ReadonlyMap<Id<"org">, Grant>> {
  const rows = await database.prepared<{ organizer_id: Id<"org">; role: Role }>(
    "organizers_memberships",
    "select organizer_id, role from organizers.member where user_id = $1",
    [userId],
  );
  return new Map(rows.map((row) => [row.organizer_id, grantOfRole(row.role)]));
}
