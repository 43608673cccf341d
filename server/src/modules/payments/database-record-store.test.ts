import assert from "node:assert/strict";
import { before, type TestContext, test } from "node:test";
import { sql } from "kysely";
import type { Database } from "#platform/database/database.ts";
import { testDatabase } from "#test/database.ts";
import { createDatabaseQueue, createDatabaseStore } from "./database-record-store.ts";
import { QUEUED_MAX, TAKEN_AT_ONCE_MAX } from "./record-store.ts";

let database: Database;

before(async (t) => {
  database = await testDatabase(t as TestContext);
});

const twenty = Array.from({ length: 20 }, (_, index) => index);

test("negative control: of concurrent changes that read first and write then, some are lost", async () => {
  const store = createDatabaseStore<readonly number[]>(database, "test");
  await store.change("unsafe", () => []);
  await Promise.all(
    twenty.map(async (index) => {
      const seen = (await store.read("unsafe")) ?? [];
      await store.change("unsafe", () => [...seen, index]);
    }),
  );
  assert.ok(((await store.read("unsafe")) ?? []).length < twenty.length);
});

test("concurrent changes of one value lose none, whether it was there or not", async () => {
  for (const key of ["new", "known"]) {
    const store = createDatabaseStore<readonly number[]>(database, "test");
    if (key === "known") await store.change(key, () => []);
    const answers = await Promise.all(
      twenty.map((index) => store.change(key, (seen = []) => [...seen, index])),
    );
    const kept = (await store.read(key)) ?? [];
    assert.deepEqual(
      kept.toSorted((a, b) => a - b),
      twenty,
    );
    // Each was answered the value that it made.
    assert.deepEqual(
      answers.toSorted((a, b) => a.length - b.length).map((answer) => answer.at(-1)),
      kept,
    );
  }
});

test("values survive as JSON, and are another process's to read", async () => {
  const values = [
    null,
    false,
    0,
    -1.5e-7,
    1_893_456_000_123,
    Number.MAX_SAFE_INTEGER,
    "",
    '"quoted" \\ $1 Zoë 🎫\n',
    [],
    [[null], "null"],
    { empty: {}, at: 1.25, list: [{ deep: [true] }], "a.b": "c" },
  ];
  const store = createDatabaseStore<unknown>(database, "test");
  for (const [index, value] of values.entries()) {
    await store.change(`json ${index}`, () => value);
    const other = createDatabaseStore<unknown>(database, "test");
    assert.deepEqual(await other.read(`json ${index}`), value);
    let seen: unknown = "nothing";
    await other.change(`json ${index}`, (there) => {
      seen = there;
      return value;
    });
    assert.deepEqual(seen, value);
  }
});

test("a change that fails changes nothing, and the next one goes on", async () => {
  const store = createDatabaseStore<number>(database, "test");
  const fails = () => {
    throw new Error("no");
  };
  await assert.rejects(store.change("failed", fails), /no/);
  assert.equal(await store.read("failed"), undefined);
  await store.change("failed", () => 1);
  await assert.rejects(store.change("failed", fails), /no/);
  assert.equal(await store.change("failed", (seen = 0) => seen + 1), 2);
});

test("two providers with the same key have a value each", async () => {
  const [one, other] = [
    createDatabaseStore<string>(database, "test"),
    createDatabaseStore<string>(database, "offline"),
  ];
  await one.change("same", () => "one");
  assert.equal(await other.read("same"), undefined);
  await other.change("same", () => "other");
  assert.equal(await one.read("same"), "one");
});

test("what waits is handed out once, when it is due, the oldest first, whoever takes", async (t) => {
  const fresh = await testDatabase(t);
  const queues = [1, 2, 3].map(() =>
    createDatabaseQueue<{ at: number; name: string }>(fresh, "test_webhook"),
  );
  const [queue] = queues;
  assert.ok(queue);
  await queue.add("a", { at: 30, name: "a" });
  await queue.add("b", { at: 10, name: "b" });
  await queue.add("c", { at: 10, name: "c" });
  const names = async (due: number) => (await queue.take(due)).map(({ name }) => name);
  assert.deepEqual(await names(9), []);
  assert.deepEqual(await names(10), ["b", "c"]);
  assert.deepEqual(await names(10), []);
  assert.deepEqual(await names(30), ["a"]);

  for (const index of twenty) await queue.add(`k${index}`, { at: 0, name: `k${index}` });
  const taken = await Promise.all(queues.flatMap((one) => [one.take(1), one.take(1)]));
  const all = taken.flat().map(({ name }) => name);
  assert.equal(all.length, twenty.length);
  assert.equal(new Set(all).size, twenty.length);
});

test("where nobody takes, what waits does not grow without end: the oldest are lost", async (t) => {
  const fresh = await testDatabase(t);
  await sql`
    insert into payments.provider_record (provider, key, value)
    select owner, 'k' || lpad(n::text, 6, '0'), jsonb_build_object('at', n)
      from generate_series(1, ${QUEUED_MAX + 2_000}::integer) n, unnest('{test,test_webhook}'::text[]) owner
  `.execute(fresh.kysely);
  const queue = createDatabaseQueue<{ at: number }>(fresh, "test_webhook");
  await queue.add("k999999", { at: 999_999 });
  const sizes = await sql<{ provider: string; size: number; first: string }>`
    select provider, count(*)::integer as size, min(key) as first
      from payments.provider_record
     group by provider
     order by provider
  `.execute(fresh.kysely);
  assert.deepEqual(sizes.rows, [
    { provider: "test", size: QUEUED_MAX + 2_000, first: "k000001" },
    { provider: "test_webhook", size: QUEUED_MAX, first: "k002002" },
  ]);
  const taken = await queue.take(999_999);
  assert.equal(taken.length, TAKEN_AT_ONCE_MAX);
  assert.equal(taken[0]?.at, 2_002);
});
