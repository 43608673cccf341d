import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { aLog } from "#platform/http/testing.ts";
import { createCounters, type RateLimit } from "#platform/rate-limits/counters.ts";
import { skipWithoutRedis } from "#test/find-databases.ts";

// Real Redis: what several processes count together. It is the same whatever TEST_DATABASE says.

const REDIS_URL = process.env["TEST_REDIS_URL"] ?? "redis://127.0.0.1:6379";

const aLimit = (requests: number): RateLimit => ({
  name: `test-${randomUUID()}`,
  requests,
  seconds: 60,
});

test("processes that share a Redis count together, and of many at once exactly as many pass as may", {
  skip: await skipWithoutRedis(),
}, async (t) => {
  const { log, lines } = aLog();
  const processes = [await createCounters(REDIS_URL, log), await createCounters(REDIS_URL, log)];
  t.after(() => Promise.all(processes.map((one) => one.close())));
  const limit = aLimit(20);
  const counted = await Promise.all(
    Array.from({ length: 60 }, (_, index) => processes[index % 2]?.count(limit, "somebody")),
  );
  assert.equal(counted.filter((allowance) => allowance?.isUsedUp === false).length, 20);
  assert.equal((await processes[0]?.count(limit, "somebody else"))?.left, 19);
  assert.deepEqual(lines, []);
});

test("while Redis is away each process counts by itself, and nobody waits for it", async (t) => {
  const { log, lines } = aLog();
  const counters = await createCounters("redis://127.0.0.1:1", log);
  t.after(() => counters.close());
  const limit = aLimit(2);
  const used = [];
  for (let times = 0; times < 3; times++) used.push((await counters.count(limit, "x")).isUsedUp);
  assert.deepEqual(used, [false, false, true]);
  assert.match(lines[0]?.message ?? "", /Redis is away/);
});
