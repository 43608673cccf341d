import type { Kysely, Transaction as KyselyTransaction } from "kysely";
import { isConflict } from "./faults.ts";
import type { DB } from "./generated.ts";
import { assertOutside, whileOpen } from "./open-transaction.ts";

/** A transaction that is open. A function that must join its caller's takes this first. */
export type Transaction = KyselyTransaction<DB>;

/** What a statement can be sent through: the database itself or an open transaction. */
export type Queryable = Kysely<DB> | Transaction;

/**
 * One database, embedded (PGlite) or a PostgreSQL server, seen alike: same SQL, same values
 * (int8 is a number, timestamptz is EpochMs, date and interval are text, jsonb is parsed).
 */
export interface Database {
  readonly embedded: boolean;
  /** Statements run beside this thread: it can go on meanwhile. */
  readonly isElsewhere: boolean;
  /** For statements outside a transaction. Never used inside one: the embedded database refuses that. */
  readonly kysely: Kysely<DB>;
  /**
   * Sends one statement, prepared under `name` where the driver can.
   * Parameters are passed as text; arrays as PostgreSQL array literals.
   */
  prepared<Row>(
    name: string,
    text: string,
    parameters: readonly (string | number | null)[],
  ): Promise<Row[]>;
  /** Runs several statements at once in one transaction: migrations and functions. */
  script(text: string): Promise<void>;
  /** Calls back for each NOTIFY on the channel, again after a lost connection; `onReconnect` tells that some may be missing. */
  listen(
    channel: string,
    onMessage: (payload: string) => void,
    onReconnect?: () => void,
  ): Promise<() => Promise<void>>;
  /** Finishes what runs, then closes. */
  close(): Promise<void>;
}

const ATTEMPTS_MAX = 5;

/**
 * READ COMMITTED, short, no network call inside. Rolls back when `work` throws. A transaction that
 * lost to another one (deadlock, serialization) did nothing and is run again, some times: what
 * `work` does outside of it must bear that.
 */
export async function inTransaction<Result>(
  database: Database,
  work: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  const { kysely } = database;
  assertOutside(kysely);
  for (let attempt = 1; ; attempt++) {
    try {
      return await kysely.transaction().execute((transaction) =>
        // What the database's own statements are looked at for holds for no statement in here.
        whileOpen(kysely, () => work(transaction.withoutPlugins())),
      );
    } catch (error) {
      if (attempt === ATTEMPTS_MAX || !isConflict(error)) throw error;
    }
  }
}
