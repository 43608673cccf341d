import { assert } from "#platform/assert.ts";
import { Batcher, type BatchReport } from "#platform/batching/batcher.ts";
import type { Clock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import { isDatabaseFault } from "#platform/database/faults.ts";
import type { Id } from "#platform/id.ts";
import { applyBatch, type ChangeResult } from "./apply-batch.ts";
import type { ChangeRequest } from "./change-request.ts";

export interface StockLimits {
  /** Requests a batch may hold. */
  readonly batchItemsMax: number;
  /** Requests that may wait; one more is refused at once. */
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
   * Applies one request. Refusals are results.
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
  const changed: ((eventIds: ReadonlySet<Id<"evt">>) => void)[] = [];
  const reported: ((report: StockReport) => void)[] = [];
  let statuses = new Map<string, number>();
  const batcher = new Batcher<ChangeRequest, ChangeResult>({
    batchItemsMax: options.limits.batchItemsMax,
    queueItemsMax: options.limits.queueItemsMax,
    namesOf,
    mayBeOneItem: (error) => !isDatabaseFault(error),
    run: async (requests) => {
      const results = await applyBatch(options.database, options.clock, requests);
      const eventIds = new Set<Id<"evt">>();
      for (const { status, eventId } of results) {
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        // A refusal may have ended expired holds before it was given.
        if (eventId !== null && (status === "done" || status === "sold_out")) eventIds.add(eventId);
      }
      if (eventIds.size > 0) for (const listener of changed) listener(eventIds);
      return results;
    },
    onBatch: (report) => {
      for (const listener of reported) listener({ ...report, statuses });
      statuses = new Map();
    },
  });
  return {
    change: async (request) => {
      for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
        const result = await batcher.submit(request);
        if (result.status !== "again") return result;
      }
      assert(false, "a request finds its pools locked within a bounded number of attempts");
    },
    onChanged: (listener) => void changed.push(listener),
    onBatch: (listener) => void reported.push(listener),
    idle: () => batcher.idle(),
    get queued() {
      return batcher.queued;
    },
  };
}

/** A batch holds a reservation once and a key once; a hold's reservation is new and named by nobody else. */
function namesOf(request: ChangeRequest): readonly string[] {
  const key = request.requestKey?.key;
  if (request.action === "hold") return key === undefined ? [] : [key];
  return key === undefined ? [request.reservationId] : [request.reservationId, key];
}
