import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { SERVE_COMMAND } from "../scripts/setup/serve-command.mjs";
import type { EchoAnswer } from "./echo-server.ts";
import type { DatabaseKind } from "./measurement.ts";
import { type RunningServer, startServer } from "./running-server.ts";
import { newStorage, type Storage } from "./storage.ts";

/** Where one measurement takes place. Everything it starts or makes is gone when it is cleared. */
export interface Stage {
  readonly database: DatabaseKind;
  /** Rounds that are counted; the warm-up comes before them as round 0. */
  readonly rounds: number;
  /** Reservations that (j) stores beforehand. */
  readonly preload: number;
  readonly directory: string;
  newStorage(): Promise<Storage>;
  /** The product as it is shipped, on a free port. */
  startTessera(storage: Storage): Promise<RunningServer>;
  startEcho(answer: EchoAnswer): Promise<RunningServer>;
  /** What people write by hand, answering as `answer` does. */
  startNaive(storage: Storage, answer: EchoAnswer): Promise<RunningServer>;
  /** Asked again, it waits for the same end. */
  clear(): Promise<void>;
}

const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const LISTENS = /listening on (\d+)/;

export async function openStage(options: {
  readonly database: DatabaseKind;
  readonly rounds: number;
  readonly preload: number;
}): Promise<Stage> {
  const stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), "tessera-bench-"));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const secret = randomUUID().replaceAll("-", "").repeat(2);
  let started = 0;
  let cleared: Promise<void> | undefined;
  const start = async (wanted: Omit<Parameters<typeof startServer>[0], "logFile">) => {
    started++;
    const logFile = join(directory, `${wanted.name}-${started}.log`);
    const server = await startServer({ ...wanted, logFile });
    await undoLater(stack, server.stop);
    return server;
  };
  const answerFile = async (answer: EchoAnswer) => {
    const file = join(directory, `answer-${randomUUID()}.json`);
    await writeFile(file, JSON.stringify(answer));
    return file;
  };
  return {
    ...options,
    directory,
    newStorage: async () => {
      const storage = await newStorage(options.database);
      await undoLater(stack, storage.remove);
      return storage;
    },
    startTessera: (storage) =>
      start({
        name: "tessera",
        command: SERVE_COMMAND,
        environment: {
          PORT: "0",
          SECRET_KEY: secret,
          // The bench makes its events without an account; everything else is as shipped.
          ANONYMOUS_EVENTS: "on",
          ...storage.environment,
        },
        isUp: /Tessera is up: http:\/\/[^:]+:(\d+)/,
      }),
    startEcho: async (answer) =>
      start({
        name: "echo",
        command: [pathOf("./echo-server.ts"), await answerFile(answer)],
        isUp: LISTENS,
      }),
    startNaive: async (storage, answer) =>
      start({
        name: "naive",
        command: [pathOf("./naive-server.ts"), await answerFile(answer)],
        environment: storage.environment,
        isUp: LISTENS,
      }),
    clear: () => {
      cleared ??= stack.disposeAsync();
      return cleared;
    },
  };
}

/** Undoes it when the stage is cleared, or at once where it has been cleared meanwhile. */
async function undoLater(stack: AsyncDisposableStack, undo: () => Promise<void>): Promise<void> {
  if (!stack.disposed) {
    stack.defer(undo);
    return;
  }
  await undo();
  throw new Error("The stage was cleared while it was being set.");
}
