import assert from "node:assert/strict";
import { test } from "node:test";
import { checkSchema, migrate, readSchemaSource } from "#platform/database/migrate.ts";
import { emptyDatabase, testDatabase } from "#test/database.ts";

test("migrating again does nothing, also by several at once", async (t) => {
  const database = await testDatabase(t);
  const all = await Promise.all([migrate(database), migrate(database), migrate(database)]);
  for (const made of all) assert.deepEqual(made, { migrations: [], functions: false });
  await checkSchema(database);
});

test("a migration that was edited after it was applied is refused by name", async (t) => {
  const database = await testDatabase(t);
  const source = await readSchemaSource();
  const migrations = source.migrations.map((file, index) =>
    index === 1 ? { ...file, sha256: "edited" } : file,
  );
  await assert.rejects(
    migrate(database, { ...source, migrations }),
    /0002_catalog\.sql was edited/,
  );
  await assert.rejects(
    checkSchema(database, { ...source, migrations }),
    /0002_catalog\.sql was edited/,
  );
});

test("a database that is newer than the code is refused", async (t) => {
  const database = await testDatabase(t);
  const source = await readSchemaSource();
  const older = { ...source, migrations: source.migrations.slice(0, -1) };
  await assert.rejects(checkSchema(database, older), /newer than this version/);
});

test("a database that lacks a migration or a function is refused, and migrating mends it", async (t) => {
  const database = await testDatabase(t);
  const source = await readSchemaSource();
  const more = {
    ...source,
    migrations: [
      ...source.migrations,
      { name: "9999_more.sql", text: "create table platform.more (x integer)", sha256: "more" },
    ],
  };
  await assert.rejects(checkSchema(database, more), /9999_more\.sql is missing.*npm run migrate/);
  const changed = {
    ...source,
    functions: [
      ...source.functions,
      {
        name: "new.sql",
        text: "create function platform.one() returns integer language sql as 'select 1'",
        sha256: "new",
      },
    ],
  };
  await assert.rejects(checkSchema(database, changed), /new\.sql is missing/);
  assert.deepEqual(await migrate(database, more), {
    migrations: ["9999_more.sql"],
    functions: false,
  });
  await checkSchema(database, more);
});

test("a migration that fails leaves nothing of itself behind", async (t) => {
  const database = await testDatabase(t);
  const source = await readSchemaSource();
  const broken = {
    ...source,
    migrations: [
      ...source.migrations,
      {
        name: "9999_broken.sql",
        text: "create table platform.half (x integer); select 1/0;",
        sha256: "broken",
      },
    ],
  };
  await assert.rejects(migrate(database, broken), /9999_broken\.sql failed/);
  await checkSchema(database);
  const [row] = await database.prepared<{ there: boolean }>(
    "half",
    "select to_regclass('platform.half') is not null as there",
    [],
  );
  assert.equal(row?.there, false);
});

test("instances that start together on an empty database migrate it once", async (t) => {
  const database = await emptyDatabase(t);
  await assert.rejects(checkSchema(database), /is empty\. Run "npm run migrate"/);
  const { migrations } = await readSchemaSource();
  const all = await Promise.all([migrate(database), migrate(database), migrate(database)]);
  const applied = all.flatMap((made) => made.migrations).sort();
  assert.deepEqual(
    applied,
    migrations.map(({ name }) => name),
  );
  await checkSchema(database);
});

test("a migration that comes before one that was applied is refused", async (t) => {
  const database = await testDatabase(t);
  const source = await readSchemaSource();
  const late = { name: "0001_aaa.sql", text: "select 1", sha256: "late" };
  const more = { ...source, migrations: [late, ...source.migrations] };
  await assert.rejects(migrate(database, more), /0001_aaa\.sql comes before .*next free number/);
});

test("a function that cannot be applied is named, and all stay as they were", async (t) => {
  const database = await testDatabase(t);
  const source = await readSchemaSource();
  const functions = [
    {
      name: "platform/sql/one.sql",
      text: "create or replace function platform.one() returns integer language sql as 'select 1'",
      sha256: "one",
    },
    { name: "platform/sql/two.sql", text: "create or replace function nonsense", sha256: "two" },
  ];
  await assert.rejects(
    migrate(database, { ...source, functions }),
    /The function file platform\/sql\/two\.sql failed: syntax error/,
  );
  await checkSchema(database);
  const [row] = await database.prepared<{ there: boolean }>(
    "",
    "select to_regproc('platform.one') is not null as there",
    [],
  );
  assert.equal(row?.there, false);
});
