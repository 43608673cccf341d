import { assert } from "#platform/assert.ts";
import { Batcher, type BatchReport } from "#platform/batching/batcher.ts";
import type { Clock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import { constraintOf, isDatabaseFault } from "#platform/database/faults.ts";
import type { Id } from "#platform/id.ts";
import { changeBatch } from "./change-batch.ts";
import type { ChangeRequest } from "./change-request.ts";
import type { ChangeResult } from "./change-result.ts";
import { holdBatch } from "./hold-batch.ts";
import type { HoldRequest } from "./hold-request.ts";

export interface StockLimits {
  /** Requests a batch may hold. */
  readonly batchItemsMax: number;
  /** Requests that may wait, of new reservations and of changes each; one more is refused at once. */
  readonly queueItemsMax: number;
}

/** What a batch did, for the metrics and for whoever shows availability. */
export interface StockReport extends BatchReport {
  /** How many requests ended in each status. */
  readonly statuses: ReadonlyMap<string, number>;
}

/** The door to the stock: every change of places goes through it, coalesced. */
export interface Stock {
  /**
   * Takes places for a new reservation. Refusals are results.
   * @throws QueueFull when too many wait already.
   */
  hold(request: HoldRequest): Promise<ChangeResult>;
  /**
   * Changes a reservation that exists. Refusals are results.
   * @throws QueueFull when too many wait already.
   */
  change(request: ChangeRequest): Promise<ChangeResult>;
  /** Called after each batch, before its callers are answered, with the events whose pools it moved. */
  onChanged(listener: (eventIds: ReadonlySet<Id<"evt">>) => void): void;
  onBatch(listener: (report: StockReport) => void): void;
  /** Resolves when all that was accepted is finished. */
  idle(): Promise<void>;
  readonly queued: number;
}

/** How often a request is sent again when the world moved between look and lock. */
const ATTEMPTS_MAX = 100;

export function createStock(options: {
  database: Database;
  clock: Clock;
  limits: StockLimits;
}): Stock {
  const { database, clock, limits } = options;
  const changed: ((eventIds: ReadonlySet<Id<"evt">>) => void)[] = [];
  const reported: ((report: StockReport) => void)[] = [];
  let statuses = new Map<string, number>();
  const tell = (results: readonly ChangeResult[]) => {
    const eventIds = new Set<Id<"evt">>();
    for (const { status, eventId } of results) {
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      // A refusal may have ended expired holds before it was given.
      if (eventId !== null && (status === "done" || status === "sold_out")) eventIds.add(eventId);
    }
    if (eventIds.size > 0) for (const listener of changed) listener(eventIds);
    return results;
  };
  const common = {
    ...limits,
    isElsewhere: database.isElsewhere,
    mayBeOneItem: (error: unknown) => !isDatabaseFault(error),
    onBatch: (report: BatchReport) => {
      for (const listener of reported) listener({ ...report, statuses });
      statuses = new Map();
    },
  };
  // Those who hold and those who change draw on the same pools: the database orders their batches.
  const holds = new Batcher<HoldRequest, ChangeResult>({
    ...common,
    namesOf: ({ requestKey }) => (requestKey === null ? [] : [requestKey.key]),
    run: async (requests) =>
      tell(await unlessKeyIsTaken(() => holdBatch(database, clock, requests))),
  });
  const changes = new Batcher<ChangeRequest, ChangeResult>({
    ...common,
    namesOf: ({ reservationId, companionId, requestKey }) =>
      [reservationId, companionId, requestKey?.key].filter((name) => name != null),
    run: async (requests) =>
      tell(await unlessKeyIsTaken(() => changeBatch(database, clock, requests))),
  });
  return {
    hold: (request) => settled(() => holds.submit(request)),
    change: (request) => settled(() => changes.submit(request)),
    onChanged: (listener) => void changed.push(listener),
    onBatch: (listener) => void reported.push(listener),
    idle: async () => {
      await Promise.all([holds.idle(), changes.idle()]);
    },
    get queued() {
      return holds.queued + changes.queued;
    },
  };
}

/**
 * Runs a batch once more when somebody who shares no pool with it used one of its keys at the same
 * moment: now that they are done, that request gets their answer, or is told that the key is used.
 */
async function unlessKeyIsTaken(run: () => Promise<ChangeResult[]>): Promise<ChangeResult[]> {
  for (let attempt = 1; attempt < ATTEMPTS_MAX; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (constraintOf(error) !== "idempotency_key") throw error;
    }
  }
  return run();
}

/** Sends a request again when the world moved between look and lock. */
async function settled(submit: () => Promise<ChangeResult>): Promise<ChangeResult> {
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
    const result = await submit();
    if (result.status !== "again") return result;
  }
  assert(false, "a request finds its pools locked within a bounded number of attempts");
}
