import type { Clock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import type { Id } from "#platform/id.ts";
import { createSingleFlightCache } from "#platform/single-flight-cache.ts";
import { SLOTS_SHOWN_MAX } from "./catalog-schemas.ts";
import type { CatalogEvent, Slot, TicketType } from "./event.ts";
import { EVENT_COLUMNS, type EventRow, eventOfRow } from "./event-store.ts";
import { type SlotRow, slotOfRow } from "./slot-store.ts";
import { foldSlug } from "./slug.ts";
import { TICKET_TYPES_JSON, type TicketTypeRow, ticketTypeOfRow } from "./ticket-type-store.ts";

/** What the page of an event shows, all of one revision. Never changed. */
export interface EventContent {
  readonly event: CatalogEvent;
  readonly ticketTypes: readonly TicketType[];
  readonly slotCount: number;
  /** The first by time. */
  readonly slots: readonly Slot[];
}

/** Pages of events kept in memory: some tens of kilobytes each. */
const EVENTS_MAX = 2_000;
const AGE_MS_MAX = 10_000;

/** Pages of events, from memory. */
export interface ContentCache {
  /** Null when there is no such event. */
  content(eventId: Id<"evt">): Promise<EventContent | null>;
  contentBySlug(slug: string): Promise<EventContent | null>;
  forget(eventId: Id<"evt">): void;
  forgetAll(): void;
}

export function createContentCache(database: Database, clock: Clock): ContentCache {
  const events = createSingleFlightCache<Id<"evt">, EventContent>({
    load: (eventId) => loadContent(database, eventId),
    weightOf: () => 1,
    weightMax: EVENTS_MAX,
    ageMsMax: AGE_MS_MAX,
    now: () => clock.now(),
  });
  const idsBySlug = createSingleFlightCache<string, Id<"evt">>({
    load: (slug) => findEventBySlug(database, slug),
    weightOf: () => 1,
    weightMax: EVENTS_MAX,
    ageMsMax: AGE_MS_MAX,
    now: () => clock.now(),
  });
  return {
    content: (eventId) => events.get(eventId),
    contentBySlug: async (text) => {
      const slug = foldSlug(text);
      const eventId = await idsBySlug.get(slug);
      const content = eventId === null ? null : await events.get(eventId);
      if (content === null || content.event.slug === slug) return content;
      // The event has another slug by now: whose is this one?
      idsBySlug.forget(slug);
      const other = await idsBySlug.get(slug);
      return other === null ? null : events.get(other);
    },
    forget: (eventId) => events.forget(eventId),
    forgetAll: () => {
      events.forgetAll();
      idsBySlug.forgetAll();
    },
  };
}

async function findEventBySlug(database: Database, slug: string): Promise<Id<"evt"> | null> {
  const statement = "select event_id from catalog.event where slug = $1";
  const rows = await database.prepared<{ event_id: Id<"evt"> }>("catalog_by_slug", statement, [
    slug,
  ]);
  return rows[0]?.event_id ?? null;
}

// One statement, so that all of it is of one revision.
const CONTENT = `
  select ${EVENT_COLUMNS},
         ${TICKET_TYPES_JSON} as ticket_types,
         (select count(*)::integer
            from catalog.slot
           where event_id = e.event_id
             and removed_at is null) as slot_count,
         (select coalesce(
                   jsonb_agg(
                     jsonb_build_object(
                       'slot_id', o.slot_id, 'starts_at', (extract(epoch from o.starts_at) * 1000)::bigint,
                       'ends_at', (extract(epoch from o.ends_at) * 1000)::bigint,
                       'starts_at_local', o.starts_at_local, 'ends_at_local', o.ends_at_local,
                       'capacity', o.capacity, 'note', o.note)
                     order by o.starts_at, o.slot_id),
                   '[]')
            from (
              select slot_id, starts_at, ends_at, starts_at_local, ends_at_local, capacity, note
                from catalog.slot
               where event_id = e.event_id
                 and removed_at is null
               order by starts_at, slot_id
               limit ${SLOTS_SHOWN_MAX}
            ) o) as slots
    from catalog.event e
   where e.event_id = $1`;

interface ContentRow extends EventRow {
  readonly ticket_types: readonly TicketTypeRow[];
  readonly slot_count: number;
  readonly slots: readonly SlotRow[];
}

async function loadContent(database: Database, eventId: Id<"evt">): Promise<EventContent | null> {
  const [row] = await database.prepared<ContentRow>("catalog_content", CONTENT, [eventId]);
  if (row === undefined) return null;
  return {
    event: eventOfRow(row),
    ticketTypes: row.ticket_types.map(ticketTypeOfRow),
    slotCount: row.slot_count,
    slots: row.slots.map(slotOfRow),
  };
}
