import assert from "node:assert/strict";
import { before, type TestContext, test } from "node:test";
import { type Kysely, sql } from "kysely";
import type { Database, Transaction } from "#platform/database/database.ts";
import type { DB } from "#platform/database/generated.ts";
import { inReach, type Reach, within } from "#platform/database/reach.ts";
import { testDatabase } from "#test/database.ts";
import { type AnOrganizer, anOrganizer } from "./rows-of-an-organizer.ts";

// A connection that was within a reach goes back to a pool: it must be the owner's again, however that ended.

let database: Database;
let organizer: AnOrganizer;
let reach: Reach;

before(async (t) => {
  database = await testDatabase(t as TestContext);
  organizer = await anOrganizer(database);
  reach = { organizers: [organizer.organizerId], events: [] };
});

interface Standing {
  readonly user: string;
  readonly organizers: string;
  readonly events: number;
}

async function standing(connection: Kysely<DB>): Promise<Standing> {
  const { rows } = await sql<Standing>`
    select case when current_user = session_user then 'owner' else 'management' end as user,
           coalesce(current_setting('tessera.organizers', true), '') as organizers,
           (select count(*)::integer from catalog.event) as events
  `.execute(connection);
  return rows[0] as Standing;
}

const OWNER: Standing = { user: "owner", organizers: "", events: 1 };
const oops = new Error("oops");
const fail = () => Promise.reject(oops);

/** Works in a transaction on one connection, and tells how that connection stands afterwards. */
function after(work: (transaction: Transaction) => Promise<unknown>): Promise<Standing> {
  return database.kysely.connection().execute(async (connection) => {
    const ended = connection.transaction().execute(work);
    await ended.catch((error) => assert.ok(error === oops || error.code === "22012", error));
    return standing(connection);
  });
}

test("after a commit a connection is its owner's again", async () => {
  let meanwhile: Standing | undefined;
  const before = await after((transaction) =>
    within(transaction, reach, async () => {
      meanwhile = await standing(transaction);
    }),
  );
  assert.deepEqual(before, OWNER);
  assert.equal(meanwhile?.user, "management");
  assert.equal(meanwhile?.organizers, `{${organizer.organizerId}}`);
});

test("a transaction that is within a reach from its beginning leaves nothing behind", async () => {
  const seen = await inReach(database, reach, standing);
  assert.equal(seen.user, "management");
  assert.deepEqual(await standing(database.kysely), OWNER);
});

test("after a rollback, and after an error of the database, a connection is its owner's again", async () => {
  assert.deepEqual(await after((transaction) => within(transaction, reach, fail)), OWNER);
  const broken = await after((transaction) =>
    within(transaction, reach, () => sql`select 1 / 0`.execute(transaction)),
  );
  assert.deepEqual(broken, OWNER);
});

test("after the work, the rest of the transaction is the owner's", async () => {
  const seen = await after(async (transaction) => {
    assert.equal(await within(transaction, reach, () => Promise.resolve(7)), 7);
    assert.deepEqual(await standing(transaction), OWNER);
  });
  assert.deepEqual(seen, OWNER);
});

test("rolled back to a savepoint, the transaction is what it was there", async () => {
  await after(async (transaction) => {
    await sql`savepoint here`.execute(transaction);
    await assert.rejects(within(transaction, reach, fail), oops);
    await sql`rollback to savepoint here`.execute(transaction);
    assert.deepEqual(await standing(transaction), OWNER);
  });
});

test("a reach within a reach ends with it", async () => {
  const other = { organizers: [], events: [organizer.eventId] };
  await after((transaction) =>
    within(transaction, reach, async () => {
      const outer = await standing(transaction);
      await within(transaction, other, async () => {
        assert.equal((await standing(transaction)).organizers, "{}");
      });
      assert.deepEqual(await standing(transaction), outer);
    }),
  );
});
