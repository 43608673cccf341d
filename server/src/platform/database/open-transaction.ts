import { AsyncLocalStorage } from "node:async_hooks";
import type { KyselyPlugin } from "kysely";
import { assert } from "../assert.ts";

/** A transaction that this piece of work is done in. What outlives it finds it closed. */
interface OpenTransaction {
  readonly kysely: object;
  isOpen: boolean;
}

const current = new AsyncLocalStorage<OpenTransaction>();

/** Does the work as part of an open transaction of that database. */
export async function whileOpen<Result>(
  kysely: object,
  work: () => Promise<Result>,
): Promise<Result> {
  const transaction = { kysely, isOpen: true };
  try {
    return await current.run(transaction, work);
  } finally {
    transaction.isOpen = false;
  }
}

/**
 * Fails where work in a transaction asks the database itself: with one session that would wait for the
 * transaction to end, which waits for it.
 */
export function assertOutside(kysely: object): void {
  const transaction = current.getStore();
  assert(
    transaction === undefined || !transaction.isOpen || transaction.kysely !== kysely,
    "what is done in a transaction goes through the transaction",
  );
}

/** For a database with one session: its own statements say so instead of waiting for ever. */
export function oneSession(kysely: () => object): KyselyPlugin {
  return {
    transformQuery: ({ node }) => {
      assertOutside(kysely());
      return node;
    },
    transformResult: ({ result }) => Promise.resolve(result),
  };
}
