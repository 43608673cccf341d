import assert from "node:assert/strict";
import { test } from "node:test";
import { createProcessCounter } from "./process-counter.ts";

const LIMIT = { name: "two", requests: 2, seconds: 60 };

test("everybody has the whole allowance, and has it again when the time has passed", () => {
  const clock = { ms: 1_000 };
  const count = createProcessCounter(LIMIT, () => clock.ms);
  assert.deepEqual(count("ada"), { isUsedUp: false, left: 1, seconds: 60 });
  clock.ms += 20_000;
  assert.deepEqual(count("ada"), { isUsedUp: false, left: 0, seconds: 40 });
  assert.deepEqual(count("ada"), { isUsedUp: true, left: 0, seconds: 40 });
  assert.deepEqual(count("grace"), { isUsedUp: false, left: 1, seconds: 60 });
  clock.ms += 40_000;
  assert.deepEqual(count("ada"), { isUsedUp: false, left: 1, seconds: 60 });
});

test("asking on while refused does not make the wait longer", () => {
  const clock = { ms: 0 };
  const count = createProcessCounter(LIMIT, () => clock.ms);
  for (let second = 0; second < 59; second++) {
    count("ada");
    clock.ms += 1_000;
  }
  assert.deepEqual(count("ada"), { isUsedUp: true, left: 0, seconds: 1 });
});

test("a hundred thousand are remembered, whoever else comes: the first are forgotten", () => {
  const count = createProcessCounter(LIMIT, () => 0);
  count("first");
  count("second");
  for (let visitor = 1; visitor < 100_000; visitor++) count(`visitor ${visitor}`);
  assert.equal(count("second").left, 0);
  assert.equal(count("first").left, 1, "counted anew");
});
