import type { Database, Queryable, Transaction } from "#platform/database/database.ts";

/** What a killed process finds wherever it turns to. Nobody of ours knows it, so nobody takes it for an answer. */
export class Killed extends Error {
  override name = "Killed";
}

/**
 * The life of one process, counted in steps: the moments before and after it does something in the world. It is killed
 * at its last step: what it had done is done, what it was told is lost, and from then on it does nothing.
 *
 * What changes nothing leaves the world as it was, and a process takes what it knows with it: to be killed anywhere between
 * two changes is the same. So by itself it counts the moments after changes only; all of them where `counts` is "all".
 */
export class Life {
  readonly #stepsMax: number;
  readonly #counts: "changes" | "all";
  #steps = 0;

  constructor({
    stepsMax = Number.POSITIVE_INFINITY,
    counts = "changes",
  }: { stepsMax?: number; counts?: "changes" | "all" } = {}) {
    this.#stepsMax = stepsMax;
    this.#counts = counts;
  }

  /** The steps that were taken. */
  get steps(): number {
    return this.#steps;
  }

  get isOver(): boolean {
    return this.#steps >= this.#stepsMax;
  }

  /** @throws Killed when it is the last one, and always after it */
  step(counts: "changes" | "all"): void {
    if (!this.isOver && (counts === "changes" || this.#counts === "all")) this.#steps++;
    this.mustLive();
  }

  /** @throws Killed */
  mustLive(): void {
    if (this.isOver) throw new Killed();
  }

  /** Does something in the world: killed before it, nothing is done; killed after it, nobody is told. */
  async act<Result>(isChange: boolean, work: () => Promise<Result>): Promise<Result> {
    this.step("all");
    const result = await work();
    this.step(isChange ? "changes" : "all");
    return result;
  }
}

/** Whether a statement may change anything: batches are functions that do. */
function isChange(text: string): boolean {
  return /_batch\(|\b(?:insert|update|delete)\b/i.test(text);
}

/**
 * The database as one process has it. Steps are each statement of its own (a batch of the stock is one) and each
 * transaction's begin and commit; what a killed process left open is rolled back, as its connections are cut.
 */
export function mortalDatabase(database: Database, life: Life): Database {
  return {
    ...database,
    kysely: mortalKysely(database.kysely, life),
    prepared: (name, text, parameters) =>
      life.act(isChange(text), () => database.prepared(name, text, parameters)),
    script: (text) => life.act(true, () => database.script(text)),
    close: () => Promise.resolve(),
  };
}

/** Every operation of a provider is two steps. What a provider knows is no process's, and survives. */
export function mortalProvider<Provider extends object>(provider: Provider, life: Life): Provider {
  return with_(provider, (name, value) => {
    if (typeof value !== "function" || name === "refusalOf") return undefined;
    return (...given: unknown[]) =>
      life.act(name !== "lookUp" && name !== "readWebhook", () => value.apply(provider, given));
  });
}

function mortalKysely(kysely: Database["kysely"], life: Life): Database["kysely"] {
  return with_(kysely, (name) => {
    switch (name) {
      case "getExecutor":
        return () => executorOf(kysely, (text, run) => life.act(isChange(text), run));
      case "executeQuery":
        return (...given: Parameters<typeof kysely.executeQuery>) =>
          life.act(true, () => kysely.executeQuery(...given));
      case "transaction":
        return () => ({
          execute: (work: (transaction: Transaction) => Promise<unknown>) =>
            inOne(kysely, life, work),
        });
      default:
        return undefined;
    }
  });
}

async function inOne<Result>(
  kysely: Database["kysely"],
  life: Life,
  work: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  life.step("all");
  const result = await kysely.transaction().execute(async (transaction) => {
    const done = await work(mortalTransaction(transaction, life));
    life.step("all");
    return done;
  });
  life.step("changes");
  return result;
}

function mortalTransaction(transaction: Transaction, life: Life): Transaction {
  return with_(transaction, (name) => {
    if (name === "withoutPlugins") {
      return () => mortalTransaction(transaction.withoutPlugins() as Transaction, life);
    }
    if (name !== "getExecutor") return undefined;
    return () =>
      executorOf(transaction, async (_text, run) => {
        life.mustLive();
        return run();
      });
  });
}

function executorOf(
  queryable: Queryable,
  around: <Result>(text: string, run: () => Promise<Result>) => Promise<Result>,
): ReturnType<Queryable["getExecutor"]> {
  const executor = queryable.getExecutor();
  return with_(executor, (name) =>
    name === "executeQuery"
      ? (...given: Parameters<typeof executor.executeQuery>) =>
          around(given[0].sql, () => executor.executeQuery(...given))
      : undefined,
  );
}

/** The same object with some members replaced: those for which there is anything else than `undefined`. */
function with_<Whole extends object>(
  whole: Whole,
  replaced: (name: string | symbol, value: unknown) => unknown,
): Whole {
  return new Proxy(whole, {
    get: (_whole, name) => {
      const value: unknown = Reflect.get(whole, name, whole);
      const other = replaced(name, value);
      if (other !== undefined) return other;
      return typeof value === "function" ? value.bind(whole) : value;
    },
  });
}
