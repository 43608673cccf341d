import { hash } from "node:crypto";
import type { Availability } from "#modules/catalog/index.ts";
import type { Clock, EpochMs } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import type { Id } from "#platform/id.ts";

/** At most so old is what is shown, whoever changed it and whatever has expired meanwhile. */
const AGE_MS_MAX = 1_000;
/** Events kept in memory; the one asked for longest ago makes room. */
const EVENTS_MAX = 1_000;

export interface EventAvailability extends Availability {
  readonly pools: ReadonlyMap<string, { readonly capacity: number; readonly available: number }>;
}

/** What is left, kept in memory per event and renewed by each change. */
export interface AvailabilityView {
  /** A change of this process is in it at once, one of another as soon as it is told, at the latest after a second. */
  of(eventId: Id<"evt">): Promise<EventAvailability>;
  /** Whether `of` would give this very view, without asking the database. */
  isCurrent(eventId: Id<"evt">, view: EventAvailability): boolean;
  /** Says that the pools of an event have moved. */
  changed(eventId: Id<"evt">): void;
  /** Says that any pools may have moved: what is kept is dropped. */
  changedAll(): void;
  /** Calls back after `changed`, until told to stop. */
  watch(eventId: Id<"evt">, onChange: () => void): () => void;
}

interface Kept {
  /** Raised by each change; a view computed under an older one is not kept. */
  generation: number;
  view: { readonly value: EventAvailability; readonly at: EpochMs } | null;
  computing: { readonly generation: number; readonly promise: Promise<EventAvailability> } | null;
}

const STATEMENT = `
  select p.pool_id, p.capacity, (p.capacity - p.held - p.sold + coalesce(x.expired, 0))::integer as available
    from reservations.pool p
    left join (
      select d.pool_id, sum(d.quantity) as expired
        from reservations.reservation r
       cross join unnest(r.pool_ids, r.pool_quantities) d (pool_id, quantity)
       where r.event_id = $1
         and r.state = 'held'
         and r.expires_at <= clock_timestamp() + $2::bigint * interval '1 millisecond'
       group by d.pool_id
    ) x on x.pool_id = p.pool_id
   where p.event_id = $1
   order by p.pool_id`;

interface Row {
  readonly pool_id: string;
  readonly capacity: number;
  readonly available: number;
}

export function createAvailabilityView(database: Database, clock: Clock): AvailabilityView {
  const kept = new Map<Id<"evt">, Kept>();
  const watchers = new Map<Id<"evt">, Set<() => void>>();

  const entryOf = (eventId: Id<"evt">): Kept => {
    const entry = kept.get(eventId) ?? { generation: 0, view: null, computing: null };
    kept.delete(eventId);
    kept.set(eventId, entry);
    if (kept.size > EVENTS_MAX) {
      const [oldest] = kept.keys();
      if (oldest !== undefined) kept.delete(oldest);
    }
    return entry;
  };

  const youngView = (entry: Kept | undefined): EventAvailability | null => {
    if (entry === undefined || entry.view === null) return null;
    const age = clock.now() - entry.view.at;
    return age >= 0 && age < AGE_MS_MAX ? entry.view.value : null;
  };

  const compute = async (eventId: Id<"evt">, entry: Kept): Promise<EventAvailability> => {
    const generation = entry.generation;
    const at = clock.now();
    const rows = await database.prepared<Row>("availability", STATEMENT, [eventId, clock.shiftMs]);
    const value = asView(rows);
    if (entry.generation === generation) entry.view = { value, at };
    return value;
  };

  return {
    of: (eventId) => {
      const entry = entryOf(eventId);
      const view = youngView(entry);
      if (view !== null) return Promise.resolve(view);
      if (entry.computing?.generation === entry.generation) return entry.computing.promise;
      const computing = {
        generation: entry.generation,
        promise: compute(eventId, entry).finally(() => {
          if (entry.computing === computing) entry.computing = null;
        }),
      };
      entry.computing = computing;
      return computing.promise;
    },
    isCurrent: (eventId, view) => youngView(kept.get(eventId)) === view,
    changed: (eventId) => {
      const entry = kept.get(eventId);
      if (entry !== undefined) {
        entry.generation++;
        entry.view = null;
      }
      for (const onChange of watchers.get(eventId) ?? []) onChange();
    },
    changedAll: () => {
      for (const entry of kept.values()) {
        entry.generation++;
        entry.view = null;
      }
      for (const all of watchers.values()) for (const onChange of all) onChange();
    },
    watch: (eventId, onChange) => {
      const all = watchers.get(eventId) ?? new Set();
      watchers.set(eventId, all.add(onChange));
      return () => {
        all.delete(onChange);
        if (all.size === 0) watchers.delete(eventId);
      };
    },
  };
}

function asView(rows: readonly Row[]): EventAvailability {
  const pools = new Map(
    rows.map((row) => [row.pool_id, { capacity: row.capacity, available: row.available }]),
  );
  // A digest of the numbers: the same places left give the same version in every process.
  const numbers = rows.map((row) => `${row.capacity} ${row.available}`).join();
  return {
    version: hash("sha256", numbers, "base64url").slice(0, 22),
    pools,
    pool: (poolId) => pools.get(poolId),
  };
}
