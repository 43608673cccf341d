import assert from "node:assert/strict";
import { test } from "node:test";
import type { EventFacts, TicketTypeFacts } from "#modules/catalog/index.ts";
import { poolIdOf } from "#modules/catalog/index.ts";
import type { Id } from "#platform/id.ts";
import { priceLines, type WantedLine } from "./price-lines.ts";

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;
const id = (name: string) => `01935c2e-7b1a-7d3c-9f00-${name.padStart(12, "0")}`;
const SLOT = id("51") as Id<"slt">;
const OTHER_SLOT = id("52") as Id<"slt">;
const ADULT = id("a1") as Id<"tty">;
const CHILD = id("a2") as Id<"tty">;

function aType(ticketTypeId: Id<"tty">, more: Partial<TicketTypeFacts> = {}): TicketTypeFacts {
  return {
    ticketTypeId,
    priceMinor: 1200,
    capacity: null,
    capacityPerSlot: null,
    minPerReservation: 1,
    maxPerReservation: 10,
    salesStartAt: null,
    salesEndAt: null,
    admits: 1,
    gates: null,
    hidden: false,
    ...more,
  };
}

function anEvent(types: readonly TicketTypeFacts[], more: Partial<EventFacts> = {}): EventFacts {
  return {
    eventId: id("e1") as Id<"evt">,
    organizerId: null,
    revision: 7,
    state: "published",
    tokenGeneration: 0,
    currency: "EUR",
    timeZone: "Europe/Prague",
    holdSeconds: 900,
    holdLifeMaxSeconds: 1800,
    ticketsPerReservationMax: 10,
    cancellationFreeHours: 0,
    cancellationKeptPercent: 100,
    offlineHoldHours: null,
    reEntry: false,
    entryOpensMinutes: 60,
    ticketTypes: new Map(types.map((type) => [type.ticketTypeId, type])),
    slots: new Map([
      [SLOT, { startsAt: NOW + HOUR, endsAt: NOW + 2 * HOUR, capacity: 40 }],
      [OTHER_SLOT, { startsAt: NOW + 3 * HOUR, endsAt: NOW + 4 * HOUR, capacity: 40 }],
    ]),
    ...more,
  };
}

const want = (
  quantity: number,
  ticketTypeId: Id<"tty"> | null = ADULT,
  slotId = SLOT,
): WantedLine => ({
  slotId,
  ticketTypeId,
  quantity,
});

test("lines are priced by the catalogue and draw on every pool they touch, each once", () => {
  const facts = anEvent([
    aType(ADULT),
    aType(CHILD, { priceMinor: 500, capacity: 100, capacityPerSlot: 30 }),
  ]);
  const pricing = priceLines(facts, [want(2), want(1, CHILD), want(3, CHILD, OTHER_SLOT)], NOW);
  assert.ok("priced" in pricing);
  assert.equal(pricing.priced.totalMinor, 2 * 1200 + 4 * 500);
  assert.equal(pricing.priced.revision, 7);
  assert.deepEqual(
    new Map(pricing.priced.draws.map((draw) => [draw.poolId, draw.quantity])),
    new Map<string, number>([
      [SLOT, 3],
      [CHILD, 4],
      [poolIdOf(SLOT, CHILD), 1],
      [OTHER_SLOT, 3],
      [poolIdOf(OTHER_SLOT, CHILD), 3],
    ]),
  );
});

test("lines of one slot and type are one line", () => {
  const pricing = priceLines(anEvent([aType(ADULT)]), [want(2), want(3)], NOW);
  assert.ok("priced" in pricing);
  assert.deepEqual(
    pricing.priced.lines.map((line) => line.quantity),
    [5],
  );
});

test("the ticket type may be left out where there is one, and only there", () => {
  assert.ok("priced" in priceLines(anEvent([aType(ADULT)]), [want(1, null)], NOW));
  assert.equal(
    refusal(anEvent([aType(ADULT), aType(CHILD)]), [want(1, null)]),
    "ticket_type_needed",
  );
});

const REFUSALS: [string, EventFacts, WantedLine[]][] = [
  ["event_not_published", anEvent([aType(ADULT)], { state: "draft" }), [want(1)]],
  ["event_not_published", anEvent([aType(ADULT)], { state: "cancelled" }), [want(1)]],
  ["no_such_slot", anEvent([aType(ADULT)]), [want(1, ADULT, id("99") as Id<"slt">)]],
  ["no_such_ticket_type", anEvent([aType(ADULT)]), [want(1, CHILD)]],
  ["sales_not_open", anEvent([aType(ADULT, { salesStartAt: NOW + 1 })]), [want(1)]],
  ["sales_closed", anEvent([aType(ADULT, { salesEndAt: NOW })]), [want(1)]],
  ["limit_exceeded", anEvent([aType(ADULT)]), [want(6), want(5, ADULT, OTHER_SLOT)]],
  ["limit_exceeded", anEvent([aType(ADULT, { minPerReservation: 2 })]), [want(1)]],
  [
    "limit_exceeded",
    anEvent([aType(ADULT, { maxPerReservation: 3 })]),
    [want(2), want(2, ADULT, OTHER_SLOT)],
  ],
];

for (const [expected, facts, wanted] of REFUSALS) {
  test(`${expected} stands against ${wanted.map((line) => line.quantity).join(" and ")} of a ${facts.state} event`, () => {
    assert.equal(refusal(facts, wanted), expected);
  });
}

test("a slot that has started is not sold, from its first millisecond", () => {
  const startsAt = NOW + HOUR;
  const facts = anEvent([aType(ADULT)]);
  assert.ok("priced" in priceLines(facts, [want(1)], startsAt - 1));
  assert.equal(refusal(facts, [want(1)], startsAt), "slot_started");
});

test("a sale window includes its beginning and not its end", () => {
  const facts = anEvent([aType(ADULT, { salesStartAt: NOW, salesEndAt: NOW + 1 })]);
  assert.ok("priced" in priceLines(facts, [want(1)], NOW));
  assert.equal(refusal(facts, [want(1)], NOW + 1), "sales_closed");
});

test("a refusal carries what stands in the way and what would change it", () => {
  const pricing = priceLines(anEvent([aType(ADULT, { maxPerReservation: 3 })]), [want(4)], NOW);
  assert.ok("refusal" in pricing);
  const [reason] = pricing.reasons;
  assert.equal(reason?.code, "limit_exceeded");
  assert.equal(reason?.["max"], 3);
  assert.equal(reason?.["wanted"], 4);
  assert.match(reason?.message ?? "", /At most 3/);
});

function refusal(facts: EventFacts, wanted: readonly WantedLine[], now = NOW): string | null {
  const pricing = priceLines(facts, wanted, now);
  return "refusal" in pricing ? pricing.refusal : null;
}
