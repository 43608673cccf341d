import { fromDatabaseInstant } from "../time.ts";

/** How SQL types look in JavaScript, by type oid: one table for both drivers. */
export const PARSERS: Readonly<Record<number, (text: string) => unknown>> = {
  20: Number, // int8: counts and minor units stay below 2^53
  1082: asIs, // date
  1083: asIs, // time
  1114: asIs, // timestamp: wall time
  1186: asIs, // interval
  1184: fromDatabaseInstant, // timestamptz
  1700: Number, // numeric: only sums of integers are read
  17: (text) => Buffer.from(text.slice(2), "hex"), // bytea
};

/** Array types and their elements, where a driver does not derive them from the table above. */
export const ARRAY_ELEMENTS: Readonly<Record<number, number>> = {
  1016: 20,
  1182: 1082,
  1183: 1083,
  1115: 1114,
  1187: 1186,
  1185: 1184,
  1231: 1700,
};

function asIs(text: string): string {
  return text;
}
