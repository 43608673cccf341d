import { AsyncLocalStorage } from "node:async_hooks";
import type { Clock } from "../clock.ts";
import type { Database } from "../database/database.ts";
import type { Logger } from "../logger.ts";
import type { Metrics } from "../metrics.ts";
import { dropKept, readKept } from "./outbox.ts";
import { createJobQueue, type JobQueue, type Patience, type TakenJob } from "./queue.ts";

export type JobPayload = Readonly<Record<string, unknown>>;

/**
 * Does a job. It may be called again for the same job, also after it was done: a repeat must do no harm. It is to stop
 * soon after the signal; from then on its attempt counts as failed, and another process may try.
 */
export type JobHandler = (payload: JobPayload, signal: AbortSignal) => Promise<unknown>;

export interface RoundsOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, "job">;
  readonly handlers: ReadonlyMap<string, JobHandler>;
  readonly patience?: Patience;
}

export interface Rounds {
  /** Resolves when nothing is due any more that was sent before this call. */
  work(): Promise<void>;
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** Some twenty minutes, then somebody is to look. */
const PATIENCE: Patience = {
  retriesMax: 10,
  retrySeconds: 1,
  retrySecondsMax: 600,
  handlerSecondsMax: 25,
};
const JOBS_AT_ONCE = 4;
const MOVED_AT_ONCE = 500;
/** While jobs are being done, what was sent meanwhile is looked for so often. */
const LOOK_AGAIN_MS = 1_000;
const UPKEEP_EVERY_MS = 20_000;

/** One round at a time: whoever wants one while one is under way makes it look once more. */
export function createRounds(given: RoundsOptions): Rounds {
  const options = { patience: PATIENCE, ...given };
  const { database, clock, patience } = options;
  const queue = createJobQueue(database, patience);
  // A round is nobody's request, whoever wanted it: not in its transaction, not in its log.
  const outside = AsyncLocalStorage.snapshot();
  const doing = new Set<Promise<void>>();
  let round: Promise<void> | null = null;
  let wanted = Promise.withResolvers<void>();
  let isWanted = false;
  let isClosing = false;
  let keptUpAt = Number.NEGATIVE_INFINITY;

  const start = (job: TakenJob) => {
    const one = doJob(job, queue, options).finally(() => doing.delete(one));
    doing.add(one);
  };
  /** False when there may be more to do at once. */
  const step = async (): Promise<boolean> => {
    if (clock.now() - keptUpAt >= UPKEEP_EVERY_MS) {
      await keepUp(queue, options);
      keptUpAt = clock.now();
    }
    const moved = await moveKept(database, queue);
    const free = JOBS_AT_ONCE - doing.size;
    const taken = free > 0 ? await queue.take(free) : [];
    for (const job of taken) start(job);
    return moved < MOVED_AT_ONCE;
  };
  const doRound = async () => {
    // Let whoever wants it have the promise first.
    await Promise.resolve();
    try {
      for (;;) {
        isWanted = false;
        wanted = Promise.withResolvers();
        const isAll = isClosing || (await step());
        if (!isAll || isWanted) continue;
        if (doing.size === 0) return;
        await oneOf([...doing, wanted.promise], LOOK_AGAIN_MS);
      }
    } finally {
      round = null;
    }
  };
  const idle = async () => {
    while (round !== null || doing.size > 0) await Promise.allSettled([round, ...doing]);
  };
  return {
    work: () => {
      if (isClosing) return idle();
      isWanted = true;
      wanted.resolve();
      round ??= outside(doRound);
      return round;
    },
    idle,
    close: () => {
      isClosing = true;
      wanted.resolve();
      return idle();
    },
  };
}

/** Not in one transaction: what is moved twice, because this process died in between, is one job by its id. */
async function moveKept(database: Database, queue: JobQueue): Promise<number> {
  const kept = await readKept(database, MOVED_AT_ONCE);
  if (kept.length === 0) return 0;
  await queue.add(kept);
  await dropKept(database, kept);
  return kept.length;
}

async function keepUp(queue: JobQueue, options: RoundsOptions): Promise<void> {
  for (const job of await queue.endLost()) {
    noteFailure(job, new Error("its process was killed or took too long"), options);
  }
  await queue.forget();
}

/** Never rejects: what cannot be said to the queue is found when the attempt's time is over. */
async function doJob(
  job: TakenJob,
  queue: JobQueue,
  options: Required<RoundsOptions>,
): Promise<void> {
  try {
    try {
      await handled(options.handlers.get(job.name), job, options.patience);
    } catch (error) {
      // Before the queue knows: killed in between, it is said twice rather than never.
      noteFailure(job, error, options);
      await queue.failed(job, error);
      return;
    }
    await queue.done(job);
    options.metrics.job(job.name, "done");
  } catch (error) {
    const fields = { jobId: job.id, job: job.name, error };
    options.log.warn(fields, "what came of a job could not be kept; it is tried again");
  }
}

function noteFailure(job: TakenJob, error: unknown, { handlers, log, metrics }: RoundsOptions) {
  const { id: jobId, name, attempt, isLastAttempt } = job;
  const fields = { jobId, job: name, attempt, error };
  metrics.job(name, isLastAttempt ? "given_up" : "failed");
  if (isLastAttempt) log.error(fields, "a job was given up; it is kept as failed");
  // Somebody must act, unless a process of another version knows it.
  else if (!handlers.has(name)) log.error(fields, "a job has no handler here; it is tried again");
  else log.warn(fields, "a job failed; it is tried again");
}

async function handled(
  handler: JobHandler | undefined,
  job: TakenJob,
  { handlerSecondsMax }: Patience,
): Promise<void> {
  if (handler === undefined) throw new Error(`nobody handles ${job.name}`);
  const over = new AbortController();
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = new Error(`it took longer than ${handlerSecondsMax} seconds`);
    over.abort(error);
    reject(error);
  }, handlerSecondsMax * 1000);
  try {
    await Promise.race([handler(job.payload, over.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves with the first of them, or after so long. None of them rejects. */
async function oneOf(promises: readonly Promise<void>[], timeoutMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, timeoutMs);
  try {
    await Promise.race([promise, ...promises]);
  } finally {
    clearTimeout(timer);
  }
}
