import { LOCALE } from "./locale.ts";

const DAY_MS = 86_400_000;

// Times of an event are said in its own zone, wherever the visitor is.

/** `Tuesday, 15 June 2027` */
export function dayOf(instant: string, timeZone: string): string {
  return new Intl.DateTimeFormat(LOCALE, { dateStyle: "full", timeZone }).format(new Date(instant));
}

/** `19:00 – 19:30`, to be read after the day; past midnight `23:00 – Wed 00:30`. */
export function hoursOf(startsAt: string, endsAt: string, timeZone: string): string {
  const hours = new Intl.DateTimeFormat(LOCALE, { timeStyle: "short", timeZone });
  const [start, end] = [new Date(startsAt), new Date(endsAt)];
  if (dayOf(startsAt, timeZone) === dayOf(endsAt, timeZone)) return hours.formatRange(start, end);
  // A range of several days would say each of them whole, and the first one again.
  const isWithinWeek = end.getTime() - start.getTime() < 6 * DAY_MS;
  const format: Intl.DateTimeFormatOptions = isWithinWeek
    ? { weekday: "short", hour: "numeric", minute: "2-digit", timeZone }
    : { month: "short", day: "numeric", hour: "numeric", minute: "2-digit", timeZone };
  return `${hours.format(start)} – ${new Intl.DateTimeFormat(LOCALE, format).format(end)}`;
}

/** `15 June 2027, 19:00` */
export function momentOf(instant: string, timeZone: string): string {
  return new Intl.DateTimeFormat(LOCALE, {
    dateStyle: "long",
    timeStyle: "short",
    timeZone,
  }).format(new Date(instant));
}
