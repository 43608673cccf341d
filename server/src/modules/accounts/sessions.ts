import type { Bus } from "#platform/bus/bus.ts";
import type { Clock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import { createSingleFlightCache } from "#platform/single-flight-cache.ts";
import { findSession, type SignedIn } from "./account-store.ts";
import { digestOf, type SessionCookie } from "./session-cookie.ts";

/** Who is logged in, kept in memory for a moment. */
export interface Sessions {
  /** Whose session the `Cookie` header names; null without one, or with one that has ended. */
  read(cookies: string): Promise<SignedIn | null>;
  /** To be called when sessions have ended: from now on none of them is taken here, and soon nowhere. */
  ended(): Promise<void>;
}

const CHANNEL = "sessions";
const SESSIONS_KEPT_MAX = 10_000;
/** As old as an answer may be where the news of an end was lost on the way. */
const AGE_MS_MAX = 3_000;

/**
 * Reads sessions by their cookie without the engine: the signature by itself, the row with one
 * statement. When any session ends, all that is kept is dropped: that is seldom, reading again is one
 * look-up by a key, and no session can be forgotten to be forgotten.
 */
export async function createSessions({
  database,
  clock,
  bus,
  cookie,
}: {
  readonly database: Database;
  readonly clock: Clock;
  readonly bus: Bus;
  readonly cookie: SessionCookie;
}): Promise<Sessions> {
  const cache = createSingleFlightCache<string, SignedIn>({
    load: (digest) => findSession(database, clock, digest),
    weightOf: () => 1,
    weightMax: SESSIONS_KEPT_MAX,
    ageMsMax: AGE_MS_MAX,
    now: () => clock.now(),
  });
  await bus.subscribe(
    CHANNEL,
    () => cache.forgetAll(),
    () => cache.forgetAll(),
  );
  return {
    read: async (cookies) => {
      const token = cookie.tokenIn(cookies);
      return token === null ? null : cache.get(digestOf(token));
    },
    ended: async () => {
      cache.forgetAll();
      await bus.publish(CHANNEL, "ended");
    },
  };
}
