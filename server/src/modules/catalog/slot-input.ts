import { Temporal } from "temporal-polyfill";
import type { Clock } from "#platform/clock.ts";
import { newId } from "#platform/id.ts";
import { timesOf } from "#platform/recurrence.ts";
import { nearestZonedTime, readTime, wallTime, type ZonedTime } from "#platform/wall-time.ts";
import type { NewRecurrenceBody, NewSlotBody, SlotChangeBody } from "./catalog-schemas.ts";
import {
  type CatalogEvent,
  SLOT_DURATION_DAYS_MAX,
  SLOTS_PER_EVENT_MAX,
  type Slot,
} from "./event.ts";
import { readOptionalTexts } from "./localized-text.ts";
import type { WrongFields } from "./wrong-fields.ts";

// From slots as they are sent to slots as they are stored: wall times become instants, texts become maps.

const DURATION_MS_MAX = SLOT_DURATION_DAYS_MAX * 86_400_000;

/** What reading a slot needs to know of its event. */
export type SlotFrame = Pick<CatalogEvent, "timeZone" | "defaultLanguage">;

export interface SlotReading {
  readonly clock: Clock;
  readonly frame: SlotFrame;
  readonly wrong: WrongFields;
}

/** A new slot, or null when its times are wrong; `path` is where it stands in the body. */
export function readSlot(body: NewSlotBody, path: string, reading: SlotReading): Slot | null {
  const starts = readTimeField(body.starts_at, `${path}/starts_at`, reading);
  const ends = readTimeField(body.ends_at, `${path}/ends_at`, reading);
  const note = readNote(body.note, path, reading);
  if (starts === null || ends === null) return null;
  if (!isInterval(starts, ends, `${path}/ends_at`, reading.wrong)) return null;
  return slotAt(reading.clock, starts, ends, { capacity: body.capacity, note });
}

/** The slot as it will be after the change. */
export function readSlotChange(
  slot: Slot,
  body: SlotChangeBody,
  { frame, wrong }: SlotReading,
): Slot {
  const reading = { frame, wrong };
  const starts = readKnownTime(body.starts_at, "/starts_at", reading) ?? {
    at: slot.startsAt,
    local: slot.startsAtLocal,
  };
  const ends = readKnownTime(body.ends_at, "/ends_at", reading) ?? {
    at: slot.endsAt,
    local: slot.endsAtLocal,
  };
  isInterval(starts, ends, body.ends_at === undefined ? "/starts_at" : "/ends_at", wrong);
  return {
    slotId: slot.slotId,
    startsAt: starts.at,
    endsAt: ends.at,
    startsAtLocal: starts.local,
    endsAtLocal: ends.local,
    capacity: body.capacity ?? slot.capacity,
    note: readNote(body.note, "", reading, slot.note),
  };
}

/** All slots of a recurrence. Each starts and ends at the wall times of the first, whatever the clocks do. */
export function readRecurrence(body: NewRecurrenceBody, reading: SlotReading): readonly Slot[] {
  const { clock, frame, wrong } = reading;
  const first = readTimeField(body.starts_at, "/starts_at", reading);
  const length = first === null ? null : readLength(body, first, reading);
  const note = readNote(body.note, "", reading);
  const except = (body.exdates ?? []).map((text, index) =>
    readExdate(text, `/exdates/${index}`, reading),
  );
  wrong.refuseIfAny();
  if (first === null || length === null) return [];
  const times = timesOf({
    rule: body.rrule,
    startsAtLocal: first.local,
    timeZone: frame.timeZone,
    except,
    occurrencesMax: SLOTS_PER_EVENT_MAX,
  });
  if ("refusal" in times) {
    wrong.add("/rrule", times.refusal, times.message);
    return [];
  }
  return times.map((starts) => {
    const ends = nearestZonedTime(wallTime(starts.local).add(length), frame.timeZone);
    // Where the clocks go back within a short slot, its end by the wall can come before its start.
    const end = ends.at > starts.at ? ends : laterBy(starts, length, frame.timeZone);
    return slotAt(clock, starts, end, { capacity: body.capacity, note });
  });
}

/** A time field with an offset or in the zone of the event; what is wrong with it is told. */
export function readTimeField(
  text: string,
  path: string,
  { frame, wrong }: Pick<SlotReading, "frame" | "wrong">,
): ZonedTime | null {
  const time = readTime(text, frame.timeZone);
  if (!("refusal" in time)) return time;
  wrong.add(path, time.refusal, time.message);
  return null;
}

function readKnownTime(
  text: string | undefined,
  path: string,
  reading: Pick<SlotReading, "frame" | "wrong">,
): ZonedTime | null {
  return text === undefined ? null : readTimeField(text, path, reading);
}

function readNote(
  note: NewSlotBody["note"] | undefined,
  path: string,
  { frame, wrong }: Pick<SlotReading, "frame" | "wrong">,
  known: Slot["note"] = null,
): Slot["note"] {
  const { defaultLanguage } = frame;
  return readOptionalTexts(note, {
    path: `${path}/note`,
    defaultLanguage,
    lines: "many",
    wrong,
    known,
  });
}

/** How long the slots are by the wall: from `ends_at` of the first, or from `duration_minutes`. */
function readLength(
  body: NewRecurrenceBody,
  first: ZonedTime,
  reading: SlotReading,
): Temporal.Duration | null {
  const { ends_at: endsAt, duration_minutes: minutes } = body;
  if ((endsAt === undefined) === (minutes === undefined)) {
    const message = "is required, or duration_minutes instead: one of them";
    reading.wrong.add("/ends_at", endsAt === undefined ? "required" : "not_allowed", message);
    return null;
  }
  if (minutes !== undefined) return Temporal.Duration.from({ minutes });
  const ends = readTimeField(endsAt as string, "/ends_at", reading);
  if (ends === null || !isInterval(first, ends, "/ends_at", reading.wrong)) return null;
  const length = wallTime(first.local).until(wallTime(ends.local));
  // By the wall it may end before it starts, in the night in which the clocks go back.
  return length.sign > 0 ? length : Temporal.Duration.from({ milliseconds: ends.at - first.at });
}

function readExdate(text: string, path: string, reading: SlotReading): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return text;
  return readTimeField(text, path, reading)?.local ?? "";
}

function laterBy(starts: ZonedTime, length: Temporal.Duration, timeZone: string): ZonedTime {
  const zoned = Temporal.Instant.fromEpochMilliseconds(starts.at)
    .toZonedDateTimeISO(timeZone)
    .add({ milliseconds: length.total({ unit: "milliseconds" }) });
  return { at: zoned.epochMilliseconds, local: zoned.toPlainDateTime().toString() };
}

function isInterval(starts: ZonedTime, ends: ZonedTime, path: string, wrong: WrongFields): boolean {
  if (ends.at <= starts.at) {
    wrong.add(path, "ends_before_start", "must be so that the slot ends after it starts");
    return false;
  }
  if (ends.at - starts.at > DURATION_MS_MAX) {
    wrong.add(path, "too_large", `must be at most ${SLOT_DURATION_DAYS_MAX} days after the start`);
    return false;
  }
  return true;
}

function slotAt(
  clock: Clock,
  starts: ZonedTime,
  ends: ZonedTime,
  { capacity, note }: Pick<Slot, "capacity" | "note">,
): Slot {
  return {
    slotId: newId(clock),
    startsAt: starts.at,
    endsAt: ends.at,
    startsAtLocal: starts.local,
    endsAtLocal: ends.local,
    capacity,
    note,
  };
}
