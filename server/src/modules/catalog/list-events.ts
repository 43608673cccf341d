import { sql } from "kysely";
import type { EpochMs } from "#platform/clock.ts";
import type { Queryable } from "#platform/database/database.ts";
import type { Id } from "#platform/id.ts";
import { foldText } from "#platform/text.ts";
import type { CatalogEvent } from "./event.ts";
import { EVENT_COLUMNS, type EventRow, eventOfRow, instant } from "./event-store.ts";

export interface EventSearch {
  /** Events with a slot that starts from the first instant on and before the second. Null: unbounded. */
  readonly from: EpochMs | null;
  readonly to: EpochMs | null;
  /** Words that stand in the name or the location in any language; accents and capitals do not matter. */
  readonly text: string | null;
  /** Only events of this organizer; `all`: those that are not published too, the newest first. */
  readonly organizer: { readonly organizerId: Id<"org">; readonly all: boolean } | null;
  readonly after: { readonly firstSlotAt: EpochMs | null; readonly eventId: Id<"evt"> } | null;
  readonly limit: number;
}

/** Published events by their first slot, or all of an organizer's, the newest first. */
export async function listEvents(
  queryable: Queryable,
  { from, to, text, organizer, after, limit }: EventSearch,
): Promise<CatalogEvent[]> {
  const all = organizer?.all ?? false;
  const conditions = [all ? sql`true` : sql`e.state = 'published'`];
  if (organizer !== null) conditions.push(sql`e.organizer_id = ${organizer.organizerId}`);
  if (after !== null) {
    conditions.push(
      all
        ? sql`e.event_id < ${after.eventId}::uuid`
        : sql`(e.first_slot_at, e.event_id) > (${instant(after.firstSlotAt)}::timestamptz, ${after.eventId}::uuid)`,
    );
  }
  if (from !== null) conditions.push(sql`e.last_slot_at >= ${instant(from)}::timestamptz`);
  if (to !== null) conditions.push(sql`e.first_slot_at < ${instant(to)}::timestamptz`);
  if (from !== null && to !== null) {
    conditions.push(sql`exists (
      select from catalog.slot s
       where s.event_id = e.event_id
         and s.removed_at is null
         and s.starts_at >= ${instant(from)}::timestamptz
         and s.starts_at < ${instant(to)}::timestamptz
    )`);
  }
  for (const word of wordsOf(text)) {
    conditions.push(sql`position(${word}::text in e.search_text) > 0`);
  }
  const { rows } = await sql<EventRow>`
    select ${sql.raw(EVENT_COLUMNS)}
      from catalog.event e
     where ${sql.join(conditions, sql` and `)}
     order by ${all ? sql`e.event_id desc` : sql`e.first_slot_at, e.event_id`}
     limit ${limit}
  `.execute(queryable);
  return rows.map(eventOfRow);
}

const WORDS_MAX = 10;

function wordsOf(text: string | null): readonly string[] {
  return text === null ? [] : (foldText(text).match(/\S+/g) ?? []).slice(0, WORDS_MAX);
}

export async function hasEvents(queryable: Queryable): Promise<boolean> {
  const { rows } = await sql`select from catalog.event limit 1`.execute(queryable);
  return rows.length > 0;
}
