import type { SheetLanguage } from "./sheet-words.ts";
import type { TicketSheet } from "./ticket-sheet.ts";

/** When a ticket is for, as a person reads it. */
export interface SheetTimes {
  /** The day, or the moment it begins where it ends on another day. */
  readonly first: string;
  /** From when to when, or the moment it ends. */
  readonly second: string;
  /** What clocks that is by: `Central European Summer Time`. */
  readonly zone: string;
}

/** The times of a sheet in the event's own zone, in the words of a language. */
export function timesOf(
  { startsAt, endsAt, timeZone, language }: TicketSheet,
  words: SheetLanguage,
): SheetTimes {
  const locale = localeOf(language, words);
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { timeZone, ...options });
  const day = format({ dateStyle: "full" });
  const zone = zoneName(format({ timeZoneName: "long" }), startsAt) ?? timeZone;
  if (day.format(startsAt) === day.format(endsAt - 1)) {
    const hours = format({ hour: "numeric", minute: "2-digit" });
    return { first: day.format(startsAt), second: hours.formatRange(startsAt, endsAt), zone };
  }
  const parts = { year: "numeric", month: "long", day: "numeric" } as const;
  const moment = format({ ...parts, weekday: "short", hour: "numeric", minute: "2-digit" });
  return { first: moment.format(startsAt), second: `– ${moment.format(endsAt)}`, zone };
}

/** As the reader's region writes dates, where the words are in the reader's language; plain English is not taken for American. */
function localeOf(language: string, words: SheetLanguage): string {
  const locale = language.toLowerCase().startsWith(words) ? language : words;
  return locale === "en" ? "en-GB" : locale;
}

function zoneName(format: Intl.DateTimeFormat, at: number): string | undefined {
  return format.formatToParts(at).find(({ type }) => type === "timeZoneName")?.value;
}
