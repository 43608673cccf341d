import type { Clock, EpochMs } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import type { Id } from "#platform/id.ts";
import { createSingleFlightCache } from "#platform/single-flight-cache.ts";
import type { EventFacts, SlotFacts, TicketTypeFacts } from "./event-facts.ts";
import type { EventRow } from "./event-store.ts";
import { findEventOfSlot } from "./slot-store.ts";
import { TICKET_TYPES_JSON, type TicketTypeRow } from "./ticket-type-store.ts";

/** Slots whose facts are kept in memory, over all events: some hundred bytes each. */
export const FACTS_SLOTS_MAX_DEFAULT = 500_000;
/** After so long the database is asked whether the revision is still the same. */
export const FACTS_AGE_MS_MAX = 10_000;

/** What selling asks for at every request, from memory. */
export interface FactsCache {
  /** Null when there is no such event. */
  facts(eventId: Id<"evt">): Promise<EventFacts | null>;
  /** Whether `facts` would give this very object, without asking the database. */
  isCurrent(facts: EventFacts): boolean;
  /** The facts of the slot's event, null when there never was such a slot. A removed slot is not in them. */
  factsOfSlot(slotId: Id<"slt">): Promise<EventFacts | null>;
  forget(eventId: Id<"evt">): void;
  forgetAll(): void;
}

export function createFactsCache(
  database: Database,
  clock: Clock,
  slotsMax = FACTS_SLOTS_MAX_DEFAULT,
): FactsCache {
  const eventOfSlot = new Map<Id<"slt">, Id<"evt">>();
  const cache = createSingleFlightCache<Id<"evt">, EventFacts>({
    load: async (eventId, known) => {
      if (known !== null && (await hasRevision(database, known))) return known;
      const facts = await loadFacts(database, eventId);
      for (const slotId of facts?.slots.keys() ?? []) eventOfSlot.set(slotId, eventId);
      return facts;
    },
    weightOf: (facts) => 1 + facts.slots.size,
    weightMax: slotsMax,
    ageMsMax: FACTS_AGE_MS_MAX,
    now: () => clock.now(),
    onDropped: (facts) => {
      for (const slotId of facts.slots.keys()) eventOfSlot.delete(slotId);
    },
  });
  return {
    facts: (eventId) => cache.get(eventId),
    isCurrent: (facts) => cache.peek(facts.eventId) === facts,
    factsOfSlot: async (slotId) => {
      const eventId = eventOfSlot.get(slotId) ?? (await findEventOfSlot(database, slotId));
      return eventId === null ? null : cache.get(eventId);
    },
    forget: (eventId) => cache.forget(eventId),
    forgetAll: () => cache.forgetAll(),
  };
}

async function hasRevision(
  database: Database,
  { eventId, revision }: EventFacts,
): Promise<boolean> {
  const rows = await database.prepared<{ revision: number }>("catalog_revision", REVISION, [
    eventId,
  ]);
  return rows[0]?.revision === revision;
}

const REVISION = "select revision from catalog.event where event_id = $1";

// One statement, so that all of it is of one revision.
const FACTS = `
  select e.event_id, e.organizer_id, e.revision, e.state, e.token_generation, e.currency, e.time_zone, e.hold_seconds,
         e.hold_life_max_seconds, e.tickets_per_reservation_max,
         e.cancellation_free_hours, e.cancellation_kept_percent, e.offline_hold_hours,
         e.re_entry, e.entry_opens_minutes,
         ${TICKET_TYPES_JSON} as ticket_types,
         s.slot_ids, s.starts_at, s.ends_at, s.capacities
    from catalog.event e
   cross join lateral (
     select array_agg(o.slot_id) as slot_ids, array_agg(o.starts_at) as starts_at,
            array_agg(o.ends_at) as ends_at, array_agg(o.capacity) as capacities
       from (
         select slot_id, starts_at, ends_at, capacity
           from catalog.slot
          where event_id = e.event_id
            and removed_at is null
          order by starts_at, slot_id
       ) o
   ) s
   where e.event_id = $1`;

interface FactsRow
  extends Pick<
    EventRow,
    | "event_id"
    | "organizer_id"
    | "revision"
    | "state"
    | "token_generation"
    | "currency"
    | "time_zone"
    | "hold_seconds"
    | "hold_life_max_seconds"
    | "tickets_per_reservation_max"
    | "cancellation_free_hours"
    | "cancellation_kept_percent"
    | "offline_hold_hours"
    | "re_entry"
    | "entry_opens_minutes"
  > {
  readonly ticket_types: readonly TicketTypeRow[];
  readonly slot_ids: readonly string[] | null;
  readonly starts_at: readonly EpochMs[] | null;
  readonly ends_at: readonly EpochMs[] | null;
  readonly capacities: readonly number[] | null;
}

async function loadFacts(database: Database, eventId: Id<"evt">): Promise<EventFacts | null> {
  const [row] = await database.prepared<FactsRow>("catalog_facts", FACTS, [eventId]);
  if (row === undefined) return null;
  return {
    eventId: row.event_id as Id<"evt">,
    organizerId: row.organizer_id as Id<"org"> | null,
    revision: row.revision,
    state: row.state,
    tokenGeneration: row.token_generation,
    currency: row.currency,
    timeZone: row.time_zone,
    holdSeconds: row.hold_seconds,
    holdLifeMaxSeconds: row.hold_life_max_seconds,
    ticketsPerReservationMax: row.tickets_per_reservation_max,
    cancellationFreeHours: row.cancellation_free_hours,
    cancellationKeptPercent: row.cancellation_kept_percent,
    offlineHoldHours: row.offline_hold_hours,
    reEntry: row.re_entry,
    entryOpensMinutes: row.entry_opens_minutes,
    ticketTypes: new Map(
      row.ticket_types.map((type) => [
        type.ticket_type_id as Id<"tty">,
        factsOfType(type, row.tickets_per_reservation_max),
      ]),
    ),
    slots: slotsOf(row),
  };
}

function factsOfType(row: TicketTypeRow, most: number): TicketTypeFacts {
  return {
    ticketTypeId: row.ticket_type_id as Id<"tty">,
    priceMinor: row.price_minor,
    capacity: row.capacity,
    capacityPerSlot: row.capacity_per_slot,
    minPerReservation: row.min_per_reservation,
    maxPerReservation: row.max_per_reservation ?? most,
    salesStartAt: row.sales_start_at,
    salesEndAt: row.sales_end_at,
    admits: row.admits,
    gates: row.gates,
    hidden: row.hidden,
  };
}

function slotsOf(row: FactsRow): ReadonlyMap<Id<"slt">, SlotFacts> {
  const slots = new Map<Id<"slt">, SlotFacts>();
  for (const [index, slotId] of (row.slot_ids ?? []).entries()) {
    slots.set(slotId as Id<"slt">, {
      startsAt: row.starts_at?.[index] as EpochMs,
      endsAt: row.ends_at?.[index] as EpochMs,
      capacity: row.capacities?.[index] as number,
    });
  }
  return slots;
}
