import assert from "node:assert/strict";
import { before, describe, type TestContext, test } from "node:test";
import { sql } from "kysely";
import { createAudit } from "#modules/organizers/testing.ts";
import { TestClock } from "#platform/clock.ts";
import { type Database, inTransaction, type Queryable } from "#platform/database/database.ts";
import { MANAGEMENT_ROLE } from "#platform/database/management-role.ts";
import { inReach, type Reach } from "#platform/database/reach.ts";
import { testDatabase } from "#test/database.ts";
import { type AnOrganizer, anOrganizer, ownerIn, WALLED_TABLES } from "./rows-of-an-organizer.ts";

// The second wall, table by table: what a management transaction reaches whatever its statements ask for.

const NOTHING: Reach = { organizers: [], events: [] };
/** Of no organizer, and closed to whoever manages events. */
const CLOSED_TABLES = ["payments.provider_record", "payments.webhook"];
const BARRED = /violates row-level security policy/;

let database: Database;
let ours: AnOrganizer;
let theirs: AnOrganizer;
let reach: Reach;

before(async (t) => {
  database = await testDatabase(t as TestContext);
  ours = await anOrganizer(database);
  theirs = await anOrganizer(database);
  reach = { organizers: [ours.organizerId], events: [] };
});

/** Does what is rolled back afterwards. */
async function trying<Result>(
  one: Reach,
  work: (transaction: Queryable) => Promise<Result>,
): Promise<Result> {
  const undo = new Error("enough seen");
  let result: { seen: Result } | undefined;
  const done = inReach(database, one, async (transaction) => {
    result = { seen: await work(transaction) };
    throw undo;
  });
  await assert.rejects(done, (error) => {
    if (error !== undo) throw error;
    return true;
  });
  assert.ok(result);
  return result.seen;
}

