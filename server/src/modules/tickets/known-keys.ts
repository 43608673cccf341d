import type { EventFacts } from "#modules/catalog/index.ts";
import type { Bus } from "#platform/bus/bus.ts";
import type { Clock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import { createSingleFlightCache } from "#platform/single-flight-cache.ts";
import type { PublicKey } from "./signing-key.ts";
import { publicKeysOf } from "./signing-key-store.ts";
import { KEYS_CHANNEL } from "./signing-keys.ts";

/** The keys that codes of an event are checked with, from memory. */
export interface KnownKeys {
  /** The event's key of this number; null when there is none. */
  keyOf(event: Owned, number: number): Promise<PublicKey | null>;
  /** To be called when a key was replaced or revoked here; other processes are told. */
  forgetAll(): void;
}

type Owned = Pick<EventFacts, "organizerId" | "eventId">;

const EVENTS_MAX = 10_000;
/** So long a process may take codes of a key whose revocation it has not heard of. */
const AGE_MS_MAX = 10_000;

export async function createKnownKeys({
  database,
  clock,
  bus,
}: {
  readonly database: Database;
  readonly clock: Clock;
  readonly bus: Bus;
}): Promise<KnownKeys> {
  const cache = createSingleFlightCache<string, ReadonlyMap<number, PublicKey>>({
    load: async (name) => {
      const [eventId, organizerId = null] = name.split(" ");
      const keys = await publicKeysOf(database.kysely, { eventId, organizerId } as Owned);
      return new Map(keys.map((key) => [key.number, key]));
    },
    weightOf: () => 1,
    weightMax: EVENTS_MAX,
    ageMsMax: AGE_MS_MAX,
    now: () => clock.now(),
  });
  // A key may be of many events, and is replaced seldom.
  await bus.subscribe(
    KEYS_CHANNEL,
    () => cache.forgetAll(),
    () => cache.forgetAll(),
  );
  return {
    forgetAll: () => cache.forgetAll(),
    keyOf: async ({ eventId, organizerId }, number) => {
      const name = organizerId === null ? eventId : `${eventId} ${organizerId}`;
      const known = (await cache.get(name))?.get(number);
      if (known !== undefined) return known;
      // Another process may have made it this moment.
      cache.forget(name);
      return (await cache.get(name))?.get(number) ?? null;
    },
  };
}
