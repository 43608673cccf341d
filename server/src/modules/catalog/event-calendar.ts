import { ICalEventStatus } from "ical-generator";
import { calendarOf, instantOf } from "#platform/calendar.ts";
import { formatId } from "#platform/id.ts";
import { languageFor, publicPage, type Reader, speaker } from "./catalog-views.ts";
import type { CatalogEvent, Slot } from "./event.ts";

/** Slots in one calendar: a person's calendar shows no more, and each costs time to write. */
export const CALENDAR_SLOTS_MAX = 1_000;
/** Slots that ended longer ago are left out. */
export const CALENDAR_DAYS_BACK = 31;

/**
 * Slots as calendar entries (RFC 5545). An entry keeps its UID and its sequence number grows with every
 * edit, so a calendar that subscribes follows. Times are in UTC, which every program understands alike:
 * naming a zone would need its definition inside.
 */
export function eventCalendar(event: CatalogEvent, slots: readonly Slot[], reader: Reader): string {
  const say = speaker(event, reader);
  const sayAll = (...texts: readonly (CatalogEvent["description"] | undefined)[]) =>
    texts.filter((text) => text != null).map(say);
  const url = publicPage(reader.publicUrl, event.slug);
  const host = new URL(reader.publicUrl).hostname;
  const name = say(event.name);
  const place = sayAll(event.location?.name, event.location?.address).join("\n");
  const language = languageFor(event, reader);
  const calendar = calendarOf({ name, language, url, timeZone: event.timeZone });
  for (const slot of slots) {
    calendar.createEvent({
      id: `${formatId("slt", slot.slotId)}@${host}`,
      sequence: event.revision,
      stamp: instantOf(event.createdAt),
      start: instantOf(slot.startsAt),
      end: instantOf(slot.endsAt),
      summary: name,
      description: sayAll(event.description, slot.note).join("\n\n"),
      location: place === "" ? null : place,
      url,
      status: event.state === "cancelled" ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
    });
  }
  return calendar.toString();
}
