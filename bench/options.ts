import { parseArgs } from "node:util";
import { DATABASES, type DatabaseKind, type Measurement } from "./measurement.ts";
import { PLENTY } from "./reservation-load.ts";

export interface BenchOptions {
  readonly measurements: readonly Measurement[];
  readonly databases: readonly DatabaseKind[];
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly preload: number;
  readonly isSmoke: boolean;
  readonly isKept: boolean;
}

const ROUNDS_DEFAULT = 5;
const SECONDS_DEFAULT = 5;
const WARM_UP_SECONDS = 2;
const PRELOAD_DEFAULT = 1_000_000;
const PRELOAD_OF_SMOKE = 1000;

export function helpText(all: readonly Measurement[]): string {
  return `npm run bench [-- [NAME …] [OPTIONS]]

Measures the server beside a bare echo server and prints each figure with its bar; exits with 1 when one is missed.
  --rounds N       rounds that count (${ROUNDS_DEFAULT})
  --seconds N      how long each side is loaded in a round (${SECONDS_DEFAULT})
  --database WHICH postgres, embedded or both (both)
  --preload N      reservations that full-database stores beforehand (${PRELOAD_DEFAULT})
  --no-results     write no page into docs/performance/results
  --smoke          one round of a second, no bars, no page: whether the bench itself is sound

Measurements:
${all.map(({ letter, name, databases }) => `  (${letter}) ${name.padEnd(18)}${databases.join(", ")}\n`).join("")}
TEST_POSTGRES_URL  a PostgreSQL >= 15 whose user may create databases (postgres://postgres@127.0.0.1:5432/postgres)
`;
}

/** What was asked for; null for help. @throws with a sentence for whoever mistyped. */
export function readOptions(
  words: readonly string[],
  all: readonly Measurement[],
): BenchOptions | null {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    allowNegative: true,
    options: {
      help: { type: "boolean" },
      rounds: { type: "string" },
      seconds: { type: "string" },
      database: { type: "string", default: "both" },
      preload: { type: "string" },
      results: { type: "boolean", default: true },
      smoke: { type: "boolean", default: false },
    },
  });
  if (values.help === true) return null;
  const isSmoke = values.smoke;
  return {
    measurements: positionals.length === 0 ? all : positionals.map((name) => named(name, all)),
    databases: databasesOf(values.database),
    rounds: count("rounds", values.rounds, isSmoke ? 1 : ROUNDS_DEFAULT, 1000),
    seconds: count("seconds", values.seconds, isSmoke ? 1 : SECONDS_DEFAULT, 3600),
    warmUpSeconds: isSmoke ? 0 : WARM_UP_SECONDS,
    preload: count("preload", values.preload, isSmoke ? PRELOAD_OF_SMOKE : PRELOAD_DEFAULT, PLENTY),
    isSmoke,
    isKept: values.results && !isSmoke,
  };
}

function named(name: string, all: readonly Measurement[]): Measurement {
  const found = all.find((one) => one.name === name || one.letter === name);
  if (found !== undefined) return found;
  const names = all.map((one) => one.name).join(", ");
  throw new Error(`There is no measurement "${name}": use one of ${names}.`);
}

function databasesOf(word: string): readonly DatabaseKind[] {
  const found = DATABASES.filter((kind) => kind === word || word === "both");
  if (found.length === 0) throw new Error(`--database is postgres, embedded or both, not ${word}.`);
  return found;
}

function count(name: string, text: string | undefined, fallback: number, max: number): number {
  const value = text === undefined ? fallback : Number(text);
  if (!Number.isInteger(value) || value < 1 || value > max) {
    throw new Error(`--${name} is a whole number from 1 to ${max}, not ${text}.`);
  }
  return value;
}
