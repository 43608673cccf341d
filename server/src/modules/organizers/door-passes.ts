import type { Bus } from "#platform/bus/bus.ts";
import type { Clock, EpochMs } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import type { Id } from "#platform/id.ts";
import { type CredentialCache, createCredentialCache } from "./credential-cache.ts";
import { findDoorPass } from "./door-pass-store.ts";

/** A door pass that is not revoked: what it opens, and until when. */
export interface DoorPass {
  readonly eventId: Id<"evt">;
  readonly gate: string;
  /** A token of another generation is void. */
  readonly generation: number;
  readonly expiresAt: EpochMs;
}

/** Door passes as they are used, by their id. */
export type DoorPasses = CredentialCache<Id<"dps">, DoorPass>;

const CHANNEL = "door-passes";

export function createDoorPasses({
  database,
  clock,
  bus,
}: {
  readonly database: Database;
  readonly clock: Clock;
  readonly bus: Bus;
}): Promise<DoorPasses> {
  return createCredentialCache<Id<"dps">, DoorPass>({
    channel: CHANNEL,
    find: async (passId) => {
      const row = await findDoorPass(database, passId);
      return row === null
        ? null
        : {
            eventId: row.event_id,
            gate: row.gate,
            generation: row.generation,
            expiresAt: row.expires_at,
          };
    },
    clock,
    bus,
  });
}
