import { Worker } from "node:worker_threads";
import { Kysely, PGliteDialect } from "kysely";
import type { Logger } from "../logger.ts";
import type { Database } from "./database.ts";
import { type Ask, type FailureText, failureOf, type Said } from "./embedded-messages.ts";
import type { DB } from "./generated.ts";
import { assertOutside, oneSession } from "./open-transaction.ts";

/** EX_SOFTWARE of sysexits.h. */
const EXIT_CODE = 70;

/**
 * The embedded database in a thread of its own: this one goes on serving while a statement runs.
 * Otherwise as {@link openEmbedded}; the process ends with the thread, whatever ended it.
 */
export async function openEmbeddedThread(options: {
  readonly directory: string;
  readonly log: Pick<Logger, "warn" | "error">;
  readonly exit?: (code: number) => never;
  /** An image to start a `memory` database from. */
  readonly loadDataDir?: Blob;
}): Promise<Database> {
  const thread = await startThread(options);
  const lite = asLite(thread);
  const kysely: Kysely<DB> = new Kysely<DB>({
    dialect: new PGliteDialect({ pglite: lite as never }),
    plugins: [oneSession(() => kysely)],
  });
  return {
    embedded: true,
    isElsewhere: true,
    kysely,
    prepared: async (_name, text, parameters) => {
      assertOutside(kysely);
      return thread.ask({ kind: "prepared", text, parameters });
    },
    script: (text) => thread.ask({ kind: "script", text }),
    listen: (channel, onMessage) => thread.listen(channel, onMessage),
    close: () => thread.close(),
  };
}

interface Thread {
  ask<Value>(ask: Ask): Promise<Value>;
  listen(channel: string, onMessage: (payload: string) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

async function startThread({
  log,
  exit = process.exit,
  ...workerData
}: Parameters<typeof openEmbeddedThread>[0]): Promise<Thread> {
  const worker = new Worker(new URL("./embedded-thread.ts", import.meta.url), {
    workerData,
  });
  const waiting = new Map<number, Waiting>();
  const listeners = new Map<number, (payload: string) => void>();
  let asked = 0;
  let isClosing = false;
  let closing: Promise<void> | undefined;
  const gone = Promise.withResolvers<void>();

  const take = (id: number): Waiting | undefined => {
    const one = waiting.get(id);
    waiting.delete(id);
    return one;
  };
  worker.on("message", (said: Said) => {
    switch (said.kind) {
      case "answer":
        take(said.id)?.resolve(said.value as never);
        break;
      case "failure":
        take(said.id)?.reject(failureOf(said.error));
        break;
      case "notification":
        listeners.get(said.listener)?.(said.payload);
        break;
      case "log":
        log[said.level](revived(said.fields), said.message);
        break;
      case "end":
        isClosing = true;
        void worker.terminate();
        exit(said.code);
    }
  });
  const opened = new Promise<null>((resolve, reject) => waiting.set(0, { resolve, reject }));
  let isOpen = false;
  worker.on("error", (error: Error) => {
    if (!isOpen) {
      take(0)?.reject(error);
      return;
    }
    log.error({ error }, "The thread of the embedded database has failed.");
    exit(EXIT_CODE);
  });
  let isGone = false;
  worker.on("exit", () => {
    isGone = true;
    gone.resolve();
    for (const [id] of [...waiting]) take(id)?.reject(closed());
    if (!isOpen || isClosing) return;
    log.error({}, "The thread of the embedded database has ended.");
    exit(EXIT_CODE);
  });
  await opened;
  isOpen = true;

  const ask = <Value>(what: Ask): Promise<Value> => {
    // What has begun is finished, also while it is closed.
    const isNew = what.kind !== "end" && (what.kind !== "query" || what.transaction === null);
    if (isGone || (isClosing && isNew)) return Promise.reject(closed());
    const { promise, resolve, reject } = Promise.withResolvers<Value>();
    const id = ++asked;
    waiting.set(id, { resolve, reject });
    try {
      worker.postMessage({ id, ask: what });
    } catch (error) {
      take(id)?.reject(error as Error); // a parameter that cannot be sent
    }
    return promise;
  };
  return {
    ask,
    listen: listenThrough(ask, listeners),
    close: () => {
      closing ??= ask({ kind: "close" }).then(() => gone.promise);
      isClosing = true;
      return closing;
    },
  };
}

function listenThrough(
  ask: Thread["ask"],
  listeners: Map<number, (payload: string) => void>,
): Thread["listen"] {
  let listened = 0;
  return async (channel, onMessage) => {
    const listener = ++listened;
    listeners.set(listener, onMessage);
    try {
      await ask({ kind: "listen", listener, channel });
    } catch (error) {
      listeners.delete(listener);
      throw error;
    }
    return async () => {
      listeners.delete(listener);
      // Nobody hears it any more; a thread that is closed needs not be told.
      await ask({ kind: "unlisten", listener }).catch(() => undefined);
    };
  };
}

/** What Kysely's dialect asks of PGlite. */
function asLite(thread: Thread) {
  let begun = 0;
  const query = (transaction: number | null) => (text: string, parameters: readonly unknown[]) =>
    thread.ask({ kind: "query", text, parameters, transaction });
  return {
    ready: true,
    closed: false,
    query: query(null),
    close: () => thread.close(),
    transaction: async (work: (transaction: object) => Promise<void>): Promise<void> => {
      const transaction = ++begun;
      try {
        await thread.ask({ kind: "begin", transaction });
      } catch (error) {
        // Kysely hears of what happens in a transaction only, so there it has to fail.
        await work({ query: () => Promise.reject(error) });
        throw error;
      }
      try {
        await work({ query: query(transaction) });
      } catch (error) {
        await thread.ask({ kind: "end", transaction, commit: false }).catch(() => undefined);
        throw error;
      }
      await thread.ask({ kind: "end", transaction, commit: true });
    },
  };
}

function closed(): Error {
  return new Error("PGlite is closed");
}

function revived(fields: Readonly<Record<string, unknown>>): object {
  const { error } = fields;
  return error === undefined ? fields : { ...fields, error: failureOf(error as FailureText) };
}
