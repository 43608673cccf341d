import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { proveEverything } from "#modules/reservations/index.ts";
import type { Database } from "#platform/database/database.ts";
import { exportTo } from "#platform/database/export.ts";
import { importFrom } from "#platform/database/import.ts";
import { migrate, readSchemaSource } from "#platform/database/migrate.ts";
import { embeddedDatabase, emptyDatabase, testDatabase } from "#test/database.ts";
import { anOrganizer, WALLED_TABLES } from "./rows-of-an-organizer.ts";

const quiet = () => {};

/** A little of everything: a sold and a held reservation with entries, tickets, odd texts and an old instant. */
const SOME_DATA = `
  insert into reservations.sale values ('00000000-0000-7000-8000-00000000e001', 1, 'published', true);
  insert into reservations.pool (pool_id, event_id, slot_id, capacity)
  values ('00000000-0000-7000-8000-00000000a001', '00000000-0000-7000-8000-00000000e001',
          '00000000-0000-7000-8000-00000000a001', 10);
  select reservations.hold_batch(0, '{00000000-0000-7000-8000-00000000a001}',
    '{00000000-0000-7000-8000-00000000b001,00000000-0000-7000-8000-00000000b002}',
    '{00000000-0000-7000-8000-00000000e001,00000000-0000-7000-8000-00000000e001}', '{1,1}', '{held,confirmed}',
    '{600,600}', '{900,900}',
    '{00000000-0000-7000-8000-00000000c001,NULL}', '{00000000-0000-7000-8000-00000000d001,NULL}',
    '{0,0}', '{EUR,EUR}', '{"Jiří \\"Ž\\" \\\\ 🎟","line\nbreak"}', '{a@example.org,NULL}', '{NULL,NULL}', '{cs,NULL}',
    '{1,2}', '{1,2}', '{1,2}', '{1,2}',
    '{00000000-0000-7000-8000-00000000a001,00000000-0000-7000-8000-00000000a001}',
    '{00000000-0000-7000-8000-00000000f001,00000000-0000-7000-8000-00000000f001}', '{2,3}', '{0,0}',
    '{1,2}', '{00000000-0000-7000-8000-00000000a001,00000000-0000-7000-8000-00000000a001}', '{2,3}',
    array(select reservations.ticket_id('00000000-0000-7000-8000-00000000b002', 1, n) from generate_series(1, 3) n),
    '{2,2,2}', '{2,2,2}', '{1,2,3}');
  update reservations.reservation set created_at = '2001-02-03 04:05:06.789012+00'
   where reservation_id = '00000000-0000-7000-8000-00000000b001';`;

async function everything(database: Database): Promise<unknown> {
  const tables = ["reservation", "entry", "ticket", "pool", "sale"];
  const rows = await Promise.all(
    tables.map((table) =>
      database.prepared<{ row: string }>(
        "",
        `select t::text as row from reservations.${table} t order by 1`,
        [],
      ),
    ),
  );
  return rows.map((list) => list.map(({ row }) => row));
}

function temporaryFile(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "tessera-export-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, "export.ndjson.gz");
}

test("an export from the embedded database, imported, is the same to the byte and adds up", async (t) => {
  const path = temporaryFile(t);
  const from = await embeddedDatabase(t);
  await from.script(SOME_DATA);
  const exported = await exportTo(from, path, quiet);
  const into = await testDatabase(t);
  assert.deepEqual(await importFrom(into, path, quiet), exported);
  assert.deepEqual(await everything(into), await everything(from));
  assert.deepEqual(await proveEverything(into), []);
});

test("an export goes back into an embedded database the same", async (t) => {
  const path = temporaryFile(t);
  const from = await testDatabase(t);
  await from.script(SOME_DATA);
  await exportTo(from, path, quiet);
  const into = await embeddedDatabase(t);
  await importFrom(into, path, quiet);
  assert.deepEqual(await everything(into), await everything(from));
});

test("rows that refer to one another, and all that row security binds, come back", async (t) => {
  const path = temporaryFile(t);
  const from = await testDatabase(t);
  const { organizerId } = await anOrganizer(from);
  await exportTo(from, path, quiet);
  const into = await embeddedDatabase(t);
  const tables = await importFrom(into, path, quiet);
  const rows = new Map(tables.map((table) => [table.table, table.rows]));
  for (const { name } of WALLED_TABLES) assert.equal(rows.get(name), 1, name);
  const found = await into.prepared("", "select organizer_id from organizers.member", []);
  assert.deepEqual(found, [{ organizer_id: organizerId }]);
});

test("an import into a database that has rows is refused and changes nothing", async (t) => {
  const path = temporaryFile(t);
  const database = await testDatabase(t);
  await database.script(SOME_DATA);
  await exportTo(database, path, quiet);
  const before = await everything(database);
  await assert.rejects(importFrom(database, path, quiet), /not empty/);
  assert.deepEqual(await everything(database), before);
});

