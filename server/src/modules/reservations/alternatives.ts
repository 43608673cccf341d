import type { EventFacts } from "#modules/catalog/index.ts";
import type { EpochMs } from "#platform/clock.ts";
import type { Id } from "#platform/id.ts";
import type { EventAvailability } from "./availability.ts";
import type { PricedLines } from "./change-request.ts";
import { pricedAgain } from "./priced-again.ts";
import type { Line } from "./reservation.ts";

/** The same ticket types in another slot. */
export interface Alternative {
  /** The slot that takes the place of the one that is full. */
  readonly slotId: Id<"slt">;
  /** The whole new set of lines, at the prices that were paid. */
  readonly priced: PricedLines;
}

/** So many are shown at most. */
export const ALTERNATIVES_MAX = 10;

/**
 * What can be had in place of lines whose places are gone: the same ticket types in another slot of the event, the nearest in
 * time first; or the lines themselves, if there are places again. None where more than one of several slots is full: there is
 * no telling which others would do.
 */
export function alternativesTo(
  lines: readonly Line[],
  { facts, availability }: { facts: EventFacts; availability: EventAvailability },
  now: EpochMs,
): readonly Alternative[] {
  const [first] = lines;
  const own = fitting(lines);
  if (own !== null && first !== undefined) return [{ slotId: first.slotId, priced: own }];
  const full = [...new Set(lines.map(({ slotId }) => slotId))].filter(
    (slotId) => fitting(lines.filter((line) => line.slotId === slotId)) === null,
  );
  const [lacking] = full;
  if (lacking === undefined || full.length > 1) return [];
  const wantedAt = facts.slots.get(lacking)?.startsAt ?? now;
  const found: Alternative[] = [];
  const others = [...facts.slots].filter(([slotId]) => slotId !== lacking);
  const distance = (startsAt: EpochMs) => Math.abs(startsAt - wantedAt);
  others.sort(([, one], [, other]) => distance(one.startsAt) - distance(other.startsAt));
  for (const [slotId] of others) {
    const priced = fitting(moved(lines, lacking, slotId));
    if (priced !== null) found.push({ slotId, priced });
    if (found.length === ALTERNATIVES_MAX) break;
  }
  return found;

  function fitting(some: readonly Line[]): PricedLines | null {
    const priced = pricedAgain(facts, some, now);
    const fits = priced?.draws.every(
      ({ poolId, quantity }) => (availability.pool(poolId)?.available ?? 0) >= quantity,
    );
    return fits ? priced : null;
  }
}

/** The lines with one slot for another; what meets there is added up. */
function moved(lines: readonly Line[], from: Id<"slt">, to: Id<"slt">): readonly Line[] {
  const after = new Map<string, Line>();
  for (const line of lines) {
    const slotId = line.slotId === from ? to : line.slotId;
    // Of one type at two prices, each price keeps a line of its own.
    const name = `${slotId} ${line.ticketTypeId} ${line.unitPriceMinor}`;
    const quantity = line.quantity + (after.get(name)?.quantity ?? 0);
    after.set(name, { ...line, slotId, quantity });
  }
  return [...after.values()];
}
