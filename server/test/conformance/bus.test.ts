import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { type TestContext, test } from "node:test";
import type { Bus } from "#platform/bus/bus.ts";
import { createPostgresBus } from "#platform/bus/postgres.ts";
import { createRedisBus } from "#platform/bus/redis.ts";
import { openPostgres } from "#platform/database/postgres.ts";
import { silentLogger } from "#platform/logger.ts";
import { freshPostgresDatabase } from "#test/database.ts";
import { skipWithoutPostgres, skipWithoutRedis } from "#test/find-databases.ts";

const REDIS_URL = process.env["TEST_REDIS_URL"] ?? "redis://127.0.0.1:6379";

/** One bus a process, two processes. */
async function twoOnPostgres(t: TestContext): Promise<[Bus, Bus]> {
  const { url } = await freshPostgresDatabase(t);
  const open = async () => {
    const database = await openPostgres({ url, poolMax: 2, log: silentLogger });
    const bus = createPostgresBus(database, silentLogger);
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
    const bus = await createRedisBus(REDIS_URL, silentLogger);
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
