import { setImmediate as endOfTurn } from "node:timers/promises";
import { assert } from "../assert.ts";

/** What one batch was, told after it ran. Times in milliseconds. */
export interface BatchReport {
  readonly items: number;
  /** How long the first item of the batch waited. */
  readonly waitMs: number;
  readonly runMs: number;
}

export interface BatcherOptions<Item, Result> {
  /** Does the work: one result per item, in order. */
  readonly run: (items: readonly Item[]) => Promise<readonly Result[]>;
  readonly batchItemsMax: number;
  readonly queueItemsMax: number;
  /** The work is done elsewhere: this process can go on meanwhile. */
  readonly isElsewhere?: boolean;
  /** Items that name the same thing never share a batch; they keep their order over the next ones. */
  readonly namesOf?: (item: Item) => readonly string[];
  /** True for a failure that one item may have caused: the batch is halved until that item fails alone. */
  readonly mayBeOneItem?: (error: unknown) => boolean;
  readonly onBatch?: (report: BatchReport) => void;
}

/** So few are not worth two batches: what each costs by itself is more than what they cost. */
const UNDIVIDED_MAX = 16;

/**
 * Coalesces concurrent calls into batches and runs one batch at a time.
 *
 * Many callers want the same few rows. One database call per batch takes each lock once and pays
 * for one commit, so throughput grows with load instead of collapsing under it. There is no timer:
 * an idle batcher takes what this turn of the event loop brings, a busy one starts the next batch
 * as soon as the previous one is done, with what queued meanwhile. An idle system adds no latency,
 * a busy one makes larger batches by itself.
 *
 * The next batch starts before the callers of the previous one are answered: the database works
 * while this process does.
 *
 * Guarantees
 * - Items run in the order they were submitted, except that an item waits for the batch after one
 *   that names the same thing; each is in exactly one batch.
 * - At most `queueItemsMax` wait; one more is refused at once with {@link QueueFull}.
 * - Each caller gets its own result. If `run` rejects, the batch is halved and run again where
 *   `mayBeOneItem` says so, so that one poisoned item fails alone; else all its items reject.
 */
export class Batcher<Item, Result> {
  readonly #options: BatcherOptions<Item, Result>;
  #queue: Entry<Item, Result>[] = [];
  #running: Promise<void> | null = null;

  constructor(options: BatcherOptions<Item, Result>) {
    assert(options.batchItemsMax > 0, "a batch holds at least one item");
    assert(options.queueItemsMax >= options.batchItemsMax, "the queue can fill a batch");
    this.#options = options;
  }

  /** How many wait now. */
  get queued(): number {
    return this.#queue.length;
  }

  /** @throws QueueFull when `queueItemsMax` items wait already. */
  submit(item: Item): Promise<Result> {
    if (this.#queue.length >= this.#options.queueItemsMax) return Promise.reject(new QueueFull());
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    this.#queue.push({ item, resolve, reject, queuedAt: performance.now() });
    this.#running ??= this.#drain();
    return promise;
  }

  /** Resolves when nothing waits and nothing runs. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  async #drain(): Promise<void> {
    // All that this turn of the event loop reads joins the first batch. (A database in this
    // very thread runs a batch without letting go of it: it would otherwise run them one by one.)
    await endOfTurn();
    let answer: (() => void) | null = null;
    while (this.#queue.length > 0) {
      const batch = this.#nextBatch(answer === null ? this.#half() : this.#options.batchItemsMax);
      const startedAt = performance.now();
      const running = this.#runBatch(batch);
      // After what `run` has put off to the end of this turn, such as sending the statement.
      if (answer !== null) setImmediate(answer);
      answer = await running;
      // Who is heard in the same turn as the result is served before those it is for are answered.
      if (this.#queue.length === 0) await endOfTurn();
      this.#options.onBatch?.({
        items: batch.length,
        waitMs: startedAt - (batch[0]?.queuedAt ?? startedAt),
        runMs: performance.now() - startedAt,
      });
    }
    this.#running = null;
    answer?.();
  }

  /**
   * How many go first when nothing runs. Were it all of them, nobody would wait when they are done, and
   * the database and this process would take turns for ever instead of working side by side.
   */
  #half(): number {
    const { batchItemsMax, isElsewhere = false } = this.#options;
    const waiting = this.#queue.length;
    const first = isElsewhere && waiting > UNDIVIDED_MAX ? Math.ceil(waiting / 2) : waiting;
    return Math.min(first, batchItemsMax);
  }

  #nextBatch(batchItemsMax: number): Entry<Item, Result>[] {
    const { namesOf } = this.#options;
    if (namesOf === undefined) return this.#queue.splice(0, batchItemsMax);
    const batch: Entry<Item, Result>[] = [];
    const later: Entry<Item, Result>[] = [];
    const named = new Set<string>();
    let looked = 0;
    for (const entry of this.#queue) {
      if (batch.length === batchItemsMax) break;
      looked++;
      const names = namesOf(entry.item);
      const clashes = names.some((name) => named.has(name));
      for (const name of names) named.add(name);
      (clashes ? later : batch).push(entry);
    }
    this.#queue =
      later.length === 0 ? this.#queue.slice(looked) : [...later, ...this.#queue.slice(looked)];
    return batch;
  }

  /** Resolves with what tells the callers, when the batch is done or has failed. */
  async #runBatch(batch: readonly Entry<Item, Result>[]): Promise<() => void> {
    try {
      const results = await this.#options.run(batch.map((entry) => entry.item));
      assert(results.length === batch.length, "one result per item, in order");
      return () => {
        for (const [index, entry] of batch.entries()) entry.resolve(results[index] as Result);
      };
    } catch (error) {
      if (batch.length > 1 && this.#options.mayBeOneItem?.(error) === true) {
        const middle = batch.length >> 1;
        const answers = [
          await this.#runBatch(batch.slice(0, middle)),
          await this.#runBatch(batch.slice(middle)),
        ];
        return () => {
          for (const answer of answers) answer();
        };
      }
      return () => {
        for (const entry of batch) entry.reject(error);
      };
    }
  }
}

/** More wait than may: the caller is told at once, and may come again. */
export class QueueFull extends Error {
  override name = "QueueFull";
}

interface Entry<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
  readonly queuedAt: number;
}
