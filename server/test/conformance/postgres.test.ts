import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { sql } from "kysely";
import { type Database, inTransaction, type Transaction } from "#platform/database/database.ts";
import { isDatabaseFault } from "#platform/database/faults.ts";
import { openPostgres } from "#platform/database/postgres.ts";
import { emptyPostgresDatabase, freshPostgresDatabase, postgresDatabase } from "#test/database.ts";
import { skipWithoutPostgres } from "#test/find-databases.ts";
import { testLog } from "#test/logs.ts";
import { testProxy } from "#test/proxy.ts";

// What only a server can do to us: cut, refuse, keep silent, deadlock.

const skip = await skipWithoutPostgres();

interface Watched {
  readonly database: Database;
  /** Ends the server's side of all connections of that name. */
  cut(applicationName: string): Promise<void>;
}

async function watchedDatabase(t: TestContext): Promise<Watched> {
  const { url } = await freshPostgresDatabase(t);
  const database = await openPostgres({ url, poolMax: 4, log: testLog });
  t.after(() => database.close());
  const killer = await openPostgres({
    url: `${url}?application_name=killer`,
    poolMax: 1,
    log: testLog,
  });
  t.after(() => killer.close());
  return {
    database,
    cut: async (name) => {
      await killer.prepared(
        "cut",
        `select pg_terminate_backend(pid, 5000)
           from pg_stat_activity
          where datname = current_database() and application_name = $1`,
        [name],
      );
    },
  };
}

test("a connection that is cut is a fault of the database, and the next one serves", {
  skip,
}, async (t) => {
  const { database, cut } = await watchedDatabase(t);
  await database.prepared("one", "select 1", []);
  await cut("tessera");
  await assert.rejects(
    inTransaction(database, async (transaction) => {
      await sql`select 1`.execute(transaction);
      await cut("tessera");
      await sql`select 1`.execute(transaction);
    }),
    isDatabaseFault,
  );
  assert.deepEqual(await database.prepared("two", "select 2 as two", []), [{ two: 2 }]);
});

test("whoever listens hears again after a lost connection, and is told that something may be missing", {
  skip,
}, async (t) => {
  const { database, cut } = await watchedDatabase(t);
  const reconnected = Promise.withResolvers<void>();
  const heard = Promise.withResolvers<string>();
  const heardOther = Promise.withResolvers<string>();
  await database.listen("tessera_one", heard.resolve, reconnected.resolve);
  await database.listen("tessera_two", heardOther.resolve);
  await cut("tessera listen");
  await reconnected.promise;
  await database.prepared(
    "",
    "select pg_notify('tessera_one', 'a'), pg_notify('tessera_two', 'b')",
    [],
  );
  assert.deepEqual(await Promise.all([heard.promise, heardOther.promise]), ["a", "b"]);
});

test("a statement that waits too long is ended, as a fault of the database", {
  skip,
}, async (t) => {
  const { url } = await freshPostgresDatabase(t);
  const database = await openPostgres({
    url,
    poolMax: 2,
    log: testLog,
    statementTimeoutMs: 300,
  });
  t.after(() => database.close());
  await inTransaction(database, async (transaction) => {
    await sql`select pg_advisory_xact_lock(1)`.execute(transaction);
    await assert.rejects(
      database.prepared("", "select pg_advisory_xact_lock(1)", []),
      (error: { code?: string }) => error.code === "57014" && isDatabaseFault(error),
    );
  });
});

test("a server that is there but answers nothing is given up after a while", {
  skip,
}, async (t) => {
  const { url } = await freshPostgresDatabase(t);
  const proxy = await testProxy(t, url);
  const database = await openPostgres({
    url: proxy.url,
    poolMax: 1,
    log: testLog,
    statementTimeoutMs: 300,
  });
  t.after(() => database.close());
  proxy.silence();
  await assert.rejects(database.prepared("", "select 1", []), isDatabaseFault);
});

test("two transactions that lock each other out both get done", { skip }, async (t) => {
  const database = await postgresDatabase(t);
  await database.script(`create table platform.scratch (id integer primary key, n integer not null);
    insert into platform.scratch values (1, 0), (2, 0)`);
  const attempts = { count: 0 };
  const bothHaveOne = Promise.withResolvers<void>();
  const add = (transaction: Transaction, id: number) =>
    sql`update platform.scratch set n = n + 1 where id = ${id}`.execute(transaction);
  const crossing = (first: number, second: number) =>
    inTransaction(database, async (transaction) => {
      await add(transaction, first);
      attempts.count++;
      if (attempts.count === 2) bothHaveOne.resolve();
      await bothHaveOne.promise;
      await add(transaction, second);
    });
  await Promise.all([crossing(1, 2), crossing(2, 1)]);
  // The one that lost tries again, and may be back before the other has gone on: then one loses once more.
  assert.ok(attempts.count > 2, "one was tried again");
  const rows = await database.prepared("", "select n from platform.scratch", []);
  assert.deepEqual(rows, [{ n: 2 }, { n: 2 }]);
});

test("a statement that is refused costs no connection", { skip }, async (t) => {
  const database = await postgresDatabase(t, 1);
  const session = () => database.prepared("session", "select pg_backend_pid() as pid", []);
  const before = await session();
  await assert.rejects(database.prepared("", "select 1 / 0", []), { code: "22012" });
  assert.deepEqual(await session(), before);
});

test("values look the same whatever the server is set to", { skip }, async (t) => {
  const { url } = await freshPostgresDatabase(t);
  const name = new URL(url).pathname.slice(1);
  const settings = {
    timezone: "Asia/Tokyo",
    datestyle: "German",
    intervalstyle: "iso_8601",
    bytea_output: "escape",
  };
  const first = await openPostgres({ url, poolMax: 1, log: testLog });
  for (const [setting, value] of Object.entries(settings)) {
    await first.script(`alter database ${name} set ${setting} = '${value}'`);
  }
  await first.close();
  const database = await openPostgres({ url, poolMax: 1, log: testLog });
  t.after(() => database.close());
  const [row] = await database.prepared(
    "",
    `select '2027-06-15 17:00:00.25+00'::timestamptz as instant, '2027-06-15'::date as day,
            interval '90 minutes' as wait, '\\x00ff'::bytea as bytes`,
    [],
  );
  assert.deepEqual(row, {
    instant: 1813078800250,
    day: "2027-06-15",
    wait: "01:30:00",
    bytes: Buffer.from([0, 255]),
  });
});

test("a server that cannot be used is refused with a sentence", { skip }, async (t) => {
  const away = openPostgres({
    url: "postgres://localhost:1/nobody",
    poolMax: 1,
    log: testLog,
  });
  await assert.rejects(away, /^Error: PostgreSQL cannot be reached: .*ECONNREFUSED/);
  const { url } = await emptyPostgresDatabase(
    t,
    "template template0 encoding 'SQL_ASCII' locale 'C'",
  );
  await assert.rejects(
    openPostgres({ url, poolMax: 1, log: testLog }),
    /must be in UTF8, it is in SQL_ASCII/,
  );
});
