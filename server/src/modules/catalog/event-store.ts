import { type RawBuilder, sql } from "kysely";
import { assert } from "#platform/assert.ts";
import type { Clock, EpochMs } from "#platform/clock.ts";
import { textArray } from "#platform/database/arrays.ts";
import type { Transaction } from "#platform/database/database.ts";
import { databaseNow } from "#platform/database/database-now.ts";
import { constraintOf } from "#platform/database/faults.ts";
import type { Id } from "#platform/id.ts";
import { foldText, type Texts } from "#platform/text.ts";
import { toRfc3339 } from "#platform/time.ts";
import type { CatalogEvent, EventState, Place } from "./event.ts";
import { refuseTakenSlug } from "./slug.ts";

// Every statement about rows of events.

export interface EventRow {
  readonly event_id: string;
  readonly organizer_id: string | null;
  readonly slug: string;
  readonly name: Texts;
  readonly description: Texts | null;
  readonly location: Place | null;
  readonly time_zone: string;
  readonly currency: string;
  readonly default_language: string;
  readonly state: EventState;
  readonly hold_seconds: number;
  readonly hold_life_max_seconds: number;
  readonly tickets_per_reservation_max: number;
  readonly attendee_retention_days: number | null;
  readonly cancellation_free_hours: number;
  readonly cancellation_kept_percent: number;
  readonly offline_hold_hours: number | null;
  readonly re_entry: boolean;
  readonly entry_opens_minutes: number;
  readonly token_generation: number;
  readonly revision: number;
  readonly first_slot_at: EpochMs | null;
  readonly last_slot_at: EpochMs | null;
  readonly created_at: EpochMs;
  readonly published_at: EpochMs | null;
  readonly cancelled_at: EpochMs | null;
}

/** The columns of an event, for statements that give whole events; the table's alias is `e`. */
export const EVENT_COLUMNS = `
  e.event_id, e.organizer_id, e.slug, e.name, e.description, e.location, e.time_zone, e.currency, e.default_language, e.state,
  e.hold_seconds, e.hold_life_max_seconds, e.tickets_per_reservation_max, e.attendee_retention_days,
  e.cancellation_free_hours, e.cancellation_kept_percent, e.offline_hold_hours, e.re_entry, e.entry_opens_minutes,
  e.token_generation, e.revision, e.first_slot_at, e.last_slot_at, e.created_at, e.published_at, e.cancelled_at`;

export function eventOfRow(row: EventRow): CatalogEvent {
  return {
    eventId: row.event_id as Id<"evt">,
    organizerId: row.organizer_id as Id<"org"> | null,
    slug: row.slug,
    name: row.name,
    description: row.description,
    location: row.location,
    timeZone: row.time_zone,
    currency: row.currency,
    defaultLanguage: row.default_language,
    state: row.state,
    holdSeconds: row.hold_seconds,
    holdLifeMaxSeconds: row.hold_life_max_seconds,
    ticketsPerReservationMax: row.tickets_per_reservation_max,
    attendeeRetentionDays: row.attendee_retention_days,
    cancellationFreeHours: row.cancellation_free_hours,
    cancellationKeptPercent: row.cancellation_kept_percent,
    offlineHoldHours: row.offline_hold_hours,
    reEntry: row.re_entry,
    entryOpensMinutes: row.entry_opens_minutes,
    tokenGeneration: row.token_generation,
    revision: row.revision,
    firstSlotAt: row.first_slot_at,
    lastSlotAt: row.last_slot_at,
    createdAt: row.created_at,
    publishedAt: row.published_at,
    cancelledAt: row.cancelled_at,
  };
}

/**
 * Writes the event under the first of the slugs that no other event has, or gives null when all are
 * others'. Asks for none of them before: others' events may be out of reach, and none is lost to a race.
 */
export async function insertEvent(
  transaction: Transaction,
  clock: Clock,
  event: CatalogEvent & { readonly slugs: readonly string[] },
): Promise<CatalogEvent | null> {
  // Once a row is written, those of the other slugs are in conflict with its id.
  const { rows } = await sql<EventRow>`
    insert into catalog.event as e (
      event_id, organizer_id, slug, name, description, location, search_text, time_zone, currency, default_language, state,
      hold_seconds, hold_life_max_seconds, tickets_per_reservation_max, attendee_retention_days,
      cancellation_free_hours, cancellation_kept_percent, offline_hold_hours, re_entry, entry_opens_minutes,
      first_slot_at, last_slot_at, created_at, published_at
    )
    select
      ${event.eventId}::uuid, ${event.organizerId}::uuid, s.slug, ${json(event.name)}, ${json(event.description)}, ${json(event.location)},
      ${searchText(event)}, ${event.timeZone}, ${event.currency}, ${event.defaultLanguage}, ${event.state},
      ${event.holdSeconds}::integer, ${event.holdLifeMaxSeconds}::integer, ${event.ticketsPerReservationMax}::integer,
      ${event.attendeeRetentionDays}::integer,
      ${event.cancellationFreeHours}::integer, ${event.cancellationKeptPercent}::integer, ${event.offlineHoldHours}::integer,
      ${event.reEntry}::boolean, ${event.entryOpensMinutes}::integer,
      ${instant(event.firstSlotAt)}::timestamptz, ${instant(event.lastSlotAt)}::timestamptz, ${databaseNow(clock)},
      case when ${event.state}::text = 'published' then ${databaseNow(clock)} end
      from unnest(${textArray(event.slugs)}::text::text[]) with ordinality s (slug, place)
     order by s.place
        on conflict do nothing
    returning ${sql.raw(EVENT_COLUMNS)}
  `.execute(transaction);
  return rows[0] === undefined ? null : eventOfRow(rows[0]);
}

