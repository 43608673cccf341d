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

/** What alternatives are looked for in. */
export interface Shown {
  readonly facts: EventFacts;
  readonly availability: EventAvailability;
}

/**
 * What can be had in place of lines whose places are gone: the same ticket types in another slot of the event, the nearest in
 * time first; or the lines themselves, if there are places again. None where more than one of several slots is full: there is
 * no telling which others would do.
 */
export function alternativesTo(
  lines: readonly Line[],
  shown: Shown,
  now: EpochMs,
): readonly Alternative[] {
  const { slots } = shown.facts;
  const [first] = lines;
  const own = fitting(lines, shown, now);
  if (own !== null && first !== undefined) return [{ slotId: first.slotId, priced: own }];
  const full = fullSlots(lines, shown, now);
  const [lacking] = full;
  if (lacking === undefined || full.length > 1) return [];
  const wantedAt = slots.get(lacking)?.startsAt ?? now;
  const found: Alternative[] = [];
  const others = [...slots].filter(([slotId]) => slotId !== lacking);
  const distance = (startsAt: EpochMs) => Math.abs(startsAt - wantedAt);
  others.sort(([, one], [, other]) => distance(one.startsAt) - distance(other.startsAt));
  for (const [slotId] of others) {
    const priced = fitting(moved(lines, lacking, slotId), shown, now);
    if (priced !== null) found.push({ slotId, priced });
    if (found.length === ALTERNATIVES_MAX) break;
  }
  return found;
}

/**
 * What choosing that slot means, whether or not there are places: among what is shown, or further down the list, or what was
 * shown a moment ago. Null where it can be no alternative.
 */
export function alternativeIn(
  lines: readonly Line[],
  shown: Shown,
  { slotId, now }: { readonly slotId: Id<"slt">; readonly now: EpochMs },
): PricedLines | null {
  const own = slotsOf(lines);
  const [only, second] = own.length === 1 ? own : fullSlots(lines, shown, now);
  if (only === undefined) return slotId === own[0] ? pricedAgain(shown.facts, lines, now) : null;
  return second === undefined ? pricedAgain(shown.facts, moved(lines, only, slotId), now) : null;
}

/** The slots of lines that have no places for their share of them. */
function fullSlots(lines: readonly Line[], shown: Shown, now: EpochMs): readonly Id<"slt">[] {
  const shareOf = (slotId: Id<"slt">) => lines.filter((line) => line.slotId === slotId);
  return slotsOf(lines).filter((slotId) => fitting(shareOf(slotId), shown, now) === null);
}

function slotsOf(lines: readonly Line[]): readonly Id<"slt">[] {
  return [...new Set(lines.map(({ slotId }) => slotId))];
}

/** The lines with what they draw on, null if there are too few places or they are not for sale. */
function fitting(
  lines: readonly Line[],
  { facts, availability }: Shown,
  now: EpochMs,
): PricedLines | null {
  const priced = pricedAgain(facts, lines, now);
  const fits = priced?.draws.every(
    ({ poolId, quantity }) => (availability.pool(poolId)?.available ?? 0) >= quantity,
  );
  return fits ? priced : null;
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
