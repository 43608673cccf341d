import type { Slot, TicketType } from "./event.ts";
import { poolIdOf } from "./pool-id.ts";
import type { PoolChange } from "./sales-port.ts";

// Which pools slots and ticket types stand for. A line draws on its slot's pool, and on its ticket type's own
// pools where it has any.

export function poolOfSlot({ slotId, capacity }: Slot): PoolChange {
  return { poolId: slotId, slotId, ticketTypeId: null, capacity };
}

/** The pool of a ticket type over all slots, if it has one. */
export function poolsOfTicketType({ ticketTypeId, capacity }: TicketType): readonly PoolChange[] {
  return capacity === null ? [] : [{ poolId: ticketTypeId, slotId: null, ticketTypeId, capacity }];
}

/** The pools of ticket types within slots. */
export function poolsWithinSlots(
  slots: readonly Slot[],
  types: readonly TicketType[],
): readonly PoolChange[] {
  return types.flatMap(({ ticketTypeId, capacityPerSlot }) =>
    capacityPerSlot === null
      ? []
      : slots.map(({ slotId }) => ({
          poolId: poolIdOf(slotId, ticketTypeId),
          slotId,
          ticketTypeId,
          capacity: capacityPerSlot,
        })),
  );
}

/** All pools of an event. */
export function allPools(
  slots: readonly Slot[],
  types: readonly TicketType[],
): readonly PoolChange[] {
  return [
    ...slots.map(poolOfSlot),
    ...types.flatMap(poolsOfTicketType),
    ...poolsWithinSlots(slots, types),
  ];
}

/** How many pools an event of so many slots has. */
export function poolCount(slotCount: number, types: readonly TicketType[]): number {
  const within = types.filter(({ capacityPerSlot }) => capacityPerSlot !== null).length;
  return slotCount * (1 + within) + types.filter(({ capacity }) => capacity !== null).length;
}
