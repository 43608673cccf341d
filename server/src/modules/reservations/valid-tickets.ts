import type { Clock, EpochMs } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import type { Id } from "#platform/id.ts";
import type { AvailabilityView } from "./availability.ts";

/** How many valid tickets an event has, by what they are for. */
export interface ValidTickets {
  /** Some seconds old at most, as long as the counting itself is a small part of the time. */
  of(eventId: Id<"evt">): Promise<CountedTickets>;
}

export interface CountedTickets {
  readonly counts: readonly {
    readonly slotId: Id<"slt">;
    readonly ticketTypeId: Id<"tty">;
    readonly tickets: number;
  }[];
}

/** Counted again no sooner than after so long, and after so many times the time that it took. */
const PAUSE_MS_MIN = 3_000;
const PAUSE_FACTOR = 20;
/** And after so long also where nobody told of a change. */
const AGE_MS_MAX = 600_000;
/** Events that are watched; the one asked for longest ago makes room. */
const EVENTS_MAX = 100;

/** A confirmed reservation has a valid ticket for each of its places. */
const STATEMENT = `
  select l.slot_id, l.ticket_type_id, sum(l.quantity)::bigint as tickets
    from reservations.reservation r
    join reservations.entry e on e.reservation_id = r.reservation_id and e.version = r.version
   cross join unnest(e.line_slot_ids, e.line_ticket_type_ids, e.line_quantities)
              l (slot_id, ticket_type_id, quantity)
   where r.event_id = $1
     and r.state = 'confirmed'
   group by l.slot_id, l.ticket_type_id`;

interface Row {
  readonly slot_id: Id<"slt">;
  readonly ticket_type_id: Id<"tty">;
  readonly tickets: number;
}

interface Kept {
  value: CountedTickets | null;
  at: EpochMs;
  /** Not counted again before. */
  notBefore: EpochMs;
  isChanged: boolean;
  counting: Promise<CountedTickets> | null;
  readonly unwatch: () => void;
}

/** Counts when it is asked and something was sold, one event at a time. */
export function createValidTickets({
  database,
  clock,
  availability,
}: {
  readonly database: Database;
  readonly clock: Clock;
  readonly availability: Pick<AvailabilityView, "watch">;
}): ValidTickets {
  const kept = new Map<Id<"evt">, Kept>();
  let turn: Promise<unknown> = Promise.resolve();

  const entryOf = (eventId: Id<"evt">): Kept => {
    const known = kept.get(eventId);
    const entry: Kept = known ?? {
      ...{ value: null, at: 0, notBefore: 0, isChanged: true, counting: null },
      unwatch: availability.watch(eventId, () => {
        entry.isChanged = true;
      }),
    };
    kept.delete(eventId);
    kept.set(eventId, entry);
    if (kept.size > EVENTS_MAX) {
      const [oldest] = kept.entries();
      oldest?.[1].unwatch();
      if (oldest !== undefined) kept.delete(oldest[0]);
    }
    return entry;
  };

  const count = async (eventId: Id<"evt">, entry: Kept): Promise<CountedTickets> => {
    entry.isChanged = false;
    const [at, began] = [clock.now(), performance.now()];
    try {
      const rows = await database.prepared<Row>("valid_tickets", STATEMENT, [eventId]);
      entry.value = {
        counts: rows.map((row) => ({
          slotId: row.slot_id,
          ticketTypeId: row.ticket_type_id,
          tickets: row.tickets,
        })),
      };
      entry.at = at;
      return entry.value;
    } catch (error) {
      entry.isChanged = true;
      throw error;
    } finally {
      entry.notBefore = at + Math.max(PAUSE_MS_MIN, PAUSE_FACTOR * (performance.now() - began));
    }
  };

  return {
    of: (eventId) => {
      const entry = entryOf(eventId);
      const now = clock.now();
      const isDue = entry.isChanged ? now >= entry.notBefore : now - entry.at >= AGE_MS_MAX;
      if (entry.value !== null && !isDue) return Promise.resolve(entry.value);
      entry.counting ??= inTurn(() => count(eventId, entry)).finally(() => {
        entry.counting = null;
      });
      return entry.counting;
    },
  };

  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done;
  }
}
