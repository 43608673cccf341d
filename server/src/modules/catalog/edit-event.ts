import { decideOnEvent } from "#modules/organizers/index.ts";
import type { Clock } from "#platform/clock.ts";
import type { Transaction } from "#platform/database/database.ts";
import type { Caller } from "#platform/http/authentication.ts";
import { Problem, problemType, type Reason } from "#platform/http/problem.ts";
import { formatId, type Id } from "#platform/id.ts";
import { type CatalogEvent, POOLS_PER_EVENT_MAX, type TicketType, TRANSITIONS } from "./event.ts";
import { lockEvent, saveEvent } from "./event-store.ts";
import { poolCount } from "./pools.ts";
import type { CapacityRefusal, PoolChange, SalesPort } from "./sales-port.ts";

export const eventCancelled = problemType({
  code: "event_cancelled",
  status: 409,
  title: "The event was cancelled",
});
export const capacityBelowSold = problemType({
  code: "capacity_below_sold",
  status: 409,
  title: "More is held and sold than that",
});
export const eventTooLarge = problemType({
  code: "event_too_large",
  status: 409,
  title: "The event has as much as it can have",
});

/** What edits stand on. */
export interface EditContext {
  readonly clock: Clock;
  readonly sales: SalesPort;
}

/** Who edits which event. */
export interface Editor {
  readonly caller: Caller;
  readonly eventId: Id<"evt">;
}

/** What an edit changes beside its own rows. */
export interface EventEdit<Result> {
  /** The event as it is to be; left out: only slots or ticket types changed. */
  readonly event?: CatalogEvent;
  /** Pools to open or to resize. */
  readonly pools?: readonly PoolChange[];
  /** Pools to remove. */
  readonly closed?: readonly PoolChange[];
  readonly result: Result;
}

export interface EditedEvent<Result> {
  readonly event: CatalogEvent;
  readonly result: Result;
}

/**
 * One edit of an event by its manager: edits of one event come one after the other, each makes a new
 * revision, and whoever sells takes it over in the same transaction or refuses it.
 *
 * @throws 401 and 404 for who may not, `event_cancelled`, `capacity_below_sold`.
 */
export async function editEvent<Result>(
  { clock, sales }: EditContext,
  transaction: Transaction,
  { caller, eventId }: Editor,
  change: (event: CatalogEvent) => Promise<EventEdit<Result>>,
): Promise<EditedEvent<Result>> {
  const before = await lockManaged(transaction, { caller, eventId });
  if (TRANSITIONS[before.state].edit === null) throw refuseCancelled();
  const { event = before, pools = [], closed = [], result } = await change(before);
  const saved = await saveEvent(transaction, clock, event);
  await takeOver(sales, transaction, saved, { pools, closed });
  return { event: saved, result };
}

/** The event, locked, for a manager of it. */
export async function lockManaged(
  transaction: Transaction,
  { caller, eventId }: Editor,
): Promise<CatalogEvent> {
  return decideOnEvent(caller, await lockEvent(transaction, eventId));
}

/** Tells whoever sells what an event's revision is now. */
export async function takeOver(
  sales: SalesPort,
  transaction: Transaction,
  { eventId, revision, state }: CatalogEvent,
  { pools, closed }: { pools: readonly PoolChange[]; closed: readonly PoolChange[] },
): Promise<void> {
  const refusals = await sales.change(transaction, {
    eventId,
    revision,
    state,
    pools,
    closed: closed.map(({ poolId }) => poolId),
  });
  if (refusals.length > 0) throw refuseCapacity(refusals, [...pools, ...closed]);
}

/** @throws `event_too_large` */
export function refuseTooManyPools(slotCount: number, types: readonly TicketType[]): void {
  const count = poolCount(slotCount, types);
  if (count <= POOLS_PER_EVENT_MAX) return;
  throw refuseTooLarge(
    `Slots times ticket types with a capacity in each slot would make ${count} pools, of at most ${POOLS_PER_EVENT_MAX}.`,
    { count, max: POOLS_PER_EVENT_MAX },
  );
}

export function refuseTooLarge(message: string, members: Record<string, unknown>): Problem {
  const reason = { code: eventTooLarge.code, message, ...members };
  return new Problem(eventTooLarge, `${message} Make a second event.`, { reasons: [reason] });
}

export function refuseCancelled(): Problem {
  return new Problem(eventCancelled, "A cancelled event cannot be changed. Make another one.", {
    reasons: [{ code: eventCancelled.code, message: "The event was cancelled." }],
  });
}

function refuseCapacity(
  refusals: readonly CapacityRefusal[],
  pools: readonly PoolChange[],
): Problem {
  const byId = new Map(pools.map((pool) => [pool.poolId, pool]));
  const reasons = refusals.slice(0, 100).map((refusal) => reasonOf(refusal, byId));
  return new Problem(
    capacityBelowSold,
    "More places are held and sold than the change leaves. Ask for more, or cancel reservations first.",
    { reasons },
  );
}

function reasonOf(
  { poolId, capacity, held, sold }: CapacityRefusal,
  pools: ReadonlyMap<string, PoolChange>,
): Reason {
  const { slotId = null, ticketTypeId = null } = pools.get(poolId) ?? {};
  return {
    code: capacityBelowSold.code,
    message: `${held} held and ${sold} sold, of ${capacity}.`,
    slot_id: slotId === null ? null : formatId("slt", slotId),
    ticket_type_id: ticketTypeId === null ? null : formatId("tty", ticketTypeId),
    capacity,
    held,
    sold,
  };
}
