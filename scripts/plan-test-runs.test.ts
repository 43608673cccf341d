import assert from "node:assert/strict";
import { test } from "node:test";
import { type DatabaseNeed, planRuns } from "./plan-test-runs.ts";

const MONEY = "server/src/platform/money.test.ts";
const RESERVE = "server/src/modules/reservations/reserve.test.ts";
const KILL = "server/test/crash/kill.test.ts";
const RACE = "server/test/races/oversell.test.ts";
const NEEDS: Readonly<Record<string, DatabaseNeed>> = {
  [MONEY]: "none",
  [RESERVE]: "either",
  [KILL]: "either",
  [RACE]: "postgres",
};
const wanted = {
  files: [MONEY, RESERVE, KILL, RACE],
  needOf: (file: string) => NEEDS[file] ?? "none",
  hasPostgres: true,
  only: undefined,
};

test("what takes either database runs on both, everything else once, the longest first", () => {
  assert.deepEqual(planRuns(wanted), [
    { database: "embedded", files: [KILL, RESERVE, MONEY] },
    { database: "postgres", files: [KILL, RESERVE, RACE] },
  ]);
});

test("without a PostgreSQL, what needs one runs to say why it is skipped", () => {
  assert.deepEqual(planRuns({ ...wanted, hasPostgres: false }), [
    { database: "embedded", files: [KILL, RESERVE, RACE, MONEY] },
  ]);
});

test("one of the two runs can be asked for alone", () => {
  assert.deepEqual(planRuns({ ...wanted, only: "postgres" }), [
    { database: "postgres", files: [KILL, RESERVE, RACE] },
  ]);
  assert.deepEqual(planRuns({ ...wanted, only: "embedded" }), [
    { database: "embedded", files: [KILL, RESERVE, RACE, MONEY] },
  ]);
});

test("a run without files is left out", () => {
  assert.deepEqual(planRuns({ ...wanted, files: [MONEY] }), [
    { database: "embedded", files: [MONEY] },
  ]);
});
