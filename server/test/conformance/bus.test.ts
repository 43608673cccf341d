import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { type TestContext, test } from "node:test";
import type { Bus } from "#platform/bus/bus.ts";
import { createPostgresBus } from "#platform/bus/postgres.ts";
import { createRedisBus } from "#platform/bus/redis.ts";
import { openPostgres } from "#platform/database/postgres.ts";
import { freshPostgresDatabase } from "#test/database.ts";
import { skipWithoutPostgres, skipWithoutRedis } from "#test/find-databases.ts";
import { testLog } from "#test/logs.ts";
import { testProxy } from "#test/proxy.ts";

const REDIS_URL = process.env["TEST_REDIS_URL"] ?? "redis://127.0.0.1:6379";

/** One bus a process, two processes. */
async function twoOnPostgres(t: TestContext): Promise<[Bus, Bus]> {
  const { url } = await freshPostgresDatabase(t);
  const open = async () => {
    const database = await openPostgres({ url, poolMax: 2, log: testLog });
    const bus = createPostgresBus(database, testLog);
    t.after(async () => {
      await bus.close();
      await database.close();
    });
    return bus;
  };
  return [await open(), await open()];
}

async function twoOnRedis(t: TestContext): Promise<[Bus, Bus]> {
  const open = async () => {
    const bus = await createRedisBus(REDIS_URL, testLog);
    t.after(() => bus.close());
    return bus;
  };
  return [await open(), await open()];
}

const BUSES = [
  ["PostgreSQL", twoOnPostgres, await skipWithoutPostgres()],
  ["Redis", twoOnRedis, await skipWithoutRedis()],
] as const;

for (const [name, two, missing] of BUSES) {
  test(`what one process says over ${name}, the other hears`, { skip: missing }, async (t) => {
    const [here, there] = await two(t);
    const channel = randomUUID();
    const heard: string[] = [];
    const all = Promise.withResolvers<void>();
    await there.subscribe(
      channel,
      (payload) => {
        heard.push(payload);
        if (heard.length >= 3) all.resolve();
      },
      () => {},
    );
    await here.publish(channel, "one");
    await here.publish(channel, "two");
    await here.publish(channel, "three");
    await all.promise;
    assert.deepEqual(heard, ["one", "two", "three"]);
  });
}

const withoutRedis = await skipWithoutRedis();

test("a Redis that is away delays nothing: not the start, a change, or the end", async () => {
  const bus = await createRedisBus("redis://127.0.0.1:1", testLog);
  await bus.subscribe(
    "channel",
    () => {},
    () => {},
  );
  await bus.publish("channel", "one");
  await bus.close();
});

test("a Redis that answers nothing delays a change by a moment", {
  skip: withoutRedis,
}, async (t) => {
  const proxy = await testProxy(t, REDIS_URL);
  const bus = await createRedisBus(proxy.url, testLog);
  proxy.silence();
  await bus.publish("channel", "one");
  await bus.close();
});

test("after a Redis was lost, whoever listens is told that something may be missing and hears again", {
  skip: withoutRedis,
}, async (t) => {
  const proxy = await testProxy(t, REDIS_URL);
  const bus = await createRedisBus(proxy.url, testLog);
  t.after(() => bus.close());
  const channel = randomUUID();
  const gap = Promise.withResolvers<void>();
  const heard = Promise.withResolvers<string>();
  await bus.subscribe(channel, heard.resolve, gap.resolve);
  proxy.cut();
  await gap.promise;
  const other = await createRedisBus(REDIS_URL, testLog);
  t.after(() => other.close());
  await other.publish(channel, "again");
  assert.equal(await heard.promise, "again");
});
