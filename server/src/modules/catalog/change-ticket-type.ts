import type { Transaction } from "#platform/database/database.ts";
import { notFound, Problem, type Reason } from "#platform/http/problem.ts";
import type { Id } from "#platform/id.ts";
import type { TicketTypeChangeBody } from "./catalog-schemas.ts";
import { refuseChange } from "./change-event.ts";
import {
  type EditContext,
  type EditedEvent,
  type Editor,
  editEvent,
  refuseTooManyPools,
} from "./edit-event.ts";
import type { CatalogEvent, Slot, TicketType } from "./event.ts";
import { poolsOfTicketType, poolsWithinSlots } from "./pools.ts";
import type { PoolChange } from "./sales-port.ts";
import { allSlots } from "./slot-store.ts";
import { readTicketTypeChange } from "./ticket-type-input.ts";
import { listTicketTypes, saveTicketType } from "./ticket-type-store.ts";
import { createWrongFields } from "./wrong-fields.ts";

/**
 * Changes a ticket type. What is reserved keeps the price it was reserved for. Once the event is
 * published a capacity can be raised and lowered, but not come or go: what was sold without one was not
 * counted against it.
 *
 * @throws `invalid_field`, `capacity_below_sold`, `change_not_possible`, `event_too_large`, `not_found`,
 *   `event_cancelled`.
 */
export function changeTicketType(
  context: EditContext,
  transaction: Transaction,
  editor: Editor & { readonly ticketTypeId: Id<"tty"> },
  body: TicketTypeChangeBody,
): Promise<EditedEvent<TicketType>> {
  return editEvent(context, transaction, editor, async (event) => {
    const types = await listTicketTypes(transaction, event.eventId);
    const before = types.find(({ ticketTypeId }) => ticketTypeId === editor.ticketTypeId);
    if (before === undefined) throw noSuchTicketType();
    const wrong = createWrongFields();
    const type = readTicketTypeChange(before, body, { clock: context.clock, frame: event, wrong });
    wrong.refuseIfAny();
    refuseLimitsThatComeOrGo(event, before, type);
    const slots =
      type.capacityPerSlot === before.capacityPerSlot
        ? []
        : await allSlots(transaction, event.eventId);
    const others = types.filter((other) => other !== before);
    refuseTooManyPools(slots.length, [...others, type]);
    await saveTicketType(transaction, type);
    return { ...poolChanges(before, type, slots), result: type };
  });
}

export function noSuchTicketType(): Problem {
  return new Problem(notFound, "There is no such ticket type here.");
}

function refuseLimitsThatComeOrGo(
  event: CatalogEvent,
  before: TicketType,
  after: TicketType,
): void {
  if (event.state === "draft") return;
  const reasons: Reason[] = [];
  for (const [limit, name] of LIMITS) {
    if ((before[limit] === null) === (after[limit] === null)) continue;
    const message =
      before[limit] === null
        ? `${name} cannot be set once the event is published: sell another ticket type with it.`
        : `${name} cannot be taken away once the event is published: raise it instead.`;
    reasons.push({ code: "fixed_once_published", message, field: `/${name}` });
  }
  if (reasons.length > 0) throw refuseChange(reasons);
}

const LIMITS = [
  ["capacity", "capacity"],
  ["capacityPerSlot", "capacity_per_slot"],
] as const;

/** Pools that are there after and were not before, or not so large; and those that are gone. */
function poolChanges(
  before: TicketType,
  after: TicketType,
  slots: readonly Slot[],
): { pools: readonly PoolChange[]; closed: readonly PoolChange[] } {
  const old = [...poolsOfTicketType(before), ...poolsWithinSlots(slots, [before])];
  const current = [...poolsOfTicketType(after), ...poolsWithinSlots(slots, [after])];
  const oldById = new Map(old.map((pool) => [pool.poolId, pool]));
  const currentIds = new Set(current.map(({ poolId }) => poolId));
  return {
    pools: current.filter(({ poolId, capacity }) => oldById.get(poolId)?.capacity !== capacity),
    closed: old.filter(({ poolId }) => !currentIds.has(poolId)),
  };
}
