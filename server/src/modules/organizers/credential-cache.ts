import type { Bus } from "#platform/bus/bus.ts";
import type { Clock, EpochMs } from "#platform/clock.ts";
import { createSingleFlightCache } from "#platform/single-flight-cache.ts";

/** Something that opens things until a time; null: until it is revoked. */
export interface Credential {
  readonly expiresAt: EpochMs | null;
}

/** Credentials that are looked up, kept in memory for a moment. */
export interface CredentialCache<Key extends string, Value extends Credential> {
  /** What is known by this key and good at this moment. */
  read(key: Key): Promise<Value | null>;
  /** To be called when it was revoked: from now on it is not taken here, and soon nowhere. */
  revoked(key: Key): Promise<void>;
}

const KEPT_MAX = 10_000;
/** As old as an answer may be where the news of a revocation was lost on the way. */
const AGE_MS_MAX = 3_000;

/** `find` gives null for what is not there or was revoked; the time is looked at with every use. */
export async function createCredentialCache<Key extends string, Value extends Credential>({
  channel,
  find,
  clock,
  bus,
}: {
  readonly channel: string;
  readonly find: (key: Key) => Promise<Value | null>;
  readonly clock: Clock;
  readonly bus: Bus;
}): Promise<CredentialCache<Key, Value>> {
  const isOver = ({ expiresAt }: Value) => expiresAt !== null && expiresAt <= clock.now();
  const cache = createSingleFlightCache<Key, Value>({
    load: async (key) => {
      const found = await find(key);
      return found === null || isOver(found) ? null : found;
    },
    weightOf: () => 1,
    weightMax: KEPT_MAX,
    ageMsMax: AGE_MS_MAX,
    now: () => clock.now(),
  });
  await bus.subscribe(
    channel,
    (key) => cache.forget(key as Key),
    () => cache.forgetAll(),
  );
  return {
    read: async (key) => {
      const found = await cache.get(key);
      return found === null || isOver(found) ? null : found;
    },
    revoked: async (key) => {
      cache.forget(key);
      await bus.publish(channel, key);
    },
  };
}
