import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { sql } from "kysely";
import { inTransaction } from "#platform/database/database.ts";
import { openEmbedded } from "#platform/database/embedded.ts";
import { openEmbeddedThread } from "#platform/database/embedded-client.ts";
import { codeOf, isDatabaseFault } from "#platform/database/faults.ts";
import { testLog } from "#test/logs.ts";
import { embeddedThreadDatabase } from "../database.ts";

// What a thread of its own is for, and what it must not lose. That it answers as the others do: drivers.test.ts.

function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "tessera-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

test("the process goes on while a statement runs", async (t) => {
  const database = await embeddedThreadDatabase(t);
  let isDone = false;
  const slow = database
    .prepared("", "select count(*) from generate_series(1, 1000000)", [])
    .then(() => {
      isDone = true;
    });
  let turns = 0;
  while (!isDone) {
    await new Promise(setImmediate);
    turns++;
  }
  await slow;
  assert.ok(turns > 50, `${turns} turns of the event loop while a statement ran`);
});

test("transactions take turns, and what is asked outside waits for them", async (t) => {
  const database = await embeddedThreadDatabase(t);
  await database.script("create table platform.turns (x integer)");
  const order: string[] = [];
  const add = (name: string) =>
    inTransaction(database, async (transaction) => {
      order.push(`${name} begins`);
      await sql`insert into platform.turns values (1)`.execute(transaction);
      await new Promise(setImmediate);
      order.push(`${name} ends`);
    });
  await Promise.all([add("first"), add("second")]);
  assert.deepEqual(order, ["first begins", "first ends", "second begins", "second ends"]);
  const [row] = await database.prepared<{ n: number }>(
    "",
    "select count(*)::integer as n from platform.turns",
    [],
  );
  assert.equal(row?.n, 2);
});

test("a commit that the database refuses is told to who asked for it", async (t) => {
  const database = await embeddedThreadDatabase(t);
  await database.script(
    "create table platform.pair (x integer constraint pair_key unique deferrable initially deferred)",
  );
  const twice = inTransaction(database, async (transaction) => {
    await sql`insert into platform.pair values (1), (1)`.execute(transaction);
  });
  await assert.rejects(twice, (error: { constraint?: string }) => {
    assert.equal(error.constraint, "pair_key");
    return codeOf(error) === "23505";
  });
  assert.deepEqual(await database.prepared("", "select x from platform.pair", []), []);
});

test("closing lets an open transaction finish, and refuses a new one", async (t) => {
  const directory = temporaryDirectory(t);
  const database = await openEmbeddedThread({ directory, log: testLog });
  await database.script("create table kept (x integer)");
  let closing = Promise.resolve();
  await inTransaction(database, async (transaction) => {
    closing = database.close();
    await sql`insert into kept values (42)`.execute(transaction);
  });
  await assert.rejects(
    inTransaction(database, async (transaction) => {
      await sql`insert into kept values (43)`.execute(transaction);
    }),
    isDatabaseFault,
  );
  await closing;
  const next = await openEmbedded({ directory, log: testLog });
  assert.deepEqual(await next.prepared("", "select x from kept", []), [{ x: 42 }]);
  await next.close();
});

test("a transaction that throws tells why, also while it is closed", async (t) => {
  const database = await embeddedThreadDatabase(t);
  const failing = inTransaction(database, async () => {
    void database.close();
    throw new Error("changed my mind");
  });
  await assert.rejects(failing, /changed my mind/);
});

test("what cannot be sent to the thread is refused, and the next statement is not", async (t) => {
  const database = await embeddedThreadDatabase(t);
  const unsendable = database.prepared("", "select $1", [(() => 1) as never]);
  await assert.rejects(unsendable, /could not be cloned/);
  assert.deepEqual(await database.prepared("", "select 1 as x", []), [{ x: 1 }]);
});

test("a full disk ends the process, not only the thread", async (t) => {
  const ended = Promise.withResolvers<number>();
  const database = await openEmbeddedThread({
    directory: temporaryDirectory(t),
    log: testLog,
    exit: ((code: number) => ended.resolve(code)) as (code: number) => never,
  });
  const failing = database.script(
    "do $$ begin raise exception 'No space left on device' using errcode = '53100'; end $$",
  );
  await assert.rejects(failing, isDatabaseFault);
  assert.equal(await ended.promise, 74);
});

test("a directory in use is refused with the same sentence, and let go of when it is closed", async (t) => {
  const directory = temporaryDirectory(t);
  const owner = await openEmbeddedThread({ directory, log: testLog });
  await assert.rejects(
    openEmbeddedThread({ directory, log: testLog }),
    /is in use by another process/,
  );
  await owner.script("create table kept (x integer); insert into kept values (42)");
  await owner.close();
  await assert.rejects(owner.prepared("", "select 1", []), isDatabaseFault);
  const next = await openEmbedded({ directory, log: testLog });
  assert.deepEqual(await next.prepared("", "select x from kept", []), [{ x: 42 }]);
  await next.close();
});
