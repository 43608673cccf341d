import { Type } from "typebox";
import type { Clock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import { readCursor, writeCursor } from "#platform/http/pagination.ts";
import { Nullable } from "#platform/http/schemas.ts";
import type { Id } from "#platform/id.ts";
import { createSingleFlightCache } from "#platform/single-flight-cache.ts";
import { eventSummaryView } from "./catalog-views.ts";
import { listEvents } from "./list-events.ts";
import { Position, readBounds } from "./time-bounds.ts";

/** Characters of pages kept in memory. */
const CHARACTERS_MAX = 16 * 1024 * 1024;
/** What a page takes beside its text: what was asked for, which may be as long. */
const SEARCH_CHARACTERS = 2_000;
/** At most so old is a page that nobody said has changed. */
const AGE_MS_MAX = 1_000;
const EVENTS_A_PAGE = 25;

/** What a page of the public list is made of. */
export interface PageSearch {
  readonly limit?: number;
  readonly cursor?: string;
  readonly from?: string;
  readonly to?: string;
  readonly q?: string;
  /** Only events of this organizer. */
  readonly organizerId?: Id<"org">;
  /** In which the reader wants the texts, best first. */
  readonly languages: readonly string[];
}

/** Pages of the public list of events, as text: made once for all who ask for the same in the same second. */
export interface EventPages {
  /**
   * JSON of the schema `EventPage`. An edit made in this process is in it, one of another as soon as it is told.
   * @throws `invalid_field` for a bound or a cursor that is none
   */
  page(search: PageSearch): Promise<string>;
  /** The same of all events of an organizer, for who may see them all. Not kept. */
  ownPage(search: PageSearch & { readonly organizerId: Id<"org"> }): Promise<string>;
  /** Some event was edited: any page may be another. */
  forgetAll(): void;
}

export function createEventPages(database: Database, clock: Clock, publicUrl: string): EventPages {
  const pages = createSingleFlightCache<string, string>({
    load: (search) => makePage(database, publicUrl, JSON.parse(search) as PageSearch, false),
    weightOf: (text) => text.length + SEARCH_CHARACTERS,
    weightMax: CHARACTERS_MAX,
    ageMsMax: AGE_MS_MAX,
    now: () => clock.now(),
  });
  return {
    page: async ({ limit, cursor, from, to, q, organizerId, languages }) => {
      const search = { limit, cursor, from, to, q, organizerId, languages };
      return (await pages.get(JSON.stringify(search))) as string;
    },
    ownPage: (search) => makePage(database, publicUrl, search, true),
    forgetAll: () => pages.forgetAll(),
  };
}

/** An event of one's own may have no slot yet. */
const OwnPosition = Type.Object({ ...Position.properties, at: Nullable(Type.Integer()) });

async function makePage(
  database: Database,
  publicUrl: string,
  search: PageSearch,
  isOwn: boolean,
): Promise<string> {
  const limit = search.limit ?? EVENTS_A_PAGE;
  const position = readCursor(search.cursor, isOwn ? OwnPosition : Position);
  const { organizerId } = search;
  const found = await listEvents(database.kysely, {
    ...readBounds(search, "UTC"),
    text: search.q ?? null,
    organizer: organizerId === undefined ? null : { organizerId, all: isOwn },
    after: position && { firstSlotAt: position.at, eventId: position.id as Id<"evt"> },
    limit: limit + 1,
  });
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  const reader = { languages: search.languages, isManager: isOwn, publicUrl };
  return JSON.stringify({
    data: shown.map((event) => eventSummaryView(event, reader)),
    next_cursor:
      found.length > limit && last !== undefined
        ? writeCursor({ at: last.firstSlotAt, id: last.eventId })
        : null,
  });
}
