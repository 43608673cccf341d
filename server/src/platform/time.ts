import { assert } from "./assert.ts";
import type { EpochMs } from "./clock.ts";

/** An instant on the wire: RFC 3339 in UTC, with milliseconds only where there are any. */
export function toRfc3339(instant: EpochMs): string {
  const text = new Date(instant).toISOString();
  return text.endsWith(".000Z") ? `${text.slice(0, -5)}Z` : text;
}

/** A `timestamptz` as PostgreSQL prints it in a UTC session, e.g. `2027-06-15 17:00:00.5+00`. */
export function fromDatabaseInstant(text: string): EpochMs {
  if (text === "infinity") return Number.POSITIVE_INFINITY;
  const instant = Date.parse(`${text.slice(0, 10)}T${text.slice(11, -3)}Z`);
  assert(!Number.isNaN(instant), "sessions print timestamptz in UTC");
  return instant;
}

/** For libraries that speak `Date`. */
export function toDate(instant: EpochMs): Date {
  return new Date(instant);
}
