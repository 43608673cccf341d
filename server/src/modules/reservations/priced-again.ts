import type { EventFacts } from "#modules/catalog/index.ts";
import type { EpochMs } from "#platform/clock.ts";
import type { PricedLines } from "./change-request.ts";
import { drawsOf, poolsOf } from "./price-lines.ts";
import { type Line, totalOf } from "./reservation.ts";

/**
 * Lines that were priced before, at the prices they had then, with what they draw on by the catalogue as it is now.
 * Sale windows and limits do not count: they were kept when the lines were first asked for. Null when the event is not on
 * sale, a slot or ticket type is gone, or, where `startsAfter` is given, a slot has started by then.
 */
export function pricedAgain(
  facts: EventFacts,
  lines: readonly Line[],
  startsAfter: EpochMs | null,
): PricedLines | null {
  if (facts.state !== "published") return null;
  const poolsOfLine: (readonly string[])[] = [];
  for (const { slotId, ticketTypeId } of lines) {
    const slot = facts.slots.get(slotId);
    const type = facts.ticketTypes.get(ticketTypeId);
    if (slot === undefined || type === undefined) return null;
    if (startsAfter !== null && slot.startsAt <= startsAfter) return null;
    poolsOfLine.push(poolsOf(type, slotId));
  }
  return {
    lines,
    draws: drawsOf(lines, poolsOfLine),
    poolsOfLine,
    totalMinor: totalOf(lines, facts.currency).amountMinor,
    currency: facts.currency,
    revision: facts.revision,
  };
}
