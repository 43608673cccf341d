import assert from "node:assert/strict";
import { test } from "node:test";
import type { EventFacts, TicketTypeFacts } from "#modules/catalog/index.ts";
import type { Id } from "#platform/id.ts";
import { ALTERNATIVES_MAX, alternativeIn, alternativesTo, type Shown } from "./alternatives.ts";
import type { Line } from "./reservation.ts";

// Slots A, B, C and so on begin an hour apart, the first in an hour; a ticket type is a, or b, which has places of its own over
// all slots. What is left is written `A2 B0 b1`, lines `A:a2 B:b1`: the slot, the type, how many.

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;
const SLOTS = "ABCDEFGHIJKLMNO";

const idOf = (name: string) =>
  `01935c2e-7b1a-7d3c-9f00-${name.charCodeAt(0).toString().padStart(12, "0")}`;
const nameOf = (id: string) => String.fromCharCode(Number(id.slice(-12)));

type Case = readonly [what: string, left: string, lines: string, found: string, now?: number];

const CASES: readonly Case[] = [
  ["another slot with places", "A0 B2", "A:a2", "B=B:a2"],
  ["none where too few are left", "A0 B1", "A:a2", ""],
  ["the nearest first, earlier or later", "A9 B9 C0 D9 E9", "C:a1", "B=B:a1 D=D:a1 A=A:a1 E=E:a1"],
  ["the slot itself, where there are places again", "A2 B9", "A:a2", "A=A:a2"],
  ["only the slot that is full", "A0 B1 C9", "A:a1 B:a1", "C=C:a1,B:a1"],
  ["one that it has already, if it takes both", "A0 B2", "A:a1 B:a1", "B=B:a2"],
  ["none where two are full", "A0 B0 C9", "A:a1 B:a1", ""],
  ["one with places of its type", "A0 B9 b0", "A:b1", ""],
  ["all types of the slot that is full", "A0 B3 b9", "A:a2 A:b1", "B=B:a2,B:b1"],
  ["none that has started", "A9 B0 C9", "B:a1", "C=C:a1", NOW + HOUR],
  ["none where all have started", "A9 B9", "B:a1", "", NOW + 9 * HOUR],
  ["something for a slot that was removed", "B9", "A:a1", "B=B:a1"],
  ["as many as can be looked at", `A0 ${[...SLOTS.slice(1)].join("9 ")}9`, "A:a1", "BCDEFGHIJK"],
];

for (const [what, left, lines, found, now = NOW] of CASES) {
  test(`instead of ${lines} with ${left} left there is: ${what}`, () => {
    const options = alternativesTo(parseLines(lines), shownWith(left), now);
    assert.ok(options.length <= ALTERNATIVES_MAX);
    const slots = options.map(({ slotId }) => nameOf(slotId));
    const texts = options.map(({ slotId, priced }) => `${nameOf(slotId)}=${textOf(priced.lines)}`);
    assert.equal(found.includes("=") || found === "" ? texts.join(" ") : slots.join(""), found);
    for (const { slotId, priced } of options) {
      assert.deepEqual(
        alternativeIn(parseLines(lines), shownWith(left), { slotId, now }),
        priced,
        "what is shown is what is chosen",
      );
    }
  });
}

const CHOICES: readonly (readonly [
  what: string,
  left: string,
  lines: string,
  slot: string,
  set: string | null,
])[] = [
  ["whether or not there are places", "A0 B0", "A:a1", "B", "B:a1"],
  ["what was shown before there were places again", "A9 B9", "A:a1", "B", "B:a1"],
  ["the slot itself", "A0", "A:a1", "A", "A:a1"],
  ["its own lines where all have places again", "A9 B9", "A:a1 B:a1", "A", "A:a1 B:a1"],
  ["nothing where it is not clear what it would replace", "A0 B0 C9", "A:a1 B:a1", "C", null],
  ["nothing in a slot that is not there", "A0", "A:a1", "Z", null],
];

for (const [what, left, lines, slot, set] of CHOICES) {
  test(`choosing ${slot} instead of ${lines} with ${left} left means: ${what}`, () => {
    const wish = { slotId: idOf(slot) as Id<"slt">, now: NOW };
    const priced = alternativeIn(parseLines(lines), shownWith(left), wish);
    assert.equal(priced === null ? null : textOf(priced.lines).replaceAll(",", " "), set);
  });
}

test("the price is the one that was paid, whatever the type costs now", () => {
  const [first] = alternativesTo(parseLines("A:a2"), shownWith("A0 B9"), NOW);
  assert.equal(first?.priced.totalMinor, 2400);
});

test("an event that is not on sale has none", () => {
  const shown = shownWith("A0 B9");
  const facts = { ...shown.facts, state: "cancelled" as const };
  assert.deepEqual(alternativesTo(parseLines("A:a1"), { ...shown, facts }, NOW), []);
});

function parseLines(text: string): readonly Line[] {
  return text.split(" ").map((line) => ({
    slotId: idOf(line.slice(0, 1)) as Id<"slt">,
    ticketTypeId: idOf(line.slice(2, 3)) as Id<"tty">,
    quantity: Number(line.slice(3)),
    unitPriceMinor: 1200,
  }));
}

function textOf(lines: readonly Line[]): string {
  return lines
    .map(
      ({ slotId, ticketTypeId, quantity }) =>
        `${nameOf(slotId)}:${nameOf(ticketTypeId)}${quantity}`,
    )
    .join();
}

function shownWith(left: string): Shown {
  const pools = new Map(
    left.split(" ").map((one) => {
      const available = Number(one.slice(1));
      return [idOf(one.slice(0, 1)), { capacity: available, available }];
    }),
  );
  const slots: EventFacts["slots"] = new Map(
    [...SLOTS]
      .filter((name) => pools.has(idOf(name)))
      .map((name) => {
        const startsAt = NOW + (SLOTS.indexOf(name) + 1) * HOUR;
        return [idOf(name) as Id<"slt">, { startsAt, endsAt: startsAt + HOUR, capacity: 9 }];
      }),
  );
  const aType = (name: string, capacity: number | null): TicketTypeFacts => ({
    ticketTypeId: idOf(name) as Id<"tty">,
    priceMinor: 9900,
    capacity,
    capacityPerSlot: null,
    minPerReservation: 1,
    maxPerReservation: 10,
    salesStartAt: null,
    salesEndAt: null,
    admits: 1,
    gates: null,
    hidden: false,
  });
  const types = [aType("a", null), aType("b", 9)];
  const facts: EventFacts = {
    eventId: idOf("e") as Id<"evt">,
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
    slots,
  };
  return { facts, availability: { version: "", pools, pool: (poolId) => pools.get(poolId) } };
}
