import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import type { TestContext } from "node:test";
import pg from "pg";
import type { Database } from "#platform/database/database.ts";
import { openEmbedded } from "#platform/database/embedded.ts";
import { migrate, readSchemaSource } from "#platform/database/migrate.ts";
import { openPostgres } from "#platform/database/postgres.ts";
import { silentLogger } from "#platform/logger.ts";

/** Where the PostgreSQL of the tests is. */
export function postgresUrl(databaseName = "postgres"): string {
  const url = new URL(
    process.env["TEST_POSTGRES_URL"] ?? "postgres://postgres@127.0.0.1:5432/postgres",
  );
  url.pathname = `/${databaseName}`;
  return url.href;
}

/** A migrated, empty database of its own, on the driver that TEST_DATABASE names; gone after the test. */
export function testDatabase(t: TestContext): Promise<Database> {
  return process.env["TEST_DATABASE"] === "postgres" ? postgresDatabase(t) : embeddedDatabase(t);
}

/** A migrated, empty database on the PostgreSQL server. */
export async function postgresDatabase(t: TestContext, poolMax = 10): Promise<Database> {
  const { url } = await freshPostgresDatabase(t);
  const database = await openPostgres({ url, poolMax, log: silentLogger });
  t.after(() => database.close());
  return database;
}

/** A migrated, empty database on the PostgreSQL server, for processes that open it themselves. */
export async function freshPostgresDatabase(t: TestContext): Promise<{ url: string }> {
  const template = await postgresTemplate();
  const name = `tessera_test_${randomUUID().replaceAll("-", "")}`;
  await administer(async (client) => {
    await client.query(`create database ${name} template ${template}`);
  });
  t.after(() =>
    administer(
      async (client) => void (await client.query(`drop database if exists ${name} with (force)`)),
    ),
  );
  return { url: postgresUrl(name) };
}

/** Migrated once per schema; the tests of one run and of the next copy it. */
async function postgresTemplate(): Promise<string> {
  const { checksum } = await readSchemaSource();
  const name = `tessera_template_${checksum.slice(0, 16)}`;
  await administer(async (client) => {
    await client.query("select pg_advisory_lock(7213002)");
    const { rowCount } = await client.query("select from pg_database where datname = $1", [name]);
    if (rowCount === 0) {
      const unfinished = `${name}_new`;
      await client.query(`drop database if exists ${unfinished}`);
      await client.query(`create database ${unfinished}`);
      const database = await openPostgres({
        url: postgresUrl(unfinished),
        poolMax: 1,
        log: silentLogger,
      });
      try {
        await migrate(database);
      } finally {
        await database.close();
      }
      await client.query(`alter database ${unfinished} rename to ${name}`);
    }
    await client.query("select pg_advisory_unlock(7213002)");
  });
  return name;
}

async function administer(work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client(postgresUrl());
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

/** PGlite in memory, from an image that is migrated once per schema. */
export async function embeddedDatabase(t: TestContext): Promise<Database> {
  const database = await openEmbedded({
    directory: "memory",
    log: silentLogger,
    loadDataDir: await embeddedImage(),
  });
  t.after(() => database.close());
  return database;
}

let image: Promise<Blob> | undefined;

function embeddedImage(): Promise<Blob> {
  image ??= makeEmbeddedImage();
  return image;
}

async function makeEmbeddedImage(): Promise<Blob> {
  const { checksum } = await readSchemaSource();
  const directory = `${tmpdir()}/tessera-test-images`;
  const path = `${directory}/${checksum}.tar`;
  if (!existsSync(path)) {
    const database = await openEmbedded({ directory: "memory", log: silentLogger });
    await migrate(database);
    const dump = await database.lite.dumpDataDir("none");
    await database.close();
    mkdirSync(directory, { recursive: true });
    const unfinished = `${path}.${process.pid}`;
    writeFileSync(unfinished, Buffer.from(await dump.arrayBuffer()));
    renameSync(unfinished, path); // several test processes may make it at once: the last one wins, whole
  }
  return new Blob([readFileSync(path)]);
}
