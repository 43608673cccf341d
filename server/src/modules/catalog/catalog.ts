import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { Audit } from "#modules/organizers/index.ts";
import type { Bus } from "#platform/bus/bus.ts";
import type { Clock } from "#platform/clock.ts";
import { type Database, inTransaction } from "#platform/database/database.ts";
import type { Principal } from "#platform/http/authentication.ts";
import { type Id, newId } from "#platform/id.ts";
import type { CapabilityTokens } from "#platform/tokens/capability.ts";
import { type AttendeeRetention, createAttendeeRetention } from "./attendee-retention.ts";
import type { CatalogRoutesContext } from "./catalog-requests.ts";
import type { NewEventBody } from "./catalog-schemas.ts";
import { createEvent } from "./create-event.ts";
import type { CatalogEvent } from "./event.ts";
import { createContentCache } from "./event-content.ts";
import { eventFileRoutes } from "./event-file-routes.ts";
import { createEventPages } from "./event-pages.ts";
import { eventRoutes } from "./event-routes.ts";
import { type EventTexts, readEventTexts, type WantedTexts } from "./event-texts.ts";
import { createFactsCache } from "./facts-cache.ts";
import { hasEvents } from "./list-events.ts";
import { organizerEventRoutes } from "./organizer-event-routes.ts";
import { createEventReader, type EventReader } from "./read-event.ts";
import type { SalesPort } from "./sales-port.ts";
import { slotRoutes } from "./slot-routes.ts";
import { ticketTypeRoutes } from "./ticket-type-routes.ts";
import { findAdmits } from "./ticket-type-store.ts";

/** What is edited seldom: events, their slots and ticket types. */
export interface Catalog
  extends Pick<
    EventReader,
    | "facts"
    | "isCurrent"
    | "factsOfSlot"
    | "visibleEvent"
    | "authorize"
    | "authorizeSlot"
    | "nameOf"
    | "typeNames"
  > {
  /** How many people a ticket of the type lets in, also where the type is no longer sold and not in the facts. */
  admitsOf(ticketTypeId: Id<"tty">): Promise<number | null>;
  /** What is said of an event on tickets and in calendars; null when there is none. */
  textsOf(eventId: Id<"evt">, wanted: WantedTexts): Promise<EventTexts | null>;
  /** Drops what this process keeps of an event, so that it is read anew. */
  forget(eventId: Id<"evt">): void;
  /** Opens an event as its route does, whoever may open events; gives its id. */
  createEvent(event: NewEventBody): Promise<Id<"evt">>;
  /** Whether there is any event at all. */
  hasEvents(): Promise<boolean>;
  /** When attendees are to be erased. */
  readonly retention: AttendeeRetention;
  readonly routes: FastifyPluginAsyncTypebox;
}

export interface CatalogOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly bus: Bus;
  readonly tokens: CapabilityTokens;
  readonly sales: SalesPort;
  /** Where clients reach this server; without a slash at the end. */
  readonly publicUrl: string;
  readonly audit: Audit;
  /** Whether anybody may open an event. */
  readonly anonymousEvents: boolean;
  /** For how long attendees of new events are kept that say nothing about it; null: until somebody erases them. */
  readonly attendeeRetentionDays: number | null;
}

const NOBODY: Principal = { kind: "anonymous" };
/** The bus tells by event id which events were edited. */
const CHANNEL = "catalog";

export async function createCatalog(options: CatalogOptions): Promise<Catalog> {
  const { database, clock, bus, sales } = options;
  const facts = createFactsCache(database, clock);
  const contents = createContentCache(database, clock);
  const events = createEventReader(facts, contents);
  const pages = createEventPages(database, clock, options.publicUrl);
  const forget = (eventId: Id<"evt">) => {
    facts.forget(eventId);
    contents.forget(eventId);
    pages.forgetAll();
  };
  await bus.subscribe(
    CHANNEL,
    (eventId) => forget(eventId as Id<"evt">),
    () => {
      facts.forgetAll();
      contents.forgetAll();
      pages.forgetAll();
    },
  );
  const announce = async ({ eventId, state }: CatalogEvent) => {
    forget(eventId);
    await bus.publish(CHANNEL, eventId);
    await sales.changed(eventId, state);
  };
  const context = { ...options, events, pages, forget, announce };
  return {
    facts: events.facts,
    isCurrent: events.isCurrent,
    factsOfSlot: events.factsOfSlot,
    visibleEvent: events.visibleEvent,
    authorize: events.authorize,
    authorizeSlot: events.authorizeSlot,
    nameOf: events.nameOf,
    typeNames: events.typeNames,
    textsOf: (eventId, wanted) => readEventTexts({ ...options, contents }, eventId, wanted),
    admitsOf: (ticketTypeId) => findAdmits(database, ticketTypeId),
    forget,
    createEvent: async (body) => {
      const { event } = await inTransaction(database, (transaction) =>
        createEvent({ ...options, anonymousEvents: true }, transaction, {
          principal: NOBODY,
          eventId: newId(clock),
          body,
        }),
      );
      await announce(event);
      return event.eventId;
    },
    hasEvents: () => hasEvents(database.kysely),
    retention: createAttendeeRetention(database, clock),
    routes: catalogRoutes(context),
  };
}

function catalogRoutes(
  context: CatalogRoutesContext & Parameters<typeof eventRoutes>[0],
): FastifyPluginAsyncTypebox {
  return async (server) => {
    await server.register(eventRoutes(context));
    await server.register(slotRoutes(context));
    await server.register(ticketTypeRoutes(context));
    await server.register(eventFileRoutes(context));
    await server.register(organizerEventRoutes(context));
  };
}
