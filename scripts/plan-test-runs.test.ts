import assert from "node:assert/strict";
import { test } from "node:test";
import { planRuns } from "./plan-test-runs.ts";

const MONEY = "server/src/platform/money.test.ts";
const RESERVE = "server/src/modules/reservations/reserve.test.ts";
const RACE = "server/test/races/oversell.test.ts";
const wanted = {
  files: [MONEY, RESERVE, RACE],
  usesDatabase: (file: string) => file !== MONEY,
  hasPostgres: true,
  only: undefined,
};

test("all runs embedded, what uses a database once more on PostgreSQL, races only there", () => {
  assert.deepEqual(planRuns(wanted), [
    { database: "embedded", files: [RESERVE, MONEY] },
    { database: "postgres", files: [RESERVE, RACE] },
  ]);
});

test("without a PostgreSQL the races run embedded, where each says why it is skipped", () => {
  assert.deepEqual(planRuns({ ...wanted, hasPostgres: false }), [
    { database: "embedded", files: [RESERVE, RACE, MONEY] },
  ]);
});

test("one of the two runs can be asked for alone", () => {
  assert.deepEqual(planRuns({ ...wanted, only: "postgres" }), [
    { database: "postgres", files: [RESERVE, RACE] },
  ]);
  assert.deepEqual(planRuns({ ...wanted, only: "embedded" }), [
    { database: "embedded", files: [RESERVE, RACE, MONEY] },
  ]);
});

test("a run without files is left out", () => {
  assert.deepEqual(planRuns({ ...wanted, files: [MONEY] }), [
    { database: "embedded", files: [MONEY] },
  ]);
});
