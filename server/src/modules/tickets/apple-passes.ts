import { Worker } from "node:worker_threads";
import { overloaded, Problem } from "#platform/http/problem.ts";
import { type AppleWallet, applePassContent } from "./apple-pass.ts";
import type { PassToSeal, SealedPass } from "./apple-pass-thread.ts";
import type { TicketSheet } from "./ticket-sheet.ts";

/** Two seconds' worth: who waits longer asks again. */
const WAITING_MAX = 64;

/** Makes passes for Apple Wallet. */
export interface ApplePasses {
  /**
   * The ticket's pass, signed: what `.pkpass` files are.
   *
   * @throws `overloaded` when too many wait already.
   */
  passOf(sheet: TicketSheet): Promise<Buffer>;
  /** Passes that are not ready yet are not made any more. */
  close(): Promise<void>;
}

interface Thread {
  readonly worker: Worker;
  readonly waiting: Map<number, PromiseWithResolvers<Buffer>>;
}

/** Signs in a thread of its own, which is there from the first pass on, and keeps no process alive. */
export function createApplePasses(wallet: AppleWallet): ApplePasses {
  let thread: Thread | null = null;
  let asked = 0;

  const theThread = (): Thread => {
    if (thread !== null) return thread;
    const started = startThread(() => {
      if (thread === started) thread = null;
    });
    thread = started;
    return started;
  };
  return {
    async passOf(sheet) {
      const { worker, waiting } = theThread();
      if (waiting.size >= WAITING_MAX) {
        throw new Problem(overloaded, "Too many passes are being made. Ask again.", {}, 1);
      }
      const id = ++asked;
      const sealed = Promise.withResolvers<Buffer>();
      waiting.set(id, sealed);
      worker.ref();
      const content = applePassContent(sheet, wallet);
      worker.postMessage({ id, content, wallet } satisfies PassToSeal);
      return sealed.promise;
    },
    async close() {
      await thread?.worker.terminate();
    },
  };
}

/** @param onEnd once nobody can be answered any more; who waits then gets an error */
function startThread(onEnd: () => void): Thread {
  const worker = new Worker(new URL("./apple-pass-thread.ts", import.meta.url), {
    // The library writes what it does not like of a pass to stderr, and that may be an attendee's name.
    stderr: true,
  });
  const waiting: Thread["waiting"] = new Map();
  let failure = new Error("the thread that signs passes has ended");
  worker.unref();
  worker.on("message", (answer: SealedPass) => {
    const one = waiting.get(answer.id);
    waiting.delete(answer.id);
    if (waiting.size === 0) worker.unref();
    if ("pass" in answer) one?.resolve(Buffer.from(answer.pass));
    else one?.reject(new Error(`a pass cannot be made: ${answer.error}`));
  });
  worker.on("error", (error: Error) => {
    failure = error;
  });
  worker.on("exit", () => {
    onEnd();
    for (const { reject } of waiting.values()) reject(failure);
  });
  return { worker, waiting };
}
