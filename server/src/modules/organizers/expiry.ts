import type { Clock, EpochMs } from "#platform/clock.ts";
import { invalidField, Problem } from "#platform/http/problem.ts";
import { readTime } from "#platform/wall-time.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * The time until which something is to be good. That it is still to come is for the database to say,
 * which dates what is made: `refuseOver` is for what it turns down.
 *
 * @throws `invalid_field` when it is further ahead than so many days.
 */
export function readExpiry(text: string, clock: Clock, daysMax: number): EpochMs {
  const time = readTime(text, "UTC");
  if ("refusal" in time) throw wrongExpiry(time.refusal, time.message);
  if (time.at > clock.now() + daysMax * DAY_MS) {
    throw wrongExpiry("too_late", `must be at most ${daysMax} days ahead`);
  }
  return time.at;
}

/** The refusal of a time that is over already. */
export function refuseOver(): Problem {
  return wrongExpiry("in_the_past", "must be in the future");
}

function wrongExpiry(code: string, message: string): Problem {
  const errors = [{ path: "/expires_at", code, message }];
  return new Problem(invalidField, `/expires_at ${message}.`, { errors });
}
