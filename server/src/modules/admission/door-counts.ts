import { hash } from "node:crypto";
import type { EventFacts } from "#modules/catalog/index.ts";
import type { ValidTickets } from "#modules/reservations/index.ts";
import type { Clock, EpochMs } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import { formatId, type Id, type IdKind } from "#platform/id.ts";
import type { DoorChanges } from "./door-changes.ts";
import type { CountsBody, EventCountsBody, PresentedBody } from "./door-schemas.ts";
import { listTallies, type Tally } from "./tally-store.ts";

/** Who is expected, and who came: as it is shown. */
export interface DoorCounts {
  /** A change of this process is in it at once, one of another as soon as it is told, at the latest after a second. */
  of(event: EventFacts): Promise<ShownCounts>;
  /** Calls back after changes, at most once a second, until told to stop. */
  watch(eventId: Id<"evt">, onChange: () => void): () => void;
}

export interface ShownCounts {
  readonly etag: string;
  readonly body: string;
  readonly total: CountsBody;
}

/** At most so old is what is shown, also where nobody told of a change. */
const AGE_MS_MAX = 1_000;
const ANNOUNCED_EVERY_MS = 1_000;
/** Events kept in memory; the one asked for longest ago makes room. */
const EVENTS_MAX = 1_000;

export interface DoorCountsParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly changes: Pick<DoorChanges, "watch">;
  readonly validTickets: ValidTickets;
}

interface Kept {
  /** Raised by each change; what was counted under an older one is not kept. */
  generation: number;
  shown: { readonly value: ShownCounts; readonly facts: EventFacts; readonly at: EpochMs } | null;
  counting: {
    readonly generation: number;
    readonly facts: EventFacts;
    readonly promise: Promise<ShownCounts>;
  } | null;
}

export function createDoorCounts(parts: DoorCountsParts): DoorCounts {
  const { clock, changes } = parts;
  const kept = new Map<Id<"evt">, Kept>();
  const announcers = new Map<Id<"evt">, Announcer>();
  changes.watch((eventId) => {
    for (const entry of some(kept, eventId)) {
      entry.generation++;
      entry.shown = null;
    }
    for (const announcer of some(announcers, eventId)) announcer.changed();
  });

  const entryOf = (eventId: Id<"evt">): Kept => {
    const entry = kept.get(eventId) ?? { generation: 0, shown: null, counting: null };
    kept.delete(eventId);
    kept.set(eventId, entry);
    const [oldest] = kept.keys();
    if (kept.size > EVENTS_MAX && oldest !== undefined) kept.delete(oldest);
    return entry;
  };

  const count = async (facts: EventFacts, entry: Kept): Promise<ShownCounts> => {
    const [{ generation }, at] = [entry, clock.now()];
    const value = shownCounts(await readCounts(parts, facts));
    if (entry.generation === generation) entry.shown = { value, facts, at };
    return value;
  };

  return {
    of: (facts) => {
      const entry = entryOf(facts.eventId);
      const { generation, shown, counting } = entry;
      const age = clock.now() - (shown?.at ?? 0);
      if (shown?.facts === facts && age >= 0 && age < AGE_MS_MAX) {
        return Promise.resolve(shown.value);
      }
      if (counting?.generation === generation && counting.facts === facts) return counting.promise;
      const begun = {
        generation,
        facts,
        promise: count(facts, entry).finally(() => {
          if (entry.counting === begun) entry.counting = null;
        }),
      };
      entry.counting = begun;
      return begun.promise;
    },
    watch: (eventId, onChange) => {
      const announcer = announcers.get(eventId) ?? createAnnouncer();
      announcers.set(eventId, announcer);
      announcer.watchers.add(onChange);
      return () => {
        announcer.watchers.delete(onChange);
        if (announcer.watchers.size === 0) announcers.delete(eventId);
      };
    },
  };
}

interface Announcer {
  readonly watchers: Set<() => void>;
  changed(): void;
}

/** Tells of the first change at once and of those after it together, a second later. No timer while nothing changes. */
function createAnnouncer(): Announcer {
  const watchers = new Set<() => void>();
  let timer: NodeJS.Timeout | null = null;
  let isWaiting = false;
  const announce = () => {
    isWaiting = false;
    for (const onChange of watchers) onChange();
    timer = setTimeout(() => {
      timer = null;
      if (isWaiting) announce();
    }, ANNOUNCED_EVERY_MS).unref();
  };
  return {
    watchers,
    changed: () => {
      isWaiting = true;
      if (timer === null) announce();
    },
  };
}

function some<Value>(
  map: ReadonlyMap<Id<"evt">, Value>,
  eventId: Id<"evt"> | null,
): Iterable<Value> {
  if (eventId === null) return map.values();
  const value = map.get(eventId);
  return value === undefined ? [] : [value];
}

function shownCounts(counts: EventCountsBody): ShownCounts {
  const body = JSON.stringify(counts);
  const etag = `"${hash("sha256", body, "base64url").slice(0, 22)}"`;
  return { etag, body, total: counts.total };
}

async function readCounts(
  { database, validTickets }: DoorCountsParts,
  { eventId, slots, ticketTypes }: EventFacts,
): Promise<EventCountsBody> {
  const [tallies, valid] = await Promise.all([
    listTallies(database, eventId),
    validTickets.of(eventId),
  ]);
  const total = noCounts();
  const bySlot = new Map([...slots.keys()].map((slotId) => [slotId, noCounts()]));
  const byType = new Map([...ticketTypes.keys()].map((typeId) => [typeId, noCounts()]));
  const byGate = new Map<string, PresentedBody>();
  for (const { slotId, ticketTypeId, tickets } of valid.counts) {
    const expected = tickets * (ticketTypes.get(ticketTypeId)?.admits ?? 1);
    for (const counts of [total, at(bySlot, slotId), at(byType, ticketTypeId)]) {
      counts.expected += expected;
    }
  }
  for (const tally of tallies) {
    const { slotId, ticketTypeId, gate } = tally;
    const ofGate = byGate.get(gate) ?? nothingPresented();
    byGate.set(gate, ofGate);
    add(total, tally);
    add(ofGate, tally);
    if (slotId !== null) add(at(bySlot, slotId), tally);
    if (ticketTypeId !== null) add(at(byType, ticketTypeId), tally);
  }
  return {
    event_id: formatId("evt", eventId),
    total,
    slots: listed("slt", bySlot),
    ticket_types: listed("tty", byType),
    gates: [...byGate]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([gate, counts]) => ({ gate: gate === "" ? null : gate, ...counts })),
  };
}

function nothingPresented(): PresentedBody {
  return { admitted: 0, inside: 0, refused: 0, surplus: 0, presented: 0 };
}

function noCounts(): CountsBody {
  return { expected: 0, ...nothingPresented() };
}

/** What was removed since is listed as long as something counts for it, so that all adds up. */
function at<Key>(counts: Map<Key, CountsBody>, key: Key): CountsBody {
  const found = counts.get(key) ?? noCounts();
  counts.set(key, found);
  return found;
}

function add(counts: PresentedBody, tally: Tally): void {
  counts.presented += tally.presented;
  counts.admitted += tally.admitted;
  counts.surplus += tally.surplus;
  counts.refused += tally.refused;
  counts.inside += tally.admitted + tally.surplus - tally.wentOut;
}

function listed<Kind extends IdKind>(kind: Kind, counts: ReadonlyMap<Id<Kind>, CountsBody>) {
  return [...counts].map(([id, body]) => ({ id: formatId(kind, id), ...body }));
}
