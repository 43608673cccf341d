import type { EventFacts, TicketTypeFacts } from "#modules/catalog/index.ts";
import { poolIdOf } from "#modules/catalog/index.ts";
import { assert } from "#platform/assert.ts";
import type { EpochMs } from "#platform/clock.ts";
import type { Reason } from "#platform/http/problem.ts";
import type { Id } from "#platform/id.ts";
import { toRfc3339 } from "#platform/time.ts";
import type { Draw, PricedLines } from "./change-request.ts";
import type { Line } from "./reservation.ts";
import { totalOf } from "./reservation.ts";

/** What somebody asks for. Without a ticket type: the event's only one. */
export interface WantedLine {
  readonly slotId: Id<"slt">;
  readonly ticketTypeId: Id<"tty"> | null;
  readonly quantity: number;
}

/** Why the catalogue stands against lines, in order of precedence. */
export const SALE_REFUSALS = [
  "event_not_published",
  "ticket_type_needed",
  "no_such_slot",
  "no_such_ticket_type",
  "slot_started",
  "sales_not_open",
  "sales_closed",
  "limit_exceeded",
] as const;
export type SaleRefusal = (typeof SALE_REFUSALS)[number];

export type Pricing =
  | { readonly priced: PricedLines }
  | { readonly refusal: SaleRefusal; readonly reasons: readonly Reason[] };

/**
 * Prices lines by the catalogue as it is at `now`, or says all that stands against them under the
 * first refusal by precedence. Lines of one slot and type are added up. Pure: whether there are
 * places is for the stock to say.
 */
export function priceLines(
  facts: EventFacts,
  wanted: readonly WantedLine[],
  now: EpochMs,
): Pricing {
  const found: { refusal: SaleRefusal; reason: Reason }[] = [];
  const against = (refusal: SaleRefusal, message: string, more: Record<string, unknown> = {}) =>
    found.push({ refusal, reason: { code: refusal, message, ...more } });

  if (facts.state !== "published") {
    against(
      "event_not_published",
      facts.state === "cancelled"
        ? "The event was cancelled."
        : "The event is not published yet; its organizer has to publish it.",
      { state: facts.state },
    );
  }
  const lines: Line[] = [];
  for (const [index, want] of wanted.entries()) {
    const line = judgeLine(facts, want, now, (refusal, message, more) =>
      against(refusal, message, { line: index, ...more }),
    );
    if (line !== null) addLine(lines, line);
  }
  judgeQuantities(facts, lines, against);

  const first = SALE_REFUSALS.find((refusal) => found.some((one) => one.refusal === refusal));
  if (first !== undefined) {
    return {
      refusal: first,
      reasons: found.filter((one) => one.refusal === first).map((one) => one.reason),
    };
  }
  const poolsOfLine = lines.map((line) => poolsOfLineIn(facts, line));
  return {
    priced: {
      lines,
      draws: drawsOf(lines, poolsOfLine),
      poolsOfLine,
      totalMinor: totalOf(lines, facts.currency).amountMinor,
      currency: facts.currency,
      revision: facts.revision,
    },
  };
}

type Against = (refusal: SaleRefusal, message: string, more?: Record<string, unknown>) => void;

function judgeLine(
  facts: EventFacts,
  want: WantedLine,
  now: EpochMs,
  against: Against,
): Line | null {
  const slot = facts.slots.get(want.slotId);
  const type = typeOf(facts, want.ticketTypeId);
  if (slot === undefined) against("no_such_slot", "The event has no such slot.");
  if (type === undefined) {
    if (want.ticketTypeId === null) {
      against(
        "ticket_type_needed",
        "The event has several ticket types: say which with ticket_type_id.",
      );
    } else against("no_such_ticket_type", "The event has no such ticket type.");
  }
  if (slot === undefined || type === undefined) return null;
  if (slot.startsAt <= now) {
    against("slot_started", "The slot has started; choose a later one.");
  }
  if (type.salesStartAt !== null && now < type.salesStartAt) {
    against("sales_not_open", "Sales of this ticket type have not begun.", {
      opens_at: toRfc3339(type.salesStartAt),
    });
  }
  if (type.salesEndAt !== null && now >= type.salesEndAt) {
    against("sales_closed", "Sales of this ticket type have ended.", {
      closed_at: toRfc3339(type.salesEndAt),
    });
  }
  return {
    slotId: want.slotId,
    ticketTypeId: type.ticketTypeId,
    quantity: want.quantity,
    unitPriceMinor: type.priceMinor,
  };
}

function typeOf(facts: EventFacts, ticketTypeId: Id<"tty"> | null): TicketTypeFacts | undefined {
  if (ticketTypeId !== null) return facts.ticketTypes.get(ticketTypeId);
  return facts.ticketTypes.size === 1 ? [...facts.ticketTypes.values()][0] : undefined;
}

function addLine(lines: Line[], line: Line): void {
  const index = lines.findIndex(
    (other) => other.slotId === line.slotId && other.ticketTypeId === line.ticketTypeId,
  );
  const same = lines[index];
  if (same === undefined) lines.push(line);
  else lines[index] = { ...same, quantity: same.quantity + line.quantity };
}

function judgeQuantities(facts: EventFacts, lines: readonly Line[], against: Against): void {
  const whole = lines.reduce((total, line) => total + line.quantity, 0);
  if (whole > facts.ticketsPerReservationMax) {
    against(
      "limit_exceeded",
      `At most ${facts.ticketsPerReservationMax} tickets go into one reservation.`,
      {
        max: facts.ticketsPerReservationMax,
        wanted: whole,
      },
    );
  }
  for (const type of facts.ticketTypes.values()) {
    const wanted = lines
      .filter((line) => line.ticketTypeId === type.ticketTypeId)
      .reduce((total, line) => total + line.quantity, 0);
    if (wanted === 0) continue;
    if (wanted < type.minPerReservation) {
      against(
        "limit_exceeded",
        `At least ${type.minPerReservation} tickets of this type go into one reservation.`,
        {
          min: type.minPerReservation,
          wanted,
        },
      );
    }
    if (wanted > type.maxPerReservation) {
      against(
        "limit_exceeded",
        `At most ${type.maxPerReservation} tickets of this type go into one reservation.`,
        {
          max: type.maxPerReservation,
          wanted,
        },
      );
    }
  }
}

/** The pools a slot and type draw on: the slot's, and the type's own where it has any. */
export function poolsOf(type: TicketTypeFacts, slotId: Id<"slt">): readonly string[] {
  const pools: string[] = [slotId];
  if (type.capacity !== null) pools.push(type.ticketTypeId);
  if (type.capacityPerSlot !== null) pools.push(poolIdOf(slotId, type.ticketTypeId));
  return pools;
}

function poolsOfLineIn(facts: EventFacts, line: Line): readonly string[] {
  const type = facts.ticketTypes.get(line.ticketTypeId);
  assert(type !== undefined, "a line that was judged has a ticket type");
  return poolsOf(type, line.slotId);
}

/** What lines draw on: each pool once. */
export function drawsOf(
  lines: readonly Line[],
  poolsOfLine: readonly (readonly string[])[],
): readonly Draw[] {
  const quantities = new Map<string, number>();
  for (const [index, line] of lines.entries()) {
    for (const poolId of poolsOfLine[index] ?? []) {
      quantities.set(poolId, (quantities.get(poolId) ?? 0) + line.quantity);
    }
  }
  return [...quantities].map(([poolId, quantity]) => ({ poolId, quantity }));
}
