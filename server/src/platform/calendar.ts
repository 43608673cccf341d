import ical, { type ICalCalendar } from "ical-generator";
import { Temporal } from "temporal-polyfill";
import { tzlib_get_ical_block, tzlib_get_offset } from "timezones-ical-library";
import type { EpochMs } from "./clock.ts";

/** A calendar (RFC 5545) without entries, as all of ours begin. */
export function calendarOf({
  name,
  language,
  url,
  timeZone,
}: {
  readonly name: string;
  readonly language: string;
  readonly url: string;
  /** IANA. */
  readonly timeZone: string;
}): ICalCalendar {
  return ical({
    // It is written as it is given: what ends a line or an item in there is taken out.
    name: name.replaceAll(/[\r\n;,\\]+/g, " "),
    prodId: { company: "Tessera", product: "tessera", language: language.toUpperCase() },
    url,
    x: { "X-WR-TIMEZONE": timeZone },
  });
}

export function instantOf(at: EpochMs): Temporal.Instant {
  return Temporal.Instant.fromEpochMilliseconds(at);
}

/**
 * Makes a calendar say what a zone is, and gives the zone for its entries, so that they tell their times as its clocks show
 * them. Where its definition and this server's zone data differ for any of the instants, as where clocks follow the
 * moon or a law is new, it is null: times stay in UTC.
 */
export function defineZone(
  calendar: ICalCalendar,
  timeZone: string,
  instants: readonly EpochMs[],
): string | null {
  const [definition = ""] = tzlib_get_ical_block(timeZone);
  if (!definition.startsWith("BEGIN:VTIMEZONE")) return null;
  if (!instants.every((at) => isDefinedRight(timeZone, at))) return null;
  calendar.timezone({ name: timeZone, generator: () => definition });
  return timeZone;
}

function isDefinedRight(timeZone: string, at: EpochMs): boolean {
  const local = instantOf(at).toZonedDateTimeISO(timeZone);
  const time = local.toPlainTime().toString({ smallestUnit: "minute" });
  return (
    tzlib_get_offset(timeZone, local.toPlainDate().toString(), time) ===
    local.offset.replace(":", "")
  );
}
