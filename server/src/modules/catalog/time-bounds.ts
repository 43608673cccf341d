import { Type } from "typebox";
import type { EpochMs } from "#platform/clock.ts";
import { readTime } from "#platform/wall-time.ts";
import { createWrongFields } from "./wrong-fields.ts";

/** The place of something in a list by time, as a cursor has it: any instant that may be stored. */
export const Position = Type.Object({
  at: Type.Integer({ minimum: 0, maximum: 7_300_000_000_000 }),
  id: Type.String({ format: "uuid" }),
});

/** An interval to look for: from an instant on, and before another. Null: unbounded. */
export interface TimeBounds {
  readonly from: EpochMs | null;
  readonly to: EpochMs | null;
}

/**
 * The bounds that a query gives, as times or as days, in a zone where they have no offset. A day is its
 * first moment.
 *
 * @throws `invalid_field`
 */
export function readBounds(
  query: { readonly from?: string; readonly to?: string },
  timeZone: string,
): TimeBounds {
  const wrong = createWrongFields();
  const read = (name: "from" | "to"): EpochMs | null => {
    const text = query[name];
    if (text === undefined) return null;
    const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text);
    const time = readTime(isDay ? `${text}T00:00` : text, timeZone);
    if (!("refusal" in time)) return time.at;
    wrong.add(`/${name}`, time.refusal, time.message);
    return null;
  };
  const bounds = { from: read("from"), to: read("to") };
  if (bounds.from !== null && bounds.to !== null && bounds.to <= bounds.from) {
    wrong.add("/to", "ends_before_start", "must be after from");
  }
  wrong.refuseIfAny();
  return bounds;
}
