import { randomUUID } from "node:crypto";
import type { TestContext } from "node:test";
import type { Database } from "#platform/database/database.ts";
import { openEmbedded } from "#platform/database/embedded.ts";
import { openEmbeddedThread } from "#platform/database/embedded-client.ts";
import { openPostgres } from "#platform/database/postgres.ts";
import { testLog } from "#test/logs.ts";
import { embeddedImage } from "./embedded-image.ts";
import { administer, postgresTemplate, postgresUrl, TEST_PREFIX } from "./postgres-template.ts";

/** A migrated, empty database of its own, on the driver that TEST_DATABASE names; gone after the test. */
export function testDatabase(t: TestContext): Promise<Database> {
  return process.env["TEST_DATABASE"] === "postgres" ? postgresDatabase(t) : embeddedDatabase(t);
}

/** A database with nothing in it, not even our schema, on the driver that TEST_DATABASE names. */
export async function emptyDatabase(t: TestContext): Promise<Database> {
  const database =
    process.env["TEST_DATABASE"] === "postgres"
      ? await openPostgres({
          url: (await emptyPostgresDatabase(t)).url,
          poolMax: 4,
          log: testLog,
        })
      : await openEmbedded({ directory: "memory", log: testLog });
  t.after(() => database.close());
  return database;
}

/** A migrated, empty database on the PostgreSQL server. */
export async function postgresDatabase(t: TestContext, poolMax = 10): Promise<Database> {
  const { url } = await freshPostgresDatabase(t);
  const database = await openPostgres({ url, poolMax, log: testLog });
  t.after(() => database.close());
  return database;
}

/** A migrated, empty database on the PostgreSQL server, for processes that open it themselves. */
export async function freshPostgresDatabase(t: TestContext): Promise<{ url: string }> {
  return createDatabase(t, `template ${await postgresTemplate()}`);
}

/** A database on the PostgreSQL server with nothing in it, not even our schema. */
export function emptyPostgresDatabase(
  t: TestContext,
  options = "template template0",
): Promise<{ url: string }> {
  return createDatabase(t, options);
}

async function createDatabase(t: TestContext, options: string): Promise<{ url: string }> {
  // The time is in the name: what a killed run leaves behind is dropped by a later one.
  const seconds = Math.floor(Date.now() / 1000);
  const name = `${TEST_PREFIX}${seconds}_${randomUUID().slice(0, 8)}`;
  await administer(async (client) => {
    await client.query(`create database ${name} ${options}`);
  });
  t.after(() =>
    administer(async (client) => {
      await client.query(`drop database if exists ${name} with (force)`);
    }),
  );
  return { url: postgresUrl(name) };
}

/** PGlite in memory, migrated and empty. */
export function embeddedDatabase(t: TestContext): Promise<Database> {
  return inMemory(t, openEmbedded);
}

/** The same in a thread of its own, as the server has it. Starting a thread for each test would take too long. */
export function embeddedThreadDatabase(t: TestContext): Promise<Database> {
  return inMemory(t, openEmbeddedThread);
}

async function inMemory(t: TestContext, open: typeof openEmbeddedThread): Promise<Database> {
  const loadDataDir = await embeddedImage();
  const database = await open({ directory: "memory", log: testLog, loadDataDir });
  t.after(() => database.close());
  return database;
}