/** The event, locked against other edits until the transaction ends. */
export async function lockEvent(
  transaction: Transaction,
  eventId: Id<"evt">,
): Promise<CatalogEvent | null> {
  const { rows } = await sql<EventRow>`
    select ${sql.raw(EVENT_COLUMNS)}
      from catalog.event e
     where e.event_id = ${eventId}
       for no key update
  `.execute(transaction);
  return rows[0] === undefined ? null : eventOfRow(rows[0]);
}

/**
 * Writes what may change of an event, with the times of its slots as they are now, as a new revision.
 * When its attendees are to be erased is looked at anew.
 *
 * @throws `slug_taken`
 */
export async function saveEvent(
  transaction: Transaction,
  clock: Clock,
  event: CatalogEvent,
): Promise<CatalogEvent> {
  const { rows } = await sql<EventRow>`
    update catalog.event e
       set slug = ${event.slug},
           name = ${json(event.name)},
           description = ${json(event.description)},
           location = ${json(event.location)},
           search_text = ${searchText(event)},
           time_zone = ${event.timeZone},
           currency = ${event.currency},
           default_language = ${event.defaultLanguage},
           state = ${event.state}::text,
           hold_seconds = ${event.holdSeconds},
           hold_life_max_seconds = ${event.holdLifeMaxSeconds},
           tickets_per_reservation_max = ${event.ticketsPerReservationMax},
           attendee_retention_days = ${event.attendeeRetentionDays},
           cancellation_free_hours = ${event.cancellationFreeHours},
           cancellation_kept_percent = ${event.cancellationKeptPercent},
           offline_hold_hours = ${event.offlineHoldHours},
           re_entry = ${event.reEntry},
           entry_opens_minutes = ${event.entryOpensMinutes},
           attendees_erased_at = null,
           published_at = case when ${event.state}::text = 'published' then coalesce(e.published_at, ${databaseNow(clock)}) else e.published_at end,
           cancelled_at = case when ${event.state}::text = 'cancelled' then coalesce(e.cancelled_at, ${databaseNow(clock)}) end,
           first_slot_at = s.first_slot_at,
           last_slot_at = s.last_slot_at,
           revision = e.revision + 1
      from (
        select min(starts_at) as first_slot_at, max(starts_at) as last_slot_at
          from catalog.slot
         where event_id = ${event.eventId}
           and removed_at is null
      ) s
     where e.event_id = ${event.eventId}
    returning ${sql.raw(EVENT_COLUMNS)}
  `
    .execute(transaction)
    .catch((error) => {
      throw constraintOf(error) === "event_slug_key" ? refuseTakenSlug(event.slug) : error;
    });
  const [row] = rows;
  assert(row !== undefined, "an event that is locked is there to be saved");
  return eventOfRow(row);
}

/** Makes the event an organizer's and its token void, as a new revision. */
export async function giveToOrganizer(
  transaction: Transaction,
  eventId: Id<"evt">,
  organizerId: Id<"org">,
): Promise<CatalogEvent> {
  const { rows } = await sql<EventRow>`
    update catalog.event e
       set organizer_id = ${organizerId},
           token_generation = e.token_generation + 1,
           revision = e.revision + 1
     where e.event_id = ${eventId}
    returning ${sql.raw(EVENT_COLUMNS)}
  `.execute(transaction);
  const [row] = rows;
  assert(row !== undefined, "an event that is locked is there to be given");
  return eventOfRow(row);
}

/** A map of texts as the column takes it, and null as null. */
export function json(value: object | null): RawBuilder<unknown> {
  return sql`${value === null ? null : JSON.stringify(value)}::jsonb`;
}

/** An instant as a parameter: cast it to timestamptz. */
export function instant(at: EpochMs | null): string | null {
  return at === null ? null : toRfc3339(at);
}

/** The words by which an event is found, in all its languages, without accents and capitals. */
function searchText({ name, location }: CatalogEvent): string {
  const texts = [name, location?.name, location?.address].flatMap((text) =>
    Object.values(text ?? {}),
  );
  return foldText(texts.join("\n"));
}