test("a file that is cut, or is something else, is refused and changes nothing", async (t) => {
  const path = temporaryFile(t);
  const from = await embeddedDatabase(t);
  await from.script(SOME_DATA);
  await exportTo(from, path, quiet);
  const whole = readFileSync(path);
  const into = await testDatabase(t);
  const lines = gunzipSync(whole).toString().trimEnd().split("\n");
  const lastRow = lines.findLastIndex((line) => line.startsWith("["));
  const damaged: [Buffer, RegExp][] = [
    [whole.subarray(0, whole.length >> 1), /cannot be read/],
    [gzipSync(`${lines.toSpliced(lastRow, 1).join("\n")}\n`), /not whole|cannot be read/],
    [gzipSync('{"format":"other"}\n'), /not an export/],
    [gzipSync(""), /is empty/],
    [Buffer.from("plain text"), /cannot be read/],
  ];
  for (const [content, message] of damaged) {
    writeFileSync(path, content);
    await assert.rejects(importFrom(into, path, quiet), message);
  }
  assert.deepEqual(await everything(into), [[], [], [], [], []]);
});

/** What our tables have not yet, and may have: it must come back all the same. */
const ODD_SCHEMA = `
  create table platform.parent (id bigint generated always as identity primary key, name char(5));
  create table platform.odd (
    id       integer generated by default as identity primary key,
    parent   bigint references platform.parent,
    "Value"  double precision,
    exact    numeric,
    at       timestamptz,
    spent    interval,
    bytes    bytea,
    data     jsonb,
    lists    text[][],
    instants timestamptz[],
    doubled  integer generated always as (2) stored
  )`;
const ODD_ROWS = `
  insert into platform.parent (name) values ('a'), ('b  ');
  insert into platform.odd (parent, "Value", exact, at, spent, bytes, data, lists, instants) values
    (2, 0.1 + 0.2, 12345678901234567890.000001, '2027-06-15 17:00:00.123456+00', '1 mon 2 days 03:04:05.6',
     '\\x00ff', '{"n": 12345678901234567890.10, "s": "\\u20ac\\""}', '{{a,NULL},{"b,\\"{}\\\\",""}}',
     '{"2027-06-15 17:00:00.000001+00",infinity}'),
    (null, 'NaN', 'NaN', '-infinity', null, '', 'null', '{}', null)`;

test("what our tables may have one day comes back the same, and counting goes on where it was", async (t) => {
  const path = temporaryFile(t);
  const [from, into] = [await testDatabase(t), await testDatabase(t)];
  for (const database of [from, into]) await database.script(ODD_SCHEMA);
  await from.script(ODD_ROWS);
  await exportTo(from, path, quiet);
  await importFrom(into, path, quiet);
  const rows = (database: Database) =>
    database.prepared(
      "",
      "select t::text as row from platform.odd t union all select t::text from platform.parent t",
      [],
    );
  assert.deepEqual(await rows(into), await rows(from));
  await into.script("insert into platform.parent (name) values ('c')");
  const [last] = await into.prepared("", "select max(id) as id from platform.parent", []);
  assert.deepEqual(last, { id: 3 });
});

test("a file of an earlier version is read into a new database, which is then brought up to date", async (t) => {
  const path = temporaryFile(t);
  const from = await testDatabase(t);
  await from.script(SOME_DATA);
  await exportTo(from, path, quiet);
  const source = await readSchemaSource();
  const later = {
    name: "9999_later.sql",
    text: "alter table reservations.pool add column later integer not null default 7",
    sha256: "later",
  };
  const newer = { ...source, migrations: [...source.migrations, later] };
  const into = await emptyDatabase(t);
  await importFrom(into, path, quiet, newer);
  const rows = await into.prepared("", "select later from reservations.pool", []);
  assert.deepEqual(rows, [{ later: 7 }]);
  assert.deepEqual(await proveEverything(into), []);

  const migrated = await testDatabase(t);
  await migrate(migrated, newer);
  await assert.rejects(importFrom(migrated, path, quiet, newer), /migrated further than the file/);
  const older = { ...source, migrations: source.migrations.slice(0, -1) };
  await assert.rejects(
    importFrom(migrated, path, quiet, older),
    /of a version that this one does not know/,
  );
});

test("an export that fails leaves no file behind, and one that is there as it was", async (t) => {
  const path = temporaryFile(t);
  writeFileSync(path, "yesterday's");
  const database = await testDatabase(t);
  await database.script(SOME_DATA);
  const fail = () => {
    throw new Error("interrupted");
  };
  await assert.rejects(exportTo(database, path, fail), /interrupted/);
  assert.equal(readFileSync(path, "utf8"), "yesterday's");
  assert.equal(readdirSync(dirname(path)).length, 1);
});
