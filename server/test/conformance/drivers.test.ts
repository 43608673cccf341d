import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { sql } from "kysely";
import { plainArray, textArray } from "#platform/database/arrays.ts";
import { type Database, inTransaction } from "#platform/database/database.ts";
import { codeOf, isDatabaseFault } from "#platform/database/faults.ts";
import { embeddedThreadDatabase, testDatabase } from "#test/database.ts";

// The same suite on both databases: whatever differs between the drivers is smoothed in platform/database.

/** The same on every driver; the embedded database is one more in a thread of its own. */
function onEveryDriver(guarantee: string, check: (database: Database) => Promise<void>): void {
  test(guarantee, async (t) => check(await testDatabase(t)));
  if (process.env["TEST_DATABASE"] === "postgres") return;
  test(`${guarantee}, also from its own thread`, async (t) =>
    check(await embeddedThreadDatabase(t)));
}

const VALUES: [string, unknown][] = [
  ["9007199254740991::bigint", 9007199254740991],
  ["7::integer", 7],
  ["true", true],
  ["null::integer", null],
  ["'2027-06-15 17:00:00.25+00'::timestamptz", 1813078800250],
  ["'infinity'::timestamptz", Number.POSITIVE_INFINITY],
  ["'2027-06-15'::date", "2027-06-15"],
  ["'2027-06-15 19:00:00'::timestamp", "2027-06-15 19:00:00"],
  ['\'{"a": [1, null, "x"]}\'::jsonb', { a: [1, null, "x"] }],
  ["'{1,2,null}'::integer[]", [1, 2, null]],
  ["'{1,9007199254740991}'::bigint[]", [1, 9007199254740991]],
  ["'{t,f}'::boolean[]", [true, false]],
  ["'{\"2027-06-15 17:00:00+00\"}'::timestamptz[]", [1813078800000]],
  ["'{01935c2e-7b1a-7d3c-9f00-0123456789ab}'::uuid[]", ["01935c2e-7b1a-7d3c-9f00-0123456789ab"]],
  ["array['a', null, 'b\"\\c,{}']", ["a", null, 'b"\\c,{}']],
  ["sum(x) from generate_series(1, 3) x", 6],
  ["'\\x00ff'::bytea", Buffer.from([0, 255])],
];

onEveryDriver(
  "every type we use looks the same from both drivers, by either way of asking",
  async (database) => {
    for (const [expression, expected] of VALUES) {
      const [text = "", from] = expression.split(" from ");
      const statement = `select ${text} as value${from === undefined ? "" : ` from ${from}`}`;
      const [prepared] = await database.prepared<{ value: unknown }>("", statement, []);
      const { rows } = await sql.raw<{ value: unknown }>(statement).execute(database.kysely);
      for (const value of [prepared?.value, rows[0]?.value]) {
        const seen = value instanceof Uint8Array ? Buffer.from(value) : value;
        assert.deepEqual(seen, expected, expression);
      }
    }
  },
);

onEveryDriver("arrays arrive as they were given, whatever is in them", async (database) => {
  const texts = fc.array(
    fc.option(fc.string({ unit: "binary" }).filter((text) => !NUL.test(text))),
  );
  const integers = fc.array(fc.option(fc.integer()));
  const property = fc.asyncProperty(texts, integers, async (text, integer) => {
    const rows = await database.prepared(
      "arrays",
      "select $1::text[] as text, $2::integer[] as integer",
      [textArray(text), plainArray(integer)],
    );
    assert.deepEqual(rows, [{ text, integer }]);
  });
  const hard = ["", " ", "NULL", "null", '"', "\\", '\\"', ",", "{}", "a\nb", "🎟", null];
  await fc.assert(property, {
    examples: [
      [hard, [null, -1]],
      [[], []],
    ],
  });
});

/** PostgreSQL has no text with a NUL in it. */
const NUL = new RegExp(String.fromCharCode(0));

onEveryDriver(
  "a broken constraint says its name and is no fault of the database",
  async (database) => {
    const broken = database.script(
      "insert into reservations.pool (pool_id, event_id, slot_id, capacity, held) values (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 1, 2)",
    );
    await assert.rejects(broken, (error: { constraint?: string }) => {
      assert.equal(codeOf(error), "23514");
      assert.equal(error.constraint, "pool_never_oversold");
      assert.equal(isDatabaseFault(error), false);
      return true;
    });
  },
);

onEveryDriver("a transaction that throws leaves nothing behind", async (database) => {
  const failing = inTransaction(database, async (transaction) => {
    await sql`create table platform.scratch (x integer)`.execute(transaction);
    throw new Error("changed my mind");
  });
  await assert.rejects(failing, /changed my mind/);
  const [row] = await database.prepared<{ there: boolean }>(
    "scratch",
    "select to_regclass('platform.scratch') is not null as there",
    [],
  );
  assert.equal(row?.there, false);
});

onEveryDriver("whoever listens hears what was notified", async (database) => {
  const heard = Promise.withResolvers<string>();
  const stop = await database.listen("tessera_test", heard.resolve);
  await database.prepared("notify", "select pg_notify($1, $2)", ["tessera_test", "hello"]);
  assert.equal(await heard.promise, "hello");
  await stop();
});
