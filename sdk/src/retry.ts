import { TesseraProblem, TesseraUnreachable } from "./problem.ts";

/** Waits so long, or throws the signal's reason as soon as it is aborted. */
export type Delay = (milliseconds: number, signal?: AbortSignal) => Promise<void>;

export interface Retries {
  /** How often a call is sent again at most. */
  readonly retries: number;
  readonly delay: Delay;
  readonly signal?: AbortSignal | undefined;
}

/** What passes by itself: too many requests, overload, and a gateway that got no answer. */
const PASSING = new Set([429, 502, 503, 504]);
const FIRST_MS = 200;
const LONGEST_MS = 10_000;
/** Who is asked to stay away for longer is told so, not kept waiting. */
const RETRY_AFTER_SECONDS_MAX = 60;

/**
 * Sends, and sends again what failed for a reason that passes: no answer, 429, 502, 503, 504. Waits
 * longer each time, with jitter, and never less than `Retry-After` asks. Every other refusal is
 * thrown at once, and so is the last failure.
 */
export async function withRetries<Reply>(
  send: () => Promise<Reply>,
  { retries, delay, signal }: Retries,
): Promise<Reply> {
  for (let failures = 0; ; failures++) {
    try {
      return await send();
    } catch (error) {
      const wait = failures < retries ? waitAfter(error, failures) : null;
      if (wait === null) throw error;
      await delay(wait, signal);
    }
  }
}

/** How long to wait before the next attempt, in milliseconds; null when there is to be none. */
export function waitAfter(error: unknown, failures: number): number | null {
  if (error instanceof TesseraUnreachable) return backoff(failures);
  if (!(error instanceof TesseraProblem) || !PASSING.has(error.status)) return null;
  const seconds = error.retryAfterSeconds ?? 0;
  return seconds > RETRY_AFTER_SECONDS_MAX ? null : seconds * 1000 + backoff(failures);
}

/** Anything up to a limit that doubles: clients that failed together do not come back together. */
export function backoff(failures: number): number {
  return Math.random() * Math.min(FIRST_MS * 2 ** failures, LONGEST_MS);
}

export const delay: Delay = (milliseconds, signal) =>
  new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", stop, { once: true });
  });
