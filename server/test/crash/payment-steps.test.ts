import assert from "node:assert/strict";
import { test } from "node:test";
import { TestClock } from "#platform/clock.ts";
import { testDatabase } from "#test/database.ts";
import {
  type Account,
  mustBeSettled,
  settleEverything,
} from "#test/payments/everything-settled.ts";
import { aTraveller, JOURNEYS, type Journey } from "#test/payments/journeys.ts";
import { Killed, Life } from "#test/payments/mortal.ts";
import { createPaidWorld, type PaidWorld } from "#test/payments/paid-world.ts";
import { startProcess } from "#test/payments/payment-process.ts";

// Each journey is made once to count its steps, then once for every step, at which its process is killed; another one goes on.
// KILLED_AT=all also kills where nothing has changed since the last step: before everything, at begins, after reads.
// KILLED_EVERY=… kills at every so many steps only: the embedded database takes long for each.

const EVERY_DEFAULT = process.env["TEST_DATABASE"] === "postgres" ? 1 : 6;
const EVERY = Number(process.env["KILLED_EVERY"] ?? EVERY_DEFAULT);
const COUNTS = process.env["KILLED_AT"] === "all" ? "all" : "changes";
const CAPACITY = 2;

test("a process is killed at each step of each journey in turn, another goes on: money and places agree", async (t) => {
  const world = createPaidWorld(await testDatabase(t), new TestClock());
  for (const journey of JOURNEYS) {
    await t.test(journey.name, async (t) => {
      const [usual, ...others] = journey.ends;
      const whole = new Life({ counts: COUNTS });
      assert.equal(await travel(world, journey, whole), usual);
      assert.ok(whole.steps > 0);
      for (let stepsMax = 1; stepsMax <= whole.steps; stepsMax += EVERY) {
        const end = await travel(world, journey, new Life({ stepsMax, counts: COUNTS }));
        assert.ok([usual, ...others].includes(end), `killed at step ${stepsMax}: ${end}`);
      }
      t.diagnostic(`${whole.steps} steps`);
    });
  }
});

/** Makes the journey, with another process where the first is killed, and says how it ended. */
async function travel(world: PaidWorld, journey: Journey, life: Life): Promise<string> {
  const sale = await world.sell(Array(journey.slots).fill(CAPACITY));
  const traveller = aTraveller(world, sale, startProcess(world, life));
  for (const act of journey.acts) {
    try {
      await act(traveller);
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      traveller.process = startProcess(world);
      await act(traveller);
    }
  }
  await settleEverything(world);
  const accounts = await mustBeSettled(world, [sale]);
  return endOf(accounts.find((one) => one.reservation_id === traveller.reservationId));
}

function endOf(account: Account | undefined): string {
  assert.ok(account);
  return `${account.state}: ${account.outcomes.join(", ")}`;
}
