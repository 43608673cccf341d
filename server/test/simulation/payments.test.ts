import assert from "node:assert/strict";
import { test } from "node:test";
import { TestClock } from "#platform/clock.ts";
import { testDatabase } from "#test/database.ts";
import { mustBeSettled, settleEverything } from "#test/payments/everything-settled.ts";
import { createPaidWorld } from "#test/payments/paid-world.ts";
import { seedOf } from "#test/seeded-random.ts";
import { playHistory } from "./paying-history.ts";

// SEED=… plays a run again, PAYING_RESERVATIONS=… says how many there are. What is drawn is the same then; how statements that
// run at once meet is not. The embedded database, in this very thread, takes three times as long for each.

const RESERVATIONS_DEFAULT = process.env["TEST_DATABASE"] === "postgres" ? 800 : 300;
const RESERVATIONS = Number(process.env["PAYING_RESERVATIONS"] ?? RESERVATIONS_DEFAULT);
/** What every run has to have seen, or it proves less than it says. */
const MUST_HAPPEN = [
  "killed",
  "an event is cancelled",
  "pays slow",
  "pays a difference",
  "dearer: done",
  "sold out",
];

test("many reservations, paid for in all weathers by processes that are killed: money and places agree", async (t) => {
  const database = await testDatabase(t);
  // No process is killed for real here: to flush each commit would only take time. For connections that are opened from now on.
  await database.script(`
    do $$ begin
      execute format('alter database %I set synchronous_commit = off', current_database());
    end $$`);
  const world = createPaidWorld(database, new TestClock());
  const seed = seedOf(t);
  const { sales, happened } = await playHistory(world, {
    seed,
    reservations: RESERVATIONS,
    rounds: 40,
    sales: 8,
    // Most want the first.
    capacities: [60, 14, 14, 14].map((part) => Math.ceil(RESERVATIONS / part)),
  });
  await settleEverything(world);
  const accounts = await mustBeSettled(world, sales);
  const outcomes = Map.groupBy(
    accounts.flatMap((account) => account.outcomes),
    (outcome) => outcome,
  );
  const counts = [...outcomes].map(([outcome, { length }]) => `${length} ${outcome}`);
  t.diagnostic(`${accounts.length} reservations, payments: ${counts.join(", ")}`);
  if (process.env["PAYING_RESERVATIONS"] !== undefined) t.diagnostic(JSON.stringify([...happened]));
  // A few hundred may be too few for everything.
  if (RESERVATIONS < 800) return;
  for (const what of MUST_HAPPEN) assert.ok(happened.has(what), what);
  for (const outcome of ["confirmed", "exchanged", "returned", "none"]) {
    assert.ok(outcomes.has(outcome), outcome);
  }
});
