import type { Database } from "../database/database.ts";
import type { Logger } from "../logger.ts";
import { createLocalBus } from "./local.ts";
import { createPostgresBus } from "./postgres.ts";
import { createRedisBus } from "./redis.ts";

/**
 * Tells all processes that something changed, so that each renews what it keeps in memory. A message
 * may be lost: whoever depends on it also looks by itself after a bounded time.
 */
export interface Bus {
  /**
   * A payload is one word, such as an id; equal ones may be told once. Never rejects: what cannot be
   * sent is logged. Reaches this process too, or not.
   */
  publish(channel: string, payload: string): Promise<void>;
  /** `onGap` is called when messages may have been missed. */
  subscribe(
    channel: string,
    onMessage: (payload: string) => void,
    onGap: () => void,
  ): Promise<void>;
  close(): Promise<void>;
}

/** Redis where it is configured, the server's LISTEN and NOTIFY else; the embedded database has one process only. */
export async function openBus(options: {
  database: Database;
  redisUrl: string | null;
  log: Logger;
}): Promise<Bus> {
  if (options.redisUrl !== null) return createRedisBus(options.redisUrl, options.log);
  return options.database.embedded
    ? createLocalBus()
    : createPostgresBus(options.database, options.log);
}
