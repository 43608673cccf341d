import { CompiledQuery } from "kysely";
import type { Db, PgBoss } from "pg-boss";
import type { Database } from "../database/database.ts";
import { codeOf } from "../database/faults.ts";
import { assertOutside } from "../database/open-transaction.ts";
import type { KeptJob } from "./outbox.ts";

/** How often and how long a job is tried before it is kept as failed. */
export interface Patience {
  /** Attempts after the first. */
  readonly retriesMax: number;
  /** Before the first retry; doubles with each, with some chance in it. 0: at once, each time. */
  readonly retrySeconds: number;
  readonly retrySecondsMax: number;
  /** How long a handler may take. Less than the queue gives an attempt, and than a process waits when it stops. */
  readonly handlerSecondsMax: number;
}

/** A job that this process has and no other, until its attempt is over or a minute has passed. */
export interface TakenJob extends KeptJob {
  /** From 1. */
  readonly attempt: number;
  readonly isLastAttempt: boolean;
}

/** What waits to be done. Its time is the database's own, not shifted by a clock of tests. */
export interface JobQueue {
  /** Adds jobs under their ids: those that were added already, or are done, are not added again. */
  add(jobs: readonly KeptJob[]): Promise<void>;
  /** Takes jobs that are due. Two processes never take the same. */
  take(countMax: number): Promise<readonly TakenJob[]>;
  /** Says that it is done. What is said after the attempt's time does nothing, here and below. */
  done(job: TakenJob): Promise<void>;
  /** Says that the attempt failed: it is tried again later, or kept as failed if it was the last. */
  failed(job: TakenJob, failure: unknown): Promise<void>;
  /** Ends attempts whose time is over, as those of a process that was killed; gives those it ended. */
  endLost(): Promise<readonly TakenJob[]>;
  /** Forgets jobs that are done, and failed ones after months. */
  forget(): Promise<void>;
}

const QUEUE = "jobs";
/** As long as a process may have a job; then another one takes it. */
const ATTEMPT_SECONDS = 60;
/** For so long a repeated `add` finds that a job is done. */
const DONE_KEPT_HOURS = 1;
const FAILED_KEPT_DAYS = 90;

const ANY_DUE = `
  select exists (
           select
             from pgboss.job_common
            where name = '${QUEUE}' and state < 'active' and not blocked and start_after <= clock_timestamp()
         ) as is_due`;

const LOST = `
  select id,
         data ->> 'name' as name,
         data -> 'payload' as payload,
         retry_count + 1 as attempt,
         retry_count >= retry_limit as "isLastAttempt"
    from pgboss.job_common
   where name = '${QUEUE}' and state = 'active'
     and started_on + expire_seconds * interval '1 second' < clock_timestamp()`;

const FORGET = `
  delete from pgboss.job_common
   where name = '${QUEUE}'
     and (state = 'completed' and completed_on < clock_timestamp() - interval '${DONE_KEPT_HOURS} hours'
          or state = 'failed' and completed_on < clock_timestamp() - interval '${FAILED_KEPT_DAYS} days')`;

/**
 * The queue, in pg-boss's tables. pg-boss is a library of statements here: it is never started, so it has no timers, no
 * connections and no upkeep of its own, and it is loaded by the first job. Fails inside a transaction of ours.
 */
export function createJobQueue(database: Database, patience: Patience): JobQueue {
  const options = optionsOf(patience);
  let loading: Promise<PgBoss> | undefined;
  const boss = () => {
    loading ??= openBoss(database);
    return loading;
  };
  const settle = async ({ id, attempt }: TakenJob, failure: unknown): Promise<boolean> => {
    // Of this attempt only: another one may be under way if this took too long.
    const ours = { id, retryCount: attempt - 1 };
    const queue = await boss();
    const answer =
      failure === undefined
        ? await queue.complete(QUEUE, ours)
        : await queue.fail(QUEUE, ours, describe(failure));
    // Its types keep this to themselves.
    return (answer as { affected?: number }).affected !== 0;
  };
  return {
    add: async (jobs) => {
      const queue = await boss();
      await queue.insert(
        QUEUE,
        jobs.map(({ id, name, payload }) => ({ id, data: { name, payload }, ...options })),
      );
    },
    take: async (countMax) => {
      if (loading === undefined && !(await isAnyDue(database))) return [];
      const queue = await boss();
      const jobs = await queue.fetch<Pick<KeptJob, "name" | "payload">>(QUEUE, {
        batchSize: countMax,
        includeMetadata: true,
      });
      return jobs.map(({ id, data, retryCount, retryLimit }) => ({
        id,
        name: data.name,
        payload: data.payload,
        attempt: retryCount + 1,
        isLastAttempt: retryCount >= retryLimit,
      }));
    },
    done: async (job) => void (await settle(job, undefined)),
    failed: async (job, failure) => void (await settle(job, failure)),
    endLost: async () => {
      const ended: TakenJob[] = [];
      for (const job of await database.prepared<TakenJob>("jobs_lost", LOST, [])) {
        if (await settle(job, new Error("its time was over"))) ended.push(job);
      }
      return ended;
    },
    forget: async () => {
      await database.prepared("jobs_forget", FORGET, []);
    },
  };
}

async function isAnyDue(database: Database): Promise<boolean> {
  const [found] = await database.prepared<{ is_due: boolean }>("jobs_due", ANY_DUE, []);
  return found?.is_due === true;
}

async function openBoss(database: Database): Promise<PgBoss> {
  const { PgBoss } = await import("pg-boss");
  return new PgBoss({
    db: throughOurs(database),
    backend: database.embedded ? "pglite" : "postgres",
    // What start() would do, which nobody calls.
    migrate: false,
    createSchema: false,
    supervise: false,
    schedule: false,
  });
}

/** What pg-boss sends statements through. Those that this file uses are one statement each. */
export function throughOurs({ kysely }: Database): Db {
  return {
    executeSql: async (text, values = []) => {
      assertOutside(kysely);
      const { rows } = await kysely.executeQuery(CompiledQuery.raw(text, [...values]));
      return { rows };
    },
  };
}

function optionsOf({ retriesMax, retrySeconds, retrySecondsMax }: Patience) {
  return {
    retryLimit: retriesMax,
    retryDelay: retrySeconds,
    retryBackoff: retrySeconds > 0,
    retryDelayMax: retrySecondsMax,
    expireInSeconds: ATTEMPT_SECONDS,
  };
}

/** What is kept with a failed job: not the error's own members, which may hold a row. */
function describe(failure: unknown): object {
  if (!(failure instanceof Error)) return { message: String(failure) };
  const code = codeOf(failure);
  return { message: failure.message, ...(code !== undefined && { code }) };
}
