import assert from "node:assert/strict";
import { test } from "node:test";
import { createSingleFlightCache } from "./single-flight-cache.ts";

/** A cache over a source that answers when it is told to. */
function aCache({ weightMax = 10 } = {}) {
  const asked: string[] = [];
  const dropped: string[] = [];
  let now = 0;
  let answer: (key: string, known: string | null) => Promise<string | null> = (key) =>
    Promise.resolve(`${key}!`);
  const cache = createSingleFlightCache<string, string>({
    load: (key, known) => {
      asked.push(key);
      return answer(key, known);
    },
    weightOf: (value) => value.length,
    weightMax,
    ageMsMax: 100,
    now: () => now,
    onDropped: (value) => void dropped.push(value),
  });
  return {
    cache,
    asked,
    dropped,
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
    answerBy: (how: typeof answer) => {
      answer = how;
    },
  };
}

test("what is kept is not asked for again until its age", async () => {
  const { cache, asked, pass } = aCache();
  assert.equal(await cache.get("a"), "a!");
  pass(99);
  assert.equal(await cache.get("a"), "a!");
  assert.deepEqual(asked, ["a"]);
  pass(1);
  await cache.get("a");
  assert.deepEqual(asked, ["a", "a"]);
});

test("however many ask at once, one is sent", async () => {
  const { cache, asked } = aCache();
  const values = await Promise.all([cache.get("a"), cache.get("a"), cache.get("a")]);
  assert.deepEqual(values, ["a!", "a!", "a!"]);
  assert.deepEqual(asked, ["a"]);
});

test("what was forgotten while it was loaded is given to whoever waits, and not kept", async () => {
  const { cache, asked, answerBy } = aCache();
  const { promise, resolve } = Promise.withResolvers<string>();
  answerBy(() => promise);
  const old = cache.get("a");
  cache.forget("a");
  answerBy(() => Promise.resolve("new"));
  assert.equal(await cache.get("a"), "new");
  resolve("old");
  assert.equal(await old, "old");
  assert.equal(await cache.get("a"), "new");
  assert.deepEqual(asked, ["a", "a"]);
});

test("forgetting all forgets what is being loaded, too", async () => {
  const { cache, answerBy, dropped } = aCache();
  await cache.get("b");
  const { promise, resolve } = Promise.withResolvers<string>();
  answerBy(() => promise);
  const old = cache.get("a");
  cache.forgetAll();
  resolve("old");
  await old;
  answerBy(() => Promise.resolve("new"));
  assert.equal(await cache.get("a"), "new");
  assert.deepEqual(dropped, ["b!"]);
});

test("what is past its age is given to the source, which may say that it still holds", async () => {
  const { cache, answerBy, pass, dropped, asked } = aCache();
  await cache.get("a");
  pass(100);
  answerBy((_, known) => Promise.resolve(known));
  assert.equal(await cache.get("a"), "a!");
  pass(99);
  assert.equal(await cache.get("a"), "a!");
  assert.deepEqual(asked, ["a", "a"]);
  assert.deepEqual(dropped, []);
});

test("what is gone from the source is kept no longer", async () => {
  const { cache, answerBy, pass, dropped } = aCache();
  await cache.get("a");
  pass(100);
  answerBy(() => Promise.resolve(null));
  assert.equal(await cache.get("a"), null);
  assert.deepEqual(dropped, ["a!"]);
});

test("what weighs too much makes room: what was asked for longest ago goes first", async () => {
  const { cache, asked, dropped } = aCache({ weightMax: 4 });
  await cache.get("a");
  await cache.get("b");
  await cache.get("a");
  await cache.get("c");
  assert.deepEqual(dropped, ["b!"]);
  await cache.get("a");
  assert.deepEqual(asked, ["a", "b", "c"]);
});

test("a single thing that weighs more than all may is kept alone", async () => {
  const { cache, asked } = aCache({ weightMax: 4 });
  await cache.get("a");
  await cache.get("heavy");
  await cache.get("heavy");
  assert.deepEqual(asked, ["a", "heavy"]);
});

test("a failure is told to all who wait and is not kept", async () => {
  const { cache, answerBy } = aCache();
  answerBy(() => Promise.reject(new Error("away")));
  await Promise.all([1, 2].map(() => assert.rejects(cache.get("a"), /away/)));
  answerBy(() => Promise.resolve("back"));
  assert.equal(await cache.get("a"), "back");
});
