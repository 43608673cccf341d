import { Counter, collectDefaultMetrics, Histogram, Registry } from "prom-client";
import { createRequestMeters, type RequestMeter } from "./request-meters.ts";

/** What one batch of writes did: one report a batch, never one an item. */
export interface BatchMeasures {
  readonly items: number;
  readonly waitMs: number;
  readonly runMs: number;
  /** How many items came to which status. */
  readonly statuses?: ReadonlyMap<string, number> | Readonly<Record<string, number>>;
}

export type JobOutcome = "done" | "failed" | "given_up";

/** What the process counts. Names and labels are documented in docs/operating/metrics.md. */
export interface Metrics {
  /** Where other parts register what they count. */
  readonly registry: Registry;
  batch(measures: BatchMeasures): void;
  /** What came of an attempt at a job. */
  job(name: string, outcome: JobOutcome): void;
  /** The counters of one route, made when the route is. */
  requestsOf(route: { readonly method: string; readonly route: string }): RequestMeter;
  /** All of it, as Prometheus reads it. */
  text(): Promise<string>;
}

const SECONDS_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const ITEMS_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];

/** A registry of its own: several servers in one process do not share counters. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const items = new Histogram({
    name: "tessera_batch_items",
    help: "Writes of stock per batch.",
    buckets: ITEMS_BUCKETS,
    registers,
  });
  const wait = new Histogram({
    name: "tessera_batch_wait_seconds",
    help: "How long the first write of a batch waited for it.",
    buckets: SECONDS_BUCKETS,
    registers,
  });
  const run = new Histogram({
    name: "tessera_batch_run_seconds",
    help: "How long the database took for a batch.",
    buckets: SECONDS_BUCKETS,
    registers,
  });
  const outcomes = new Counter({
    name: "tessera_batch_outcomes_total",
    help: "Writes of stock by what came of them.",
    labelNames: ["status"],
    registers,
  });
  const jobs = new Counter({
    name: "tessera_jobs_total",
    help: "Attempts at jobs by what came of them.",
    labelNames: ["job", "outcome"],
    registers,
  });
  const requests = createRequestMeters(SECONDS_BUCKETS);
  return {
    registry,
    batch: (measures) => {
      items.observe(measures.items);
      wait.observe(measures.waitMs / 1000);
      run.observe(measures.runMs / 1000);
      for (const [status, count] of entriesOf(measures.statuses)) outcomes.inc({ status }, count);
    },
    job: (job, outcome) => jobs.inc({ job, outcome }),
    requestsOf: (route) => requests.of(route),
    text: async () => `${await registry.metrics()}\n${requests.text()}`,
  };
}

function entriesOf(statuses: BatchMeasures["statuses"]): Iterable<[string, number]> {
  if (statuses === undefined) return [];
  return statuses instanceof Map
    ? statuses
    : Object.entries(statuses as Readonly<Record<string, number>>);
}
