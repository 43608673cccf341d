import assert from "node:assert/strict";
import { test } from "node:test";
import { TestClock } from "#platform/clock.ts";
import { testDatabase } from "#test/database.ts";
import { mustBeSettled, settleEverything } from "#test/payments/everything-settled.ts";
import { createPaidWorld } from "#test/payments/paid-world.ts";
import { seedOf } from "#test/seeded-random.ts";
import { playHistory } from "./paying-history.ts";

// SEED=… plays a run again, PAYING_RESERVATIONS=… says how many there are. What is drawn is the same then; how statements that run
// at once meet is not.

const RESERVATIONS = Number(process.env["PAYING_RESERVATIONS"] ?? 2_000);

test("thousands of reservations, paid for in all weathers by processes that are killed: money and places agree", async (t) => {
  const world = createPaidWorld(await testDatabase(t), new TestClock());
  const seed = seedOf(t);
  const startedAt = performance.now();
  const { sales, happened } = await playHistory(world, {
    seed,
    reservations: RESERVATIONS,
    rounds: 40,
    sales: 8,
    slots: 5,
    capacity: Math.ceil(RESERVATIONS / 14),
  });
  await settleEverything(world);
  const accounts = await mustBeSettled(world, sales);
  t.diagnostic(JSON.stringify([...happened].sort()));
  const outcomes = new Map<string, number>();
  for (const a of accounts) for (const o of a.outcomes) outcomes.set(o, (outcomes.get(o) ?? 0) + 1);
  t.diagnostic(JSON.stringify([...outcomes]));
  t.diagnostic(
    `${accounts.length} reservations in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`,
  );
  assert.ok(accounts.length > 0);
});
