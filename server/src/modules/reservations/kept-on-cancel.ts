import type { EventFacts } from "#modules/catalog/index.ts";
import type { EpochMs } from "#platform/clock.ts";
import { percentOf, sum, times } from "#platform/money.ts";
import type { Line } from "./reservation.ts";

const HOUR_MS = 3_600_000;

/**
 * What the organizer keeps of a confirmed reservation that its holder cancels now, in minor units: by
 * the event's rule, line by line. Nothing of a slot that was removed: nobody can go there any more.
 */
export function keptOnCancel(facts: EventFacts, lines: readonly Line[], now: EpochMs): number {
  const { currency } = facts;
  const kept = lines.map((line) =>
    percentOf(
      times({ amountMinor: line.unitPriceMinor, currency }, line.quantity),
      keptPercent(facts, line, now),
    ),
  );
  return sum(kept, currency).amountMinor;
}

function keptPercent(facts: EventFacts, { slotId }: Line, now: EpochMs): number {
  const slot = facts.slots.get(slotId);
  if (slot === undefined) return 0;
  const isFree = slot.startsAt - now >= facts.cancellationFreeHours * HOUR_MS;
  return isFree ? 0 : facts.cancellationKeptPercent;
}
