import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { type TestContext, test } from "node:test";
import { sql } from "kysely";
import type pg from "pg";
import type { Database } from "#platform/database/database.ts";
import { openEmbedded } from "#platform/database/embedded.ts";
import { checkSchema, migrate } from "#platform/database/migrate.ts";
import { openPostgres } from "#platform/database/postgres.ts";
import { inReach } from "#platform/database/reach.ts";
import { silentLogger } from "#platform/logger.ts";
import { emptyPostgresDatabase } from "#test/database.ts";
import { skipWithoutPostgres } from "#test/find-databases.ts";
import { administer } from "#test/postgres-template.ts";
import { anOrganizer } from "./rows-of-an-organizer.ts";

// Who connects is seldom a superuser: what the database's user needs, and what is said where it is missing.

const skip = await skipWithoutPostgres();

interface Plain {
  readonly user: string;
  readonly role: string;
  readonly url: string;
  readonly secondUrl: string;
}

/** A user without any rights but those that are named, and two empty databases that are theirs. */
async function aPlainUser(t: TestContext, rights = ""): Promise<Plain> {
  const user = `app_${randomUUID().slice(0, 8)}`;
  const run = (statement: string) =>
    administer(async (client) => void (await client.query(statement)));
  await run(`create role ${user} login password 'password' ${rights}`);
  const empty = `owner ${user} template template0`;
  const [first, second] = [
    await emptyPostgresDatabase(t, empty),
    await emptyPostgresDatabase(t, empty),
  ];
  t.after(() => run(`drop role if exists ${user}_management`));
  t.after(() => run(`drop role ${user}`));
  return {
    user,
    role: `${user}_management`,
    url: as(user, first.url),
    secondUrl: as(user, second.url),
  };
}

function as(user: string, address: string): string {
  const url = new URL(address);
  url.username = user;
  url.password = "password";
  return url.href;
}

async function open(t: TestContext, url: string): Promise<Database> {
  const database = await openPostgres({ url, poolMax: 2, log: silentLogger });
  t.after(() => database.close());
  return database;
}

const withAdmin = (work: (client: pg.Client) => Promise<unknown>) =>
  administer(async (client) => void (await work(client)));

/** Both sides of the wall, as the server goes through them. */
async function standsIn(database: Database): Promise<void> {
  await checkSchema(database);
  assert.deepEqual(await migrate(database), { migrations: [], functions: false });
  const ours = await anOrganizer(database);
  const theirs = await anOrganizer(database);
  const reach = { organizers: [ours.organizerId], events: [] };
  const { rows } = await inReach(database, reach, (transaction) =>
    sql<{ event_id: string }>`select event_id from catalog.event`.execute(transaction),
  );
  assert.deepEqual(rows, [{ event_id: ours.eventId }]);
  const { rows: all } = await sql`select from catalog.event`.execute(database.kysely);
  assert.equal(all.length, 2);
  assert.notEqual(ours.eventId, theirs.eventId);
}

test("a user that may create roles makes its own, and is no superuser", { skip }, async (t) => {
  const { url } = await aPlainUser(t, "createrole");
  const database = await open(t, url);
  await migrate(database);
  await standsIn(database);
});

test("a user that may not is told what an administrator is to run, and that helps", {
  skip,
}, async (t) => {
  const { user, role, url } = await aPlainUser(t);
  const database = await open(t, url);
  const wanted = `create role ${role} nologin; grant ${role} to ${user};`;
  await assert.rejects(migrate(database), (error: Error) => error.message.includes(wanted));
  await assert.rejects(checkSchema(database), new RegExp(`no role ${role} as it is needed`));
  await withAdmin((client) => client.query(wanted));
  await migrate(database);
  await standsIn(database);
});

test("databases of one user that are migrated at once share its role", { skip }, async (t) => {
  const { url, secondUrl } = await aPlainUser(t, "createrole");
  const databases = [await open(t, url), await open(t, secondUrl)];
  await Promise.all(databases.map((database) => migrate(database)));
  for (const database of databases) await standsIn(database);
});

test("a user that does not own the tables is refused, and not shown empty ones", {
  skip,
}, async (t) => {
  const owner = await aPlainUser(t, "createrole");
  const other = await aPlainUser(t);
  await migrate(await open(t, owner.url));
  await withAdmin((client) =>
    client.query(`grant pg_read_all_data, pg_write_all_data to ${other.user}`),
  );
  const database = await open(t, as(other.user, owner.url));
  await assert.rejects(
    checkSchema(database),
    new RegExp(`${other.user} does not own the tables.*grant ${owner.user} to ${other.user}`),
  );
  await withAdmin((client) => client.query(`grant ${owner.user} to ${other.user}`));
  await standsIn(database);
});

test("a role that row security does not bind is refused", { skip }, async (t) => {
  const { role, url } = await aPlainUser(t, "createrole");
  const database = await open(t, url);
  await migrate(database);
  await withAdmin((client) => client.query(`alter role ${role} bypassrls`));
  await assert.rejects(checkSchema(database), new RegExp(`does not bind the role ${role}`));
});

test("a role that was lost, as by a restore elsewhere, comes back with the next migration", {
  skip,
}, async (t) => {
  const { role, url } = await aPlainUser(t, "createrole");
  const database = await open(t, url);
  await migrate(database);
  await database.script(`drop owned by ${role}; drop role ${role}`);
  await assert.rejects(checkSchema(database), /Run "npm run migrate"/);
  await migrate(database);
  await standsIn(database);
});

test("the embedded database, newer than 15, lets a user that may create roles become its own too", async (t) => {
  const database = await openEmbedded({ directory: "memory", log: silentLogger });
  t.after(() => database.close());
  await database.script("create role app createrole; grant create on database postgres to app");
  await database.script("set session authorization app");
  await migrate(database);
  await standsIn(database);
});
