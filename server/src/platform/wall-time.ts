import { Temporal } from "temporal-polyfill";
import type { EpochMs } from "./clock.ts";

/** A time of day in a zone, and the instant it was there. */
export interface ZonedTime {
  readonly at: EpochMs;
  /** `2027-06-15T19:00:00`: what the clocks on the wall show then. */
  readonly local: string;
}

export const WALL_TIME_REFUSALS = [
  "bad_format",
  "out_of_range",
  "wall_time_does_not_exist",
  "wall_time_is_ambiguous",
] as const;

export interface WallTimeRefusal {
  readonly refusal: (typeof WALL_TIME_REFUSALS)[number];
  readonly message: string;
}

/** Years in which times are taken; beyond them nobody means it, and rules of zones are guesses. */
export const YEAR_MIN = 1970;
export const YEAR_MAX = 2200;

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?$/;
const ZONE = /^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+){0,3}$/;

/** The zone in its own spelling (`europe/prague` is `Europe/Prague`), or null when there is none of that name. */
export function canonicalTimeZone(name: string): string | null {
  if (name.length > 64 || !ZONE.test(name)) return null;
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name).timeZoneId;
  } catch {
    return null;
  }
}

/**
 * Reads a time as people give it: with an offset (or `Z`) it is an instant, without it is wall time in
 * the zone. A wall time that the clocks skip, or show twice, is refused: an offset says which is meant.
 * Finer than milliseconds is cut off.
 */
export function readTime(text: string, timeZone: string): ZonedTime | WallTimeRefusal {
  const shape = TIME.exec(text);
  if (shape === null || text.slice(17, 19) === "60") return badFormat();
  try {
    if (shape[1] === undefined) return zonedTime(toMilliseconds(wallTime(text)), timeZone);
    return timeInZone(Temporal.Instant.from(text).epochMilliseconds, timeZone);
  } catch {
    return badFormat();
  }
}

/** What the clocks of the zone show at an instant. */
export function timeInZone(at: EpochMs, timeZone: string): ZonedTime | WallTimeRefusal {
  const zoned = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);
  return isInRange(zoned) ? { at, local: zoned.toPlainDateTime().toString() } : outOfRange();
}

/** An instant as the clocks of the zone show it, with their offset: `2027-06-15T19:00:00+02:00`. */
export function withOffset(at: EpochMs, timeZone: string): string {
  const zoned = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);
  return zoned.toString({ timeZoneName: "never", smallestUnit: "second" });
}

/** The instant of a wall time, refused where there is none or two. */
export function zonedTime(
  local: Temporal.PlainDateTime,
  timeZone: string,
): ZonedTime | WallTimeRefusal {
  if (!isInRange(local)) return outOfRange();
  const earlier = local.toZonedDateTime(timeZone, { disambiguation: "earlier" });
  const later = local.toZonedDateTime(timeZone, { disambiguation: "later" });
  if (earlier.epochMilliseconds === later.epochMilliseconds) {
    return { at: earlier.epochMilliseconds, local: local.toString() };
  }
  const wall = local.toString({ smallestUnit: "minute" });
  if (earlier.toPlainDateTime().equals(local)) {
    return {
      refusal: "wall_time_is_ambiguous",
      message: `exists twice, as the clocks of ${timeZone} go back: add an offset, ${wall}${earlier.offset} or ${wall}${later.offset}`,
    };
  }
  return {
    refusal: "wall_time_does_not_exist",
    message: `does not exist, as the clocks of ${timeZone} go forward past it: say ${earlier.toPlainDateTime().toString({ smallestUnit: "minute" })} or ${later.toPlainDateTime().toString({ smallestUnit: "minute" })}`,
  };
}

/**
 * The instant of a wall time by the rule of RFC 5545 for times that are made and not given: one that
 * exists twice is the first, one that is skipped is as long after midnight as it would have been.
 */
export function nearestZonedTime(local: Temporal.PlainDateTime, timeZone: string): ZonedTime {
  const zoned = local.toZonedDateTime(timeZone, { disambiguation: "compatible" });
  return { at: zoned.epochMilliseconds, local: zoned.toPlainDateTime().toString() };
}

/** @throws RangeError when it is no date and time. */
export function wallTime(local: string): Temporal.PlainDateTime {
  return Temporal.PlainDateTime.from(local, { overflow: "reject" });
}

function toMilliseconds(local: Temporal.PlainDateTime): Temporal.PlainDateTime {
  return local.round({ smallestUnit: "millisecond", roundingMode: "trunc" });
}

function isInRange({ year }: { readonly year: number }): boolean {
  return year >= YEAR_MIN && year <= YEAR_MAX;
}

function badFormat(): WallTimeRefusal {
  return {
    refusal: "bad_format",
    message: "must be a time such as 2027-06-15T19:00, or 2027-06-15T19:00+02:00 with an offset",
  };
}

function outOfRange(): WallTimeRefusal {
  return { refusal: "out_of_range", message: `must be in the years ${YEAR_MIN} to ${YEAR_MAX}` };
}
