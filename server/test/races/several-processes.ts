import type { TestContext } from "node:test";
import { createStock, type Stock } from "#modules/reservations/testing.ts";
import { TestClock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import { postgresDatabase } from "#test/database.ts";
import { skipWithoutPostgres } from "#test/find-databases.ts";

/** Races need several sessions: they run on PostgreSQL or are skipped by name. */
export const RACES = { skip: await skipWithoutPostgres() };

/** One database, and the stock of as many processes as there would be in production. */
export interface Processes {
  readonly database: Database;
  readonly clock: TestClock;
  /** The stock of the process that the n-th request reaches. */
  stockFor(request: number): Stock;
}

export async function severalProcesses(t: TestContext, count: number): Promise<Processes> {
  const database = await postgresDatabase(t, 2 * count + 2);
  const clock = new TestClock();
  // Small batches, so that many of them meet.
  const limits = { batchItemsMax: 7, queueItemsMax: 10_000 };
  const stocks = Array.from({ length: count }, () => createStock({ database, clock, limits }));
  return {
    database,
    clock,
    stockFor: (request) => {
      const stock = stocks[request % count];
      if (stock === undefined) throw new Error("there is at least one process");
      return stock;
    },
  };
}
