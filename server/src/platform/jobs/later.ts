import { overloaded, Problem } from "../http/problem.ts";
import type { Logger } from "../logger.ts";

/** Work that is done after its request is answered, so that its time tells nobody anything. */
export interface Later {
  /** @throws `overloaded` when too much waits already. */
  run(work: () => Promise<unknown>): void;
  /** Resolves when nothing is left to do. */
  idle(): Promise<void>;
}

/** One thing after the other; what fails is logged. What waits when the process is killed is lost. */
export function createLater({
  waitingMax,
  log,
}: {
  readonly waitingMax: number;
  readonly log: Pick<Logger, "error">;
}): Later {
  let waiting = 0;
  let running: Promise<unknown> = Promise.resolve();
  return {
    run: (work) => {
      if (waiting >= waitingMax) {
        throw new Problem(overloaded, "Too many such requests wait. Try again.", {}, 2);
      }
      waiting++;
      running = running
        .then(work)
        .catch((error) => log.error({ error }, "what was to be done after an answer failed"))
        .finally(() => {
          waiting--;
        });
    },
    idle: async () => void (await running),
  };
}
