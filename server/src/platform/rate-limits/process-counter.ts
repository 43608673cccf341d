import type { Allowance, RateLimit } from "./counters.ts";

/** Who is remembered for one limit, at most: those counted longest ago are forgotten first. */
const REMEMBERED_MAX = 100_000;

interface Window {
  requests: number;
  readonly endsAtMs: number;
}

/**
 * Counts in this process, without waiting for anything. All windows of a limit are of one length,
 * so they end in the order in which they began, which is the order of the map.
 */
export function createProcessCounter(
  limit: RateLimit,
  nowMs: () => number = () => performance.now(),
): (who: string) => Allowance {
  const windows = new Map<string, Window>();
  const dropEnded = (now: number) => {
    for (const [who, { endsAtMs }] of windows) {
      if (endsAtMs > now && windows.size < REMEMBERED_MAX) return;
      windows.delete(who);
    }
  };
  const begin = (who: string, now: number) => {
    windows.delete(who);
    dropEnded(now);
    const window = { requests: 0, endsAtMs: now + limit.seconds * 1000 };
    windows.set(who, window);
    return window;
  };
  return (who) => {
    const now = nowMs();
    const known = windows.get(who);
    const window = known !== undefined && known.endsAtMs > now ? known : begin(who, now);
    window.requests++;
    return {
      isUsedUp: window.requests > limit.requests,
      left: Math.max(0, limit.requests - window.requests),
      seconds: Math.max(1, Math.ceil((window.endsAtMs - now) / 1000)),
    };
  };
}
