import { Redis } from "ioredis";
import { RateLimiterRedis, type RateLimiterRes } from "rate-limiter-flexible";
import type { Logger } from "../logger.ts";
import { createProcessCounter } from "./process-counter.ts";

/** So many in so many seconds, counted from the first. */
export interface RateLimit {
  /** Unique; shown to clients. */
  readonly name: string;
  readonly requests: number;
  readonly seconds: number;
  /** Never asks Redis: what is counted must cost next to nothing. Every process has the whole of it. */
  readonly isPerProcess?: true;
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
  /** Counts one more of somebody. Never rejects; at once where nothing has to be asked. */
  count(limit: RateLimit, who: string): Allowance | Promise<Allowance>;
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
  const counts = new Map<string, (who: string) => Allowance | Promise<Allowance>>();
  const countOf = (limit: RateLimit) => {
    const known = counts.get(limit.name);
    if (known !== undefined) return known;
    const here = createProcessCounter(limit);
    const isHere = redis === null || limit.isPerProcess === true;
    const count = isHere ? here : countIn(redis, limit, here);
    counts.set(limit.name, count);
    return count;
  };
  return {
    count: (limit, who) => countOf(limit)(who),
    close: async () => {
      redis?.disconnect();
    },
  };
}

/** In Redis; by `here` while it is away. */
function countIn(
  redis: Redis,
  limit: RateLimit,
  here: (who: string) => Allowance,
): (who: string) => Promise<Allowance> {
  const limiter = new RateLimiterRedis({
    keyPrefix: `tessera:limit:${limit.name}`,
    points: limit.requests,
    duration: limit.seconds,
    storeClient: redis,
  });
  return async (who) => {
    try {
      return allowanceOf(await limiter.consume(who), false);
    } catch (refused) {
      return refused instanceof Error ? here(who) : allowanceOf(refused as RateLimiterRes, true);
    }
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
