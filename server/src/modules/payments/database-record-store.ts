import { sql } from "kysely";
import { assert } from "#platform/assert.ts";
import { type Database, inTransaction, type Queryable } from "#platform/database/database.ts";
import {
  QUEUED_MAX,
  type RecordQueue,
  type RecordStore,
  TAKEN_AT_ONCE_MAX,
  type Waiting,
} from "./record-store.ts";

// Every statement about what providers keep.

/** Whose records they are: two never see each other's. */
export type RecordOwner = "test" | "test_webhook" | "offline";

/** Kept in the database, for all processes: concurrent changes of a value come one after the other, and none is lost. */
export function createDatabaseStore<Value>(
  database: Database,
  owner: RecordOwner,
): RecordStore<Value> {
  const store = recordsOf<Value>(owner);
  return {
    read: (key) => store.read(database.kysely, key),
    change: (key, change) =>
      inTransaction(database, async (transaction) => {
        const before = await store.lock(transaction, key);
        if (before === undefined) {
          const first = change(undefined);
          if (await store.insert(transaction, key, first)) return first;
        }
        // Nobody takes a record away: one that could not be inserted is there.
        const present = before ?? (await store.lock(transaction, key));
        assert(present !== undefined, "a record that is there stays there");
        const after = change(present);
        if (after !== present) await store.replace(transaction, key, after);
        return after;
      }),
  };
}

function recordsOf<Value>(owner: RecordOwner) {
  return {
    async read(queryable: Queryable, key: string): Promise<Value | undefined> {
      const { rows } = await sql<{ value: Value }>`
        select value
          from payments.provider_record
         where provider = ${owner} and key = ${key}
      `.execute(queryable);
      return rows[0]?.value;
    },
    async lock(queryable: Queryable, key: string): Promise<Value | undefined> {
      const { rows } = await sql<{ value: Value }>`
        select value
          from payments.provider_record
         where provider = ${owner} and key = ${key}
           for update
      `.execute(queryable);
      return rows[0]?.value;
    },
    /** False: another one was faster, and its record is there for all to see. */
    async insert(queryable: Queryable, key: string, value: Value): Promise<boolean> {
      const { rows } = await sql`
        insert into payments.provider_record (provider, key, value)
        values (${owner}, ${key}, ${JSON.stringify(value)}::text::jsonb)
            on conflict on constraint provider_record_key do nothing
        returning key
      `.execute(queryable);
      return rows.length === 1;
    },
    async replace(queryable: Queryable, key: string, value: Value): Promise<void> {
      await sql`
        update payments.provider_record
           set value = ${JSON.stringify(value)}::text::jsonb
         where provider = ${owner} and key = ${key}
      `.execute(queryable);
    },
  };
}

/** After how many values of its own a process looks whether there are too many. */
const TRIMMED_EVERY = 500;

/** Kept in the database, for all processes: what one takes, no other is handed. */
export function createDatabaseQueue<Value extends Waiting>(
  { kysely }: Database,
  owner: RecordOwner,
): RecordQueue<Value> {
  const store = recordsOf<Value>(owner);
  let added = 0;
  return {
    async add(key, value) {
      await store.insert(kysely, key, value);
      // The first counts, too: a process that is started again and again trims as well.
      if (added++ % TRIMMED_EVERY === 0) await trim(kysely, owner);
    },
    async take(due) {
      const { rows } = await sql<{ key: string; value: Value }>`
        with taken as materialized (
          select key
            from payments.provider_record
           where provider = ${owner} and (value ->> 'at')::bigint <= ${due}
           order by key
           limit ${TAKEN_AT_ONCE_MAX}
             for update skip locked
        )
        delete from payments.provider_record r
         using taken
         where r.provider = ${owner} and r.key = taken.key
        returning r.key, r.value
      `.execute(kysely);
      return rows.toSorted((a, b) => (a.key < b.key ? -1 : 1)).map(({ value }) => value);
    },
  };
}

/** Lets go of the oldest where there are too many. */
async function trim(queryable: Queryable, owner: RecordOwner): Promise<void> {
  await sql`
    delete from payments.provider_record
     where provider = ${owner}
       and key <= (
         select key
           from payments.provider_record
          where provider = ${owner}
          order by key desc
         offset ${QUEUED_MAX}
          limit 1
       )
  `.execute(queryable);
}
