import assert from "node:assert/strict";
import { test } from "node:test";
import { createMapQueue, QUEUED_MAX, TAKEN_AT_ONCE_MAX } from "./record-store.ts";

test("a queue in memory keeps the latest where nobody takes, and hands out so many at once", async () => {
  const queue = createMapQueue<{ at: number }>();
  for (let at = 1; at <= QUEUED_MAX + 500; at++) await queue.add(String(at), { at });
  const taken: number[] = [];
  for (let rest = await queue.take(20_000); rest.length > 0; rest = await queue.take(20_000)) {
    assert.ok(rest.length <= TAKEN_AT_ONCE_MAX);
    taken.push(...rest.map(({ at }) => at));
  }
  assert.deepEqual(
    taken,
    Array.from({ length: QUEUED_MAX }, (_, index) => index + 501),
  );
});
