import { assert } from "../assert.ts";
import type { Bus } from "../bus/bus.ts";
import type { Clock } from "../clock.ts";
import type { Database, Queryable } from "../database/database.ts";
import type { Logger } from "../logger.ts";
import type { Metrics } from "../metrics.ts";
import { createRounds, type JobHandler, type JobPayload } from "./job-rounds.ts";
import { keepJob } from "./outbox.ts";
import type { Patience } from "./queue.ts";

/** `module.verb` */
export type JobName = `${string}.${string}`;

/** What is done soon after a commit, at least once, whatever is killed meanwhile. */
export interface Jobs {
  /**
   * Keeps a job in the caller's transaction, or by a statement of its own. Done on workers, once that is committed. Not within
   * a reach: its role is let into no table of the platform.
   */
  send(queryable: Queryable, name: JobName, payload: JobPayload): Promise<void>;
  /** Says who does the jobs of a name; before the first round. */
  handle(name: JobName, handler: JobHandler): void;
  /** Does what is due now instead of at the next round; a process that does no jobs tells those that do. Never rejects. */
  wake(): void;
  /**
   * Moves what is kept into the queue and does all that is due, a few at a time. Resolves when nothing is due any more;
   * failed jobs do not make it reject. For workers only.
   */
  work(): Promise<void>;
  /** Resolves when no job is being done. */
  idle(): Promise<void>;
  /** Takes no more jobs; resolves when those under way are finished. */
  close(): Promise<void>;
}

export interface JobsOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly bus: Bus;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, "job">;
  /** False: this process only sends, and never loads the queue. */
  readonly isWorker: boolean;
  readonly patience?: Patience;
}

const CHANNEL = "jobs";

export async function createJobs(options: JobsOptions): Promise<Jobs> {
  const { bus, log, isWorker } = options;
  const handlers = new Map<string, JobHandler>();
  const rounds = createRounds({ ...options, handlers });
  const wake = () => {
    if (!isWorker) void bus.publish(CHANNEL, "due");
    else rounds.work().catch((error) => log.warn({ error }, "jobs wait; they are done later"));
  };
  if (isWorker) await bus.subscribe(CHANNEL, wake, wake);
  return {
    send: (queryable, name, payload) => keepJob(queryable, { name, payload }),
    handle: (name, handler) => {
      assert(!handlers.has(name), "the jobs of a name are done by one handler");
      handlers.set(name, handler);
    },
    wake,
    work: () => {
      assert(isWorker, "jobs are done by workers");
      return rounds.work();
    },
    idle: rounds.idle,
    close: rounds.close,
  };
}
