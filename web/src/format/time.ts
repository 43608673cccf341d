import { LOCALE } from "./locale.ts";

// Times of an event are said in its own zone, wherever the visitor is.

/** `Tuesday, 15 June 2027` */
export function dayOf(instant: string, timeZone: string): string {
  return new Intl.DateTimeFormat(LOCALE, { dateStyle: "full", timeZone }).format(new Date(instant));
}

/** `19:00 – 19:30` */
export function hoursOf(startsAt: string, endsAt: string, timeZone: string): string {
  return new Intl.DateTimeFormat(LOCALE, { timeStyle: "short", timeZone }).formatRange(
    new Date(startsAt),
    new Date(endsAt),
  );
}

/** `15 June 2027, 19:00` */
export function momentOf(instant: string, timeZone: string): string {
  return new Intl.DateTimeFormat(LOCALE, {
    dateStyle: "long",
    timeStyle: "short",
    timeZone,
  }).format(new Date(instant));
}
