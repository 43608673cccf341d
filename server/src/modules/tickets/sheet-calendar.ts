import { ICalEventStatus } from "ical-generator";
import type { EventTexts } from "#modules/catalog/index.ts";
import type { Reservation } from "#modules/reservations/index.ts";
import { calendarOf, defineZone, instantOf } from "#platform/calendar.ts";
import type { EpochMs } from "#platform/clock.ts";
import { formatId } from "#platform/id.ts";
import { sheetLanguage, wordsIn } from "./sheet-words.ts";
import type { TicketSheet } from "./ticket-sheet.ts";

// When and where, for calendars (RFC 5545): no names and no codes. There is no METHOD: with one they would have to name an
// organizer by mail address and could be answered, which nobody wants of a ticket. What is cancelled stays, and says so.

/** How often a calendar that subscribes may look. */
const REFRESH_SECONDS = 3600;

type EntryStatus = "TENTATIVE" | "CONFIRMED" | "CANCELLED";

interface Entry {
  /** The same as long as it is about the same; calendars follow by it. */
  readonly uid: string;
  readonly startsAt: EpochMs;
  readonly endsAt: EpochMs;
  readonly description: readonly (string | null)[];
  readonly status: EntryStatus;
}

interface CalendarText {
  readonly name: string;
  readonly language: string;
  readonly url: string;
  readonly timeZone: string;
  readonly place: readonly (string | null)[];
  /** Grows with every change. */
  readonly sequence: number;
  readonly stamp: EpochMs;
}

/** One ticket as a calendar with one entry. */
export function ticketCalendar(
  sheet: TicketSheet,
  { publicUrl, createdAt }: { readonly publicUrl: string; readonly createdAt: EpochMs },
): string {
  const words = wordsIn(sheetLanguage(sheet.language));
  const admits = `${words.admits}: ${words.people(sheet.admits)}`;
  const entry: Entry = {
    uid: `${formatId("tkt", sheet.ticketId)}@${hostOf(publicUrl)}`,
    startsAt: sheet.startsAt,
    endsAt: sheet.endsAt,
    description: [`${words.ticket}: ${sheet.ticketType}`, admits, sheet.slotNote],
    status: sheet.isVoid ? "CANCELLED" : "CONFIRMED",
  };
  const text: CalendarText = {
    name: sheet.eventName,
    language: sheet.language,
    url: sheet.eventUrl,
    timeZone: sheet.timeZone,
    place: [sheet.placeName, sheet.placeAddress],
    sequence: sheet.revision,
    stamp: createdAt,
  };
  return writeCalendar(text, [entry], false);
}

const STATUS_OF: Readonly<Record<Reservation["state"], EntryStatus>> = {
  held: "TENTATIVE",
  confirmed: "CONFIRMED",
  released: "CANCELLED",
  expired: "CANCELLED",
  cancelled: "CANCELLED",
};

/**
 * A reservation as a calendar to subscribe to: an entry a slot. The first by time is always the first entry, so one that is
 * exchanged for another slot moves there.
 */
export function reservationCalendar(
  reservation: Reservation,
  texts: EventTexts,
  { publicUrl, language }: { readonly publicUrl: string; readonly language: string },
): string {
  const { reservationId, state, version, createdAt, lines } = reservation;
  const status = texts.state === "cancelled" ? "CANCELLED" : STATUS_OF[state];
  const slots = [...texts.slots].sort(([, a], [, b]) => a.startsAt - b.startsAt);
  const entries = slots.map(([slotId, { startsAt, endsAt, note }], index): Entry => {
    const types = lines
      .filter((line) => line.slotId === slotId)
      .map((line) => `${line.quantity} × ${texts.ticketTypes.get(line.ticketTypeId)?.name ?? ""}`);
    return {
      uid: `${formatId("rsv", reservationId)}-${index + 1}@${hostOf(publicUrl)}`,
      startsAt,
      endsAt,
      description: [types.join("\n"), note],
      status,
    };
  });
  const text: CalendarText = {
    name: texts.name,
    language,
    url: texts.url,
    timeZone: texts.timeZone,
    place: [texts.placeName, texts.placeAddress],
    sequence: version + texts.revision,
    stamp: createdAt,
  };
  return writeCalendar(text, entries, true);
}

function writeCalendar(text: CalendarText, entries: readonly Entry[], isFollowed: boolean): string {
  const { name, language, url, timeZone, place, sequence, stamp } = text;
  const calendar = calendarOf({ name, language, url, timeZone });
  if (isFollowed) calendar.ttl(REFRESH_SECONDS);
  const times = entries.flatMap(({ startsAt, endsAt }) => [startsAt, endsAt]);
  const zone = defineZone(calendar, timeZone, times);
  const location = said(place, "\n");
  for (const { uid, startsAt, endsAt, description, status } of entries) {
    calendar.createEvent({
      id: uid,
      sequence,
      stamp: instantOf(stamp),
      timezone: zone,
      start: instantOf(startsAt),
      end: instantOf(endsAt),
      summary: name,
      description: said(description, "\n\n"),
      location: location === "" ? null : location,
      url,
      status: ICalEventStatus[status],
    });
  }
  return calendar.toString();
}

function said(texts: readonly (string | null)[], between: string): string {
  return texts.filter((text) => text !== null && text !== "").join(between);
}

function hostOf(publicUrl: string): string {
  return new URL(publicUrl).hostname;
}
