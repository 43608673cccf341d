import type { Logger } from "../logger.ts";

/** Something that is due again and again. */
export interface Periodic {
  readonly name: string;
  /** Runs it now, after a run that is under way. Rejects as the work does. */
  runNow(): Promise<void>;
  /** No further run begins; resolves when the last one is finished. */
  stop(): Promise<void>;
}

/**
 * Runs `run` every so often, never twice at once. A failed run is logged and the next one comes at
 * its time: whatever runs here goes on from the state it finds, in any number of processes.
 */
export function periodic(options: {
  readonly name: string;
  readonly everySeconds: number;
  readonly run: () => Promise<unknown>;
  readonly log: Pick<Logger, "error">;
}): Periodic {
  let running: Promise<unknown> = Promise.resolve();
  const once = () => {
    const next = running.then(options.run, options.run);
    running = next.catch(() => {});
    return next;
  };
  let idle = true;
  const timer = setInterval(() => {
    if (!idle) return;
    idle = false;
    once()
      .catch((error) => options.log.error({ error, task: options.name }, "a periodic task failed"))
      .finally(() => {
        idle = true;
      });
  }, options.everySeconds * 1000);
  timer.unref();
  return {
    name: options.name,
    runNow: async () => void (await once()),
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
