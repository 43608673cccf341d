import assert from "node:assert/strict";
import { test } from "node:test";
import type { EventFacts } from "#modules/catalog/index.ts";
import type { Id } from "#platform/id.ts";
import { keptOnCancel } from "./kept-on-cancel.ts";
import type { Line } from "./reservation.ts";

const START = 1_800_000_000_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const id = (name: string) => `01935c2e-7b1a-7d3c-9f00-${name.padStart(12, "0")}`;
const SLOT = id("51") as Id<"slt">;
const DAY_AFTER = id("52") as Id<"slt">;
const REMOVED = id("53") as Id<"slt">;

interface Rule {
  readonly free?: number;
  readonly kept?: number;
  readonly currency?: string;
}

function anEvent({ free = 48, kept = 50, currency = "EUR" }: Rule): EventFacts {
  return {
    eventId: id("e1") as Id<"evt">,
    organizerId: null,
    revision: 7,
    state: "published",
    tokenGeneration: 0,
    currency,
    timeZone: "Europe/Prague",
    holdSeconds: 900,
    holdLifeMaxSeconds: 1800,
    ticketsPerReservationMax: 10,
    cancellationFreeHours: free,
    cancellationKeptPercent: kept,
    offlineHoldHours: null,
    reEntry: false,
    entryOpensMinutes: 60,
    ticketTypes: new Map(),
    slots: new Map([
      [SLOT, { startsAt: START, endsAt: START + HOUR, capacity: 40 }],
      [DAY_AFTER, { startsAt: START + DAY, endsAt: START + DAY + HOUR, capacity: 40 }],
    ]),
  };
}

const line = (quantity: number, unitPriceMinor: number, slotId = SLOT): Line => ({
  slotId,
  ticketTypeId: id("a1") as Id<"tty">,
  quantity,
  unitPriceMinor,
});

type Case = readonly [
  what: string,
  rule: Rule,
  lines: readonly Line[],
  /** From the start of the slot. */
  at: number,
  kept: number,
];

const MOST = Number.MAX_SAFE_INTEGER;

const CASES: readonly Case[] = [
  // When.
  ["nothing, long before", {}, [line(2, 1200)], -30 * DAY, 0],
  ["nothing, at the very hour", {}, [line(2, 1200)], -48 * HOUR, 0],
  ["half, a millisecond after that hour", {}, [line(2, 1200)], -48 * HOUR + 1, 1200],
  ["half, a millisecond before the start", {}, [line(2, 1200)], -1, 1200],
  ["half, once it has started", {}, [line(2, 1200)], 1, 1200],
  ["half, once it is over", {}, [line(2, 1200)], 30 * DAY, 1200],
  ["nothing, at the start where it is free until then", { free: 0 }, [line(1, 1200)], 0, 0],
  [
    "half, a millisecond after a start until which it is free",
    { free: 0 },
    [line(1, 1200)],
    1,
    600,
  ],
  [
    "nothing, a year before where it is free until then",
    { free: 8760 },
    [line(1, 8)],
    -365 * DAY,
    0,
  ],
  ["half, a millisecond later than a year before", { free: 8760 }, [line(1, 8)], -365 * DAY + 1, 4],
  // Which lines.
  [
    "of the earlier slot only, while the later one is free",
    {},
    [line(1, 1000), line(3, 600, DAY_AFTER)],
    -24 * HOUR,
    500,
  ],
  [
    "of both slots, a millisecond later",
    {},
    [line(1, 1000), line(3, 600, DAY_AFTER)],
    -24 * HOUR + 1,
    1400,
  ],
  ["nothing of a slot that was removed", { kept: 100 }, [line(1, 900, REMOVED)], DAY, 0],
  ["only of what is still there", { kept: 100 }, [line(1, 900, REMOVED), line(1, 700)], DAY, 700],
  ["nothing of what was free", { kept: 100 }, [line(4, 0)], 0, 0],
  ["of what had a price only", { kept: 100 }, [line(4, 0), line(1, 700)], 0, 700],
  ["nothing of no lines", { kept: 100 }, [], 0, 0],
  // Which share.
  ["none at 0 %", { kept: 0 }, [line(2, 1999)], 0, 0],
  ["all of it at 100 %", { kept: 100 }, [line(2, 1999)], 0, 3998],
  ["33 % of 1.00, which needs no rounding", { kept: 33 }, [line(1, 100)], 0, 33],
  ["33 % of 0.49, down from 16.17", { kept: 33 }, [line(1, 49)], 0, 16],
  ["33 % of 0.50, up from 16.50", { kept: 33 }, [line(1, 50)], 0, 17],
  ["33 % of 0.51, up from 16.83", { kept: 33 }, [line(1, 51)], 0, 17],
  ["1 % of 0.49, down to nothing", { kept: 1 }, [line(1, 49)], 0, 0],
  ["1 % of 0.50, up to a cent", { kept: 1 }, [line(1, 50)], 0, 1],
  ["99 % of a cent, up to the cent", { kept: 99 }, [line(1, 1)], 0, 1],
  ["rounded once a line, not once a ticket", { kept: 33 }, [line(3, 50)], 0, 50],
  ["rounded line by line, not all at once", { kept: 33 }, [line(1, 50), line(1, 50)], 0, 34],
  // Of which money.
  ["33 % of 1,250 yen", { kept: 33, currency: "JPY" }, [line(1, 1250)], 0, 413],
  ["33 % of 1.250 dinars", { kept: 33, currency: "KWD" }, [line(1, 1250)], 0, 413],
  ["33 % of 3 times 12.345 dinars", { kept: 33, currency: "KWD" }, [line(3, 12_345)], 0, 12_222],
  ["all of the most there can be", { kept: 100 }, [line(1, MOST)], 0, MOST],
  ["half of the most there can be, up", { kept: 50 }, [line(1, MOST)], 0, 2 ** 52],
  ["99 % of the most there can be", { kept: 99 }, [line(1, MOST)], 0, 8_917_127_262_193_581],
  ["33 % of the most there can be", { kept: 33 }, [line(1, MOST)], 0, 2_972_375_754_064_527],
];

for (const [what, rule, lines, at, kept] of CASES) {
  test(`kept is ${what}`, () => {
    assert.equal(keptOnCancel(anEvent(rule), lines, START + at), kept);
  });
}

test("what is kept of any amount is its share to the unit, and never more than all of it", () => {
  for (const amount of [1, 2, 99, 101, 12_345, 10 ** 13 - 1, 2 ** 52 + 1, MOST - 1, MOST]) {
    for (let percent = 0; percent <= 100; percent += 1) {
      const exact = (BigInt(amount) * BigInt(percent) + 50n) / 100n;
      const kept = keptOnCancel(anEvent({ kept: percent }), [line(1, amount)], START);
      assert.equal(BigInt(kept), exact, `${percent} % of ${amount}`);
      assert.ok(kept <= amount);
    }
  }
});
