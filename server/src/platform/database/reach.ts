import { type RawBuilder, sql } from "kysely";
import { assert } from "../assert.ts";
import type { Id } from "../id.ts";
import { plainArray } from "./arrays.ts";
import { type Database, inTransaction, type Transaction } from "./database.ts";
import { MANAGEMENT_ROLE } from "./management-role.ts";

/** Whose rows a management transaction can see and write. What is not named is not there for it. */
export interface Reach {
  /** All that is these organizers'. */
  readonly organizers: readonly Id<"org">[];
  /** These events and all that is of them. */
  readonly events: readonly Id<"evt">[];
}

interface Setting {
  readonly role: string | RawBuilder<string>;
  readonly organizers: string;
  readonly events: string;
  readonly jit: string;
}

/**
 * Does the work as a role that row security keeps to the reach, whatever the statements ask for, and
 * that no table is open to but those with row security. Afterwards, or when the transaction or the
 * savepoint around it is rolled back, the transaction is what it was before. Who catches what the work
 * throws rolls back.
 */
export async function within<Result>(
  transaction: Transaction,
  reach: Reach,
  work: () => Promise<Result>,
): Promise<Result> {
  const before = await become(transaction, settingOf(reach));
  const result = await work();
  await become(transaction, before);
  return result;
}

/** Does the work so in a transaction of its own. */
export function inReach<Result>(
  database: Database,
  reach: Reach,
  work: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  return inTransaction(database, async (transaction) => {
    // Its end is the end of the reach.
    await become(transaction, settingOf(reach));
    return work(transaction);
  });
}

function settingOf({ organizers, events }: Reach): Setting {
  return {
    role: MANAGEMENT_ROLE,
    organizers: plainArray(organizers),
    events: plainArray(events),
    // What a policy costs is overrated: compiling the statement would take longer than running it.
    jit: "off",
  };
}

/** Sets all of it until the transaction ends; gives what they were. */
async function become(
  transaction: Transaction,
  { role, organizers, events, jit }: Setting,
): Promise<Setting> {
  const { rows } = await sql<Setting>`
    with before as materialized (
      select current_setting('role') as role,
             coalesce(current_setting('tessera.organizers', true), '') as organizers,
             coalesce(current_setting('tessera.events', true), '') as events,
             current_setting('jit') as jit
    )
    select before.*,
           set_config('tessera.organizers', ${organizers}, true),
           set_config('tessera.events', ${events}, true),
           set_config('jit', ${jit}, true),
           set_config('role', ${role}, true)
      from before
  `.execute(transaction);
  const [before] = rows;
  assert(before !== undefined, "a statement without a table has a row");
  return before;
}
