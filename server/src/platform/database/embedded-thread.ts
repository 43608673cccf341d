import { parentPort, workerData } from "node:worker_threads";
import type { Transaction as LiteTransaction } from "@electric-sql/pglite";
import { assert } from "../assert.ts";
import { type EmbeddedDatabase, type EmbeddedOptions, openEmbedded } from "./embedded.ts";
import { type Ask, failureText, type Question, type Said } from "./embedded-messages.ts";

// The embedded database's own thread: what it is asked, it does; see embedded-client.ts for who asks.

const port = parentPort;
assert(port !== null, "this file is a thread's");
const say = (said: Said) => port.postMessage(said);
const log = (level: "warn" | "error") => (fields: object, message: string) =>
  say({ kind: "log", level, fields: loggable(fields), message });

/** Transactions that are open: what is asked in one, and how to end it. */
const transactions = new Map<
  number,
  {
    readonly transaction: LiteTransaction;
    readonly end: PromiseWithResolvers<void>;
    readonly ended: Promise<void>;
  }
>();
const listeners = new Map<number, () => Promise<void>>();

const database = await openEmbedded({
  ...(workerData as Pick<EmbeddedOptions, "directory" | "loadDataDir">),
  log: { warn: log("warn"), error: log("error") },
  exit: (code) => {
    say({ kind: "end", code });
    // What was said is heard; nothing else may be done here meanwhile.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    throw new Error("the process has ended");
  },
});

port.on("message", async ({ id, ask }: Question) => {
  try {
    say({ kind: "answer", id, value: await doWhatIsAsked(database, ask) });
  } catch (error) {
    say({ kind: "failure", id, error: failureText(error) });
  }
  if (ask.kind === "close") port.close();
});
say({ kind: "answer", id: 0, value: null });

async function doWhatIsAsked({ lite, ...to }: EmbeddedDatabase, ask: Ask): Promise<unknown> {
  switch (ask.kind) {
    case "prepared":
      return to.prepared("", ask.text, ask.parameters);
    case "query": {
      const { text, parameters, transaction } = ask;
      const through = transaction === null ? lite : transactions.get(transaction)?.transaction;
      assert(through !== undefined, "a statement is of an open transaction");
      const { rows, affectedRows } = await through.query(text, [...parameters]);
      return { rows, affectedRows };
    }
    case "begin":
      return begin(ask.transaction);
    case "end":
      return end(ask.transaction, ask.commit);
    case "script":
      return to.script(ask.text);
    case "listen": {
      const { listener, channel } = ask;
      const notify = (payload: string) => say({ kind: "notification", listener, payload });
      listeners.set(listener, await to.listen(channel, notify));
      return null;
    }
    case "unlisten":
      await listeners.get(ask.listener)?.();
      listeners.delete(ask.listener);
      return null;
    case "close":
      await to.close();
      return null;
  }
}

/** Resolves when it is this transaction's turn. */
async function begin(id: number): Promise<null> {
  const begun = Promise.withResolvers<LiteTransaction>();
  const end = Promise.withResolvers<void>();
  const ended = database.lite.transaction(async (transaction) => {
    begun.resolve(transaction);
    await end.promise;
  });
  ended.catch(begun.reject);
  transactions.set(id, { transaction: await begun.promise, end, ended });
  return null;
}

async function end(id: number, commit: boolean): Promise<null> {
  const open = transactions.get(id);
  assert(open !== undefined, "a transaction is ended once");
  transactions.delete(id);
  if (commit) {
    open.end.resolve();
    await open.ended;
  } else {
    open.end.reject(new Error("rolled back"));
    await open.ended.catch(() => undefined);
  }
  return null;
}

/** Errors lose what they are when they cross, and some things do not cross at all: the log wants their text. */
function loggable(fields: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      if (value instanceof Error) return [name, failureText(value)];
      return [name, typeof value === "number" ? value : String(value)];
    }),
  );
}
