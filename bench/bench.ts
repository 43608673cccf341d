import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { findPostgres } from "../server/test/find-databases.ts";
import { cpuModel, describeMachine } from "./machine.ts";
import { measure, type Result } from "./measure.ts";
import { MEASUREMENTS } from "./measurements/index.ts";
import { type BenchOptions, helpText, readOptions } from "./options.ts";
import { faultLines, resultsPage, table, verdictOf } from "./report.ts";
import { HOW_TO_GET_WRK, INSTEAD_OF_WRK, wrkVersion } from "./wrk.ts";

// npm run bench: see bench/README.md.

const ROOT = join(import.meta.dirname, "..");
const RESULTS = join(ROOT, "docs/performance/results");

process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<number> {
  let options: BenchOptions | null;
  try {
    options = readOptions(words, MEASUREMENTS);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    return 2;
  }
  if (options !== null) return runBench(options);
  process.stdout.write(helpText(MEASUREMENTS));
  return 0;
}

/** The exit code: 0 when every bar was met and every measurement was one. */
async function runBench(wanted: BenchOptions): Promise<number> {
  const wrk = await wrkVersion();
  if (wrk === null) process.stdout.write(`${HOW_TO_GET_WRK}.\n`);
  const postgres = await findPostgres();
  const hasPostgres = "url" in postgres;
  if (!hasPostgres && wanted.databases.includes("postgres")) {
    process.stdout.write(`PostgreSQL: none (${postgres.missing}). What needs it is left out.\n`);
  }
  const { rounds, seconds } = wanted;
  const machine = await describeMachine({
    generator: wrk ?? INSTEAD_OF_WRK,
    rounds,
    seconds,
    hasPostgres,
  });
  for (const [name, value] of machine) process.stdout.write(`${name}: ${value}\n`);
  const measured = await measureAll(wanted, hasPostgres);
  // A second says whether the bench is sound, not how fast the server is; and the bars are for wrk.
  const results =
    wanted.isSmoke || wrk === null
      ? measured.map((result) => ({ ...result, bar: null, memoryMbMax: null }))
      : measured;
  process.stdout.write(`\n${table(results)}${faultLines(results)}`);
  if (wanted.isKept && results.length > 0) keep(machine, results, wanted);
  const isGood = (result: Result) => /^(?:met|no bar)$/.test(verdictOf(result));
  return results.length > 0 && results.every(isGood) ? 0 : 1;
}

async function measureAll(wanted: BenchOptions, hasPostgres: boolean): Promise<Result[]> {
  let clear = async () => {};
  let isStopped = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      isStopped = true;
      void clear();
    });
  }
  const results: Result[] = [];
  for (const measurement of wanted.measurements) {
    const databases = wanted.databases.filter(
      (kind) => measurement.databases.includes(kind) && (hasPostgres || kind !== "postgres"),
    );
    for (const database of databases) {
      process.stdout.write(`(${measurement.letter}) ${measurement.name} on ${database} …\n`);
      const found = await measure(measurement, database, wanted, (whenTold) => {
        clear = whenTold;
      });
      results.push(...found);
      if (isStopped) throw new Error("It was told to stop.");
    }
  }
  return results;
}

function keep(
  machine: Awaited<ReturnType<typeof describeMachine>>,
  results: readonly Result[],
  { measurements }: BenchOptions,
): void {
  const date = new Date(performance.timeOrigin).toISOString().slice(0, 10);
  const names = measurements.length === MEASUREMENTS.length ? [] : measurements.map((m) => m.name);
  const file = join(RESULTS, `${[date, slug(cpuModel()), ...names].join("-")}.md`);
  const command = ["npm run bench", ...(process.argv.length > 2 ? ["--"] : [])]
    .concat(process.argv.slice(2))
    .join(" ");
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(file, resultsPage({ date, command, machine, results }));
  process.stdout.write(`\nWritten to ${relative(ROOT, file)}\n`);
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
}
