import { sql } from "kysely";
import type { Queryable } from "#platform/database/database.ts";

/** Resolves when so many sessions of the transaction's database wait for a lock. */
export async function untilWaiting(transaction: Queryable, sessions: number): Promise<void> {
  for (let waiting = 0; waiting < sessions; ) {
    const { rows } = await sql<{ waiting: number }>`
      select count(*) as waiting from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock'
    `.execute(transaction);
    waiting = rows[0]?.waiting ?? 0;
    await sql`select pg_stat_clear_snapshot()`.execute(transaction);
  }
}
