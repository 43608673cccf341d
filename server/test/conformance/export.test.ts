import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { proveEverything } from "#modules/reservations/index.ts";
import type { Database } from "#platform/database/database.ts";
import { exportTo } from "#platform/database/export.ts";
import { importFrom } from "#platform/database/import.ts";
import { embeddedDatabase, testDatabase } from "#test/database.ts";

const quiet = () => {};

/** A little of everything: a sold and a held reservation with entries, tickets, odd texts and an old instant. */
const SOME_DATA = `
  insert into reservations.sale values ('00000000-0000-7000-8000-00000000e001', 1, 'published', true);
  insert into reservations.pool (pool_id, event_id, slot_id, capacity)
  values ('00000000-0000-7000-8000-00000000a001', '00000000-0000-7000-8000-00000000e001',
          '00000000-0000-7000-8000-00000000a001', 10);
  select reservations.apply_batch(0, '{hold,hold}', '{holder,holder}',
    '{00000000-0000-7000-8000-00000000b001,00000000-0000-7000-8000-00000000b002}',
    '{00000000-0000-7000-8000-00000000e001,00000000-0000-7000-8000-00000000e001}', '{NULL,NULL}',
    '{00000000-0000-7000-8000-00000000c001,NULL}', '{00000000-0000-7000-8000-00000000d001,NULL}', '{1,1}',
    '{NULL,NULL}', '{false,true}', '{600,600}', '{900,900}',
    '{"{00000000-0000-7000-8000-00000000a001}","{00000000-0000-7000-8000-00000000a001}"}',
    '{"{00000000-0000-7000-8000-00000000f001}","{00000000-0000-7000-8000-00000000f001}"}',
    '{"{2}","{3}"}', '{"{0}","{0}"}',
    '{"{00000000-0000-7000-8000-00000000a001}","{00000000-0000-7000-8000-00000000a001}"}', '{"{2}","{3}"}',
    '{0,0}', '{EUR,EUR}', '{true,true}', '{"Jiří \\"Ž\\" \\\\ 🎟","line\nbreak"}', '{a@example.org,NULL}',
    '{NULL,NULL}', '{cs,NULL}');
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
  const damaged: [Buffer, RegExp][] = [
    [whole.subarray(0, whole.length >> 1), /cannot be read/],
    [gzipSync(`${lines.slice(0, -1).join("\n")}\n`), /not whole|cannot be read/],
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
