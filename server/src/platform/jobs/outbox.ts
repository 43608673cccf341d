import { sql } from "kysely";
import { plainArray } from "../database/arrays.ts";
import type { Database, Queryable } from "../database/database.ts";

/** A job that a transaction has kept and that is not in the queue yet. */
export interface KeptJob {
  readonly id: string;
  readonly name: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** As part of the caller's transaction. Functions of the database insert such rows themselves. */
export async function keepJob(
  queryable: Queryable,
  { name, payload }: Omit<KeptJob, "id">,
): Promise<void> {
  await sql`
    insert into platform.outbox (name, payload)
    values (${name}, ${JSON.stringify(payload)}::text::jsonb)
  `.execute(queryable);
}

/** The oldest that are committed. They stay until they are dropped, so others may read the same. */
export async function readKept(database: Database, countMax: number): Promise<readonly KeptJob[]> {
  const { rows } = await sql<KeptJob>`
    select id, name, payload
      from platform.outbox
     order by kept_at, id
     limit ${countMax}
  `.execute(database.kysely);
  return rows;
}

/** Drops what is in the queue now. Rows that another process is dropping are left to it. */
export async function dropKept(database: Database, jobs: readonly KeptJob[]): Promise<void> {
  await sql`
    delete from platform.outbox
     where id in (
             select id
               from platform.outbox
              where id = any (${plainArray(jobs.map(({ id }) => id))}::uuid[])
                for update skip locked
           )
  `.execute(database.kysely);
}