async function count(
  queryable: Queryable,
  { name, by }: (typeof WALLED_TABLES)[number],
  whose: AnOrganizer,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from ${sql.raw(name)} where ${sql.ref(by)} = ${ownerIn(whose, by)}::uuid
  `.execute(queryable);
  return rows[0]?.count ?? 0;
}

for (const table of WALLED_TABLES) {
  const { name, by, insert } = table;
  const rows = sql.raw(name);
  const theirRows = () => sql`${sql.ref(by)} = ${ownerIn(theirs, by)}::uuid`;

  describe(name, () => {
    test("negative control: without a reach, both organizers' rows are seen", async () => {
      assert.equal(await count(database.kysely, table, ours), 1);
      assert.equal(await count(database.kysely, table, theirs), 1);
    });

    test("one's own rows are seen and changed, and none of another's", async () => {
      const seen = await trying(reach, async (transaction) => [
        await count(transaction, table, ours),
        await count(transaction, table, theirs),
        (
          await sql`update ${rows} set ${sql.ref(by)} = ${sql.ref(by)} returning 1`.execute(
            transaction,
          )
        ).rows.length,
      ]);
      assert.deepEqual(seen, [1, 0, 1]);
    });

    test("nothing is seen where nothing is in reach", async () => {
      const seen = await trying(NOTHING, async (transaction) => [
        await count(transaction, table, ours),
        await count(transaction, table, theirs),
      ]);
      assert.deepEqual(seen, [0, 0]);
    });

    test("another's rows are not changed and not removed", async () => {
      const seen = await trying(reach, async (transaction) => [
        (
          await sql`update ${rows} set ${sql.ref(by)} = ${sql.ref(by)} where ${theirRows()} returning 1`.execute(
            transaction,
          )
        ).rows,
        (await sql`delete from ${rows} where ${theirRows()} returning 1`.execute(transaction)).rows,
      ]);
      assert.deepEqual(seen, [[], []]);
    });

    test("no row is made for another, and none of one's own is given away", async () => {
      await assert.rejects(
        trying(reach, (transaction) => insert(theirs).execute(transaction)),
        BARRED,
      );
      await assert.rejects(
        trying(reach, (transaction) =>
          sql`update ${rows} set ${sql.ref(by)} = ${ownerIn(theirs, by)}::uuid`.execute(
            transaction,
          ),
        ),
        BARRED,
      );
    });

    test("with an event in reach, what is of it is seen, and nothing of its organizer's or another's", async () => {
      const isOfEvent =
        by !== "organizer_id" || ["catalog.event", "organizers.audit_entry"].includes(name);
      const one = { organizers: [], events: [ours.eventId] };
      const seen = await trying(one, async (transaction) => [
        await count(transaction, table, ours),
        await count(transaction, table, theirs),
      ]);
      assert.deepEqual(seen, [isOfEvent ? 1 : 0, 0]);
    });
  });
}

test("every table that is of an organizer or an event has row security, and is in the table of these tests", async () => {
  const { rows } = await sql<{ name: string; is_walled: boolean; is_open: boolean }>`
    select c.oid::regclass::text as name,
           c.relrowsecurity and exists (select from pg_policy p where p.polrelid = c.oid) as is_walled,
           has_table_privilege(${MANAGEMENT_ROLE}, c.oid, 'select, insert, update, delete, truncate') as is_open
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'v', 'm', 'f')
       and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
       and (n.nspname in ('catalog', 'organizers', 'reservations', 'payments', 'tickets', 'admission')
            or c.relrowsecurity
            or has_table_privilege(${MANAGEMENT_ROLE}, c.oid, 'select, insert, update, delete, truncate'))
     order by 1
  `.execute(database.kysely);
  const walled = WALLED_TABLES.map(({ name }) => ({ name, is_walled: true, is_open: true }));
  const closed = CLOSED_TABLES.map((name) => ({ name, is_walled: false, is_open: false }));
  assert.deepEqual(
    rows,
    [...walled, ...closed].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  );
});

test("a role that says no reach sees nothing, and gets no error for it", async () => {
  const undo = new Error("enough seen");
  const done = inTransaction(database, async (transaction) => {
    await sql`select set_config('role', ${MANAGEMENT_ROLE}, true)`.execute(transaction);
    for (const table of WALLED_TABLES) assert.equal(await count(transaction, table, ours), 0);
    throw undo;
  });
  await assert.rejects(done, undo);
});

test("no table without row security is open to management transactions", async () => {
  const others = ["platform.idempotency", "platform.mail", "accounts.registered_user"];
  for (const name of [...others, ...CLOSED_TABLES]) {
    const read = trying(reach, (transaction) =>
      sql`select from ${sql.raw(name)}`.execute(transaction),
    );
    await assert.rejects(read, /permission denied/);
  }
});

test("nobody writes into the record of another's event, and everybody into that of their own", async () => {
  const audit = createAudit(database, new TestClock());
  const act = { principal: { kind: "server" }, action: "changeEvent" } as const;
  const note = (whose: Pick<AnOrganizer, "organizerId" | "eventId">) =>
    trying(reach, (transaction) => audit.note(transaction, { ...act, ...whose }));
  await note(ours);
  await assert.rejects(note(theirs), BARRED);
  await assert.rejects(note({ ...ours, eventId: theirs.eventId }), BARRED);
  await assert.rejects(note({ ...ours, organizerId: theirs.organizerId }), BARRED);
});

test("only within a reach does a plan look at a policy", async () => {
  const plan = async (queryable: Queryable) => {
    const { rows } = await sql<{ "QUERY PLAN": string }>`
      explain update reservations.pool set held = held where pool_id = ${ours.eventId}::uuid
    `.execute(queryable);
    return rows.map((row) => row["QUERY PLAN"]).join("\n");
  };
  assert.doesNotMatch(await plan(database.kysely), /Filter|SubPlan|InitPlan/);
  assert.match(await trying(reach, plan), /on event /);
});
