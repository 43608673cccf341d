import { Redis } from "ioredis";
import { RateLimiterMemory, RateLimiterRedis, type RateLimiterRes } from "rate-limiter-flexible";
import type { Logger } from "../logger.ts";

/** So many in so many seconds, counted from the first. */
export interface RateLimit {
  /** Unique; shown to clients. */
  readonly name: string;
  readonly requests: number;
  readonly seconds: number;
}

/** What is left to whom. */
export interface Allowance {
  readonly isUsedUp: boolean;
  readonly left: number;
  /** Until all of it is there again; at least 1. */
  readonly seconds: number;
}

/** Counts who asks how often. */
export interface Counters {
  /** Counts one more of somebody. Never rejects. */
  count(limit: RateLimit, who: string): Promise<Allowance>;
  close(): Promise<void>;
}

/** Longer than any Redis that is well takes, shorter than anybody waits. */
const ANSWER_MS_MAX = 500;

/**
 * Counted in Redis where there is one, for all processes together; else, and while Redis is away, in
 * this process by itself.
 */
export async function createCounters(
  redisUrl: string | null,
  log: Pick<Logger, "warn">,
): Promise<Counters> {
  const redis = redisUrl === null ? null : await connect(redisUrl, log);
  const limiters = new Map<string, RateLimiterMemory | RateLimiterRedis>();
  const limiterOf = (limit: RateLimit) => {
    const known = limiters.get(limit.name);
    if (known !== undefined) return known;
    const options = {
      keyPrefix: `tessera:limit:${limit.name}`,
      points: limit.requests,
      duration: limit.seconds,
    };
    const memory = new RateLimiterMemory(options);
    const limiter =
      redis === null
        ? memory
        : new RateLimiterRedis({ ...options, storeClient: redis, insuranceLimiter: memory });
    limiters.set(limit.name, limiter);
    return limiter;
  };
  return {
    count: async (limit, who) => {
      try {
        return allowanceOf(await limiterOf(limit).consume(who), false);
      } catch (refused) {
        if (refused instanceof Error) throw refused;
        return allowanceOf(refused as RateLimiterRes, true);
      }
    },
    close: async () => {
      redis?.disconnect();
    },
  };
}

/** Who is away now is tried again and again, by the client. */
async function connect(url: string, log: Pick<Logger, "warn">): Promise<Redis> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: ANSWER_MS_MAX,
    commandTimeout: ANSWER_MS_MAX,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
  });
  let isAway = false;
  redis.on("error", (error) => {
    if (!isAway) log.warn({ error }, "Redis is away: each process counts requests by itself");
    isAway = true;
  });
  redis.on("ready", () => {
    isAway = false;
  });
  await Promise.allSettled([redis.connect()]);
  return redis;
}

function allowanceOf(
  { remainingPoints, msBeforeNext }: RateLimiterRes,
  isUsedUp: boolean,
): Allowance {
  return { isUsedUp, left: remainingPoints, seconds: Math.max(1, Math.ceil(msBeforeNext / 1000)) };
}
