import pg from "pg";
import { migrate, readSchemaSource } from "#platform/database/migrate.ts";
import { openPostgres } from "#platform/database/postgres.ts";
import { silentLogger } from "#platform/logger.ts";

const TEMPLATE_PREFIX = "tessera_template_";
export const TEST_PREFIX = "tessera_test_";
const TURN = 7213002;

/** Where the PostgreSQL of the tests is. */
export function postgresUrl(databaseName = "postgres"): string {
  const url = new URL(
    process.env["TEST_POSTGRES_URL"] ?? "postgres://postgres@127.0.0.1:5432/postgres",
  );
  url.pathname = `/${databaseName}`;
  return url.href;
}

let template: Promise<string> | undefined;

/**
 * The name of a database that has the whole schema and no rows, to be copied. Migrated once per
 * schema: all processes of one run and of the next ones share it.
 */
export function postgresTemplate(): Promise<string> {
  template ??= makeTemplate();
  return template;
}

async function makeTemplate(): Promise<string> {
  const { checksum } = await readSchemaSource();
  const name = `${TEMPLATE_PREFIX}${checksum.slice(0, 16)}`;
  await administer(async (client) => {
    // Given back when the connection ends.
    await client.query("select pg_advisory_lock($1)", [TURN]);
    const { rowCount } = await client.query("select from pg_database where datname = $1", [name]);
    if (rowCount === 0) await migrateInto(client, name);
    await client.query(`comment on database ${name} is '${Math.floor(Date.now() / 1000)}'`);
    await dropLeftovers(client, name);
  });
  return name;
}

async function migrateInto(client: pg.Client, name: string): Promise<void> {
  const unfinished = `${name}_new`;
  await client.query(`drop database if exists ${unfinished} with (force)`);
  await client.query(`create database ${unfinished} template template0 encoding 'UTF8'`);
  const url = postgresUrl(unfinished);
  const database = await openPostgres({ url, poolMax: 1, log: silentLogger });
  try {
    await migrate(database);
  } finally {
    await database.close();
  }
  await client.query(`alter database ${unfinished} rename to ${name}`);
}

/** Templates nobody has used for a day, and databases that runs which were killed left behind. */
async function dropLeftovers(client: pg.Client, current: string): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select datname as name
       from pg_database
      where (datname like $1 and datname <> $2
             and coalesce(shobj_description(oid, 'pg_database'), '0')::bigint
                 < extract(epoch from clock_timestamp()) - 86400)
         or (datname like $3
             and coalesce(substring(datname from '_([0-9]{10})_')::bigint, 0)
                 < extract(epoch from clock_timestamp()) - 3600)`,
    [likeStart(TEMPLATE_PREFIX), current, likeStart(TEST_PREFIX)],
  );
  for (const { name } of rows) await client.query(`drop database if exists ${name} with (force)`);
}

function likeStart(prefix: string): string {
  return `${prefix.replaceAll("_", "\\_")}%`;
}

/** Does some work through a connection to the server's own database. */
export async function administer(work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client(postgresUrl());
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
