import type { Comparison, DatabaseKind, Measurement, Side } from "./measurement.ts";
import { type Positions, type Round, runRound } from "./run-round.ts";
import { openStage } from "./stage.ts";
import { median } from "./statistics.ts";

export interface Effort {
  readonly rounds: number;
  readonly seconds: number;
  /** 0: the first round is as cold as the server. */
  readonly warmUpSeconds: number;
  readonly preload: number;
}

/** The rounds of one comparison, and what follows from them. */
export interface Result {
  readonly letter: string;
  readonly name: string;
  readonly title: string;
  readonly database: DatabaseKind;
  readonly bar: number | null;
  readonly memoryMbMax: number | null;
  /** What the bar compares with. */
  readonly referenceName: string;
  /** Ours to the reference, a ratio a round. */
  readonly ratios: readonly number[];
  /** Ours to echo, a ratio a round. */
  readonly toEcho: readonly number[];
  readonly ours: Summary;
  readonly echo: Summary;
  readonly reference: Summary | null;
  readonly rounds: { readonly ours: readonly Round[]; readonly echo: readonly Round[] };
  /** Why it is no measurement. Empty when it is one. */
  readonly faults: readonly string[];
}

/** Medians over the rounds; of memory the most. */
export interface Summary {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuCores: number | null;
  readonly rssMb: number | null;
}

/** Whether something is cleared up when the process is told to stop in the middle. */
export type Opened = (clear: () => Promise<void>) => void;

/** Measures on a fresh stage and leaves nothing behind. */
export async function measure(
  measurement: Measurement,
  database: DatabaseKind,
  effort: Effort,
  opened: Opened,
): Promise<Result[]> {
  const stage = await openStage({ database, rounds: effort.rounds, preload: effort.preload });
  opened(stage.clear);
  try {
    const results: Result[] = [];
    for (const comparison of await measurement.prepare(stage)) {
      const rounds = await runRounds(comparison, { ...effort, directory: stage.directory });
      const { letter, name } = measurement;
      results.push(resultOf({ letter, name, database }, comparison, rounds));
    }
    return results;
  } finally {
    await stage.clear();
  }
}

interface Rounds {
  readonly ours: readonly Round[];
  readonly echo: readonly Round[];
  readonly reference: readonly Round[] | null;
}

/** Echo, reference, ours, and again: whatever else the machine does meets all of them. */
async function runRounds(
  { ours, echo, reference }: Comparison,
  effort: Effort & { readonly directory: string },
): Promise<Rounds> {
  const { directory } = effort;
  const positions: Positions = new Map();
  const sides: readonly (Side | undefined)[] = [echo, reference?.side, ours];
  const all: Round[][] = sides.map(() => []);
  for (let round = 0; round <= effort.rounds; round++) {
    const seconds = round === 0 ? effort.warmUpSeconds : effort.seconds;
    if (seconds === 0) continue;
    for (const [index, side] of sides.entries()) {
      if (side === undefined) continue;
      const done = await runRound(side, { round, seconds, directory, positions });
      if (round > 0) all[index]?.push(done);
    }
  }
  const [echoRounds = [], referenceRounds = [], oursRounds = []] = all;
  return {
    echo: echoRounds,
    reference: reference === null ? null : referenceRounds,
    ours: oursRounds,
  };
}

function resultOf(
  head: Pick<Result, "letter" | "name" | "database">,
  comparison: Comparison,
  rounds: Rounds,
): Result {
  const { title, bar, memoryMbMax, reference } = comparison;
  const sides = { ours: rounds.ours, echo: rounds.echo, reference: rounds.reference ?? [] };
  return {
    ...head,
    title,
    bar,
    memoryMbMax,
    referenceName: reference?.name ?? "echo",
    ratios: ratiosOf(rounds.ours, rounds.reference ?? rounds.echo),
    toEcho: ratiosOf(rounds.ours, rounds.echo),
    ours: summaryOf(rounds.ours),
    echo: summaryOf(rounds.echo),
    reference: rounds.reference === null ? null : summaryOf(rounds.reference),
    rounds: { ours: rounds.ours, echo: rounds.echo },
    faults: Object.entries(sides).flatMap(([side, all]) =>
      all.flatMap(({ faults }, round) => faults.map((fault) => `${side}, ${round + 1}: ${fault}`)),
    ),
  };
}

function ratiosOf(ours: readonly Round[], others: readonly Round[]): number[] {
  return ours.map(
    ({ requestsPerSecond }, round) =>
      requestsPerSecond / (others[round]?.requestsPerSecond ?? Number.NaN),
  );
}

function summaryOf(rounds: readonly Round[]): Summary {
  const known = (values: readonly (number | null)[]) => values.filter((value) => value !== null);
  const cores = known(rounds.map(({ cpuCores }) => cpuCores));
  const memory = known(rounds.map(({ rssMb }) => rssMb));
  return {
    requestsPerSecond: median(rounds.map((round) => round.requestsPerSecond)),
    p50Ms: median(rounds.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(rounds.map(({ p99Ms }) => p99Ms)),
    cpuCores: cores.length === 0 ? null : median(cores),
    rssMb: memory.length === 0 ? null : Math.max(...memory),
  };
}
