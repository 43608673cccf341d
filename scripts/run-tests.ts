import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Found, findPostgres, findRedis } from "../server/test/find-databases.ts";
import { reachableFrom } from "../server/test/tidy/imports.ts";
import { isTidy, readFiles } from "../server/test/tidy/repository.ts";
import { findSecrets } from "./find-secrets.ts";
import { type DatabaseNeed, planRuns } from "./plan-test-runs.ts";
import { runFiles } from "./run-test-files.ts";

const HELP = `npm test [-- [WORD …] [--only embedded|postgres] [--name PATTERN]]

Runs the tests on the embedded database, then those that use a database on PostgreSQL, where one answers.
  WORD      only files whose path contains one of the words
  --only    only one of the two runs
  --name    only tests whose name matches the pattern

TEST_POSTGRES_URL  a PostgreSQL >= 15 whose user may create databases and roles (postgres://postgres@127.0.0.1:5432/postgres)
TEST_REDIS_URL     a Redis (redis://127.0.0.1:6379)
CI=true            a missing PostgreSQL or Redis is a failure
`;
const TESTS = ["{server,sdk,web}/{src,test,examples}/**/*.test.ts", "{scripts,bench}/**/*.test.ts"];
const DATABASE_OF_TESTS = "server/test/database.ts";
/** How a test takes the database that the run is on; what names none of these chooses by itself. */
const TAKES_EITHER = /\b(?:testDatabase|emptyDatabase|TEST_DATABASE)\b/;
const FINDS_SHOWN_MAX = 30;
const ROOT = join(import.meta.dirname, "..");

const { values: options, positionals: words } = parseArgs({
  allowPositionals: true,
  options: { help: { type: "boolean" }, only: { type: "string" }, name: { type: "string" } },
});
if (options.help === true) process.stdout.write(HELP);
else process.exitCode = (await runTests()) ? 0 : 1;

/** Runs what was asked for. True when all of it was there and nothing failed. */
async function runTests(): Promise<boolean> {
  const startedAt = performance.now();
  const [postgres, redis] = await Promise.all([findPostgres(), findRedis()]);
  offer("PostgreSQL", "TEST_POSTGRES_URL", postgres);
  offer("Redis", "TEST_REDIS_URL", redis);
  const isComplete = "url" in postgres && "url" in redis;
  if (process.env["CI"] === "true" && !isComplete) {
    process.stdout.write("CI=true: a database that cannot be reached is a failure.\n");
    return false;
  }
  const logs = mkdtempSync(join(tmpdir(), "tessera-test-logs-"));
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const run of planRuns({
    ...findFiles(),
    hasPostgres: "url" in postgres,
    only: options.only,
  })) {
    process.env["TEST_DATABASE"] = run.database;
    process.stdout.write(`\nOn ${run.database}: ${run.files.length} files\n`);
    const counts = await runFiles(ROOT, run.files, { namePattern: options.name, logs });
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
  }
  const areLogsClean = lookForSecrets(logs);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stdout.write(
    `\nIn ${seconds} s:\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`,
  );
  return total.failed === 0 && total.passed > 0 && areLogsClean;
}

/**
 * Whether nothing secret was logged in the run. A run of the whole suite that logged nothing, or had no
 * secrets, proves nothing: it fails.
 */
function lookForSecrets(logs: string): boolean {
  const { lines, secrets, finds } = findSecrets(logs);
  const looked = `${secrets.toLocaleString("en")} secrets looked for in ${lines.toLocaleString("en")} log lines`;
  const isWhole = words.length === 0 && options.name === undefined;
  const isProof = !isWhole || (lines > 0 && secrets > 0);
  if (finds.length === 0) {
    rmSync(logs, { recursive: true, force: true });
    process.stdout.write(`\n${looked}: ${isProof ? "none is there" : "that proves nothing"}\n`);
    return isProof;
  }
  process.stdout.write(`\nFAILED: ${looked}, kept in ${logs}. There, in FILE:LINE, stands\n`);
  for (const find of finds.slice(0, FINDS_SHOWN_MAX)) process.stdout.write(`  ${find}\n`);
  return false;
}

/** Gives tests the address of what was found; says how to get what was not. */
function offer(service: string, variable: string, found: Found): void {
  if ("url" in found) {
    process.env[variable] = found.url;
    return;
  }
  process.stdout.write(
    `${service}: none (${found.missing}). Tests that need it are skipped; to run them, start one and give its address in ${variable}.\n`,
  );
}

/** The test files that were asked for, and what each needs. */
function findFiles(): { files: string[]; needOf: (file: string) => DatabaseNeed } {
  const files = globSync(TESTS, { cwd: ROOT, exclude: ["**/node_modules/**"] })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
    .sort();
  const texts = new Map([...readFiles(ROOT)].filter(([file]) => !isTidy(file)));
  const needOf = (file: string): DatabaseNeed => {
    const used = reachableFrom([file], texts);
    if (!used.delete(DATABASE_OF_TESTS)) return "none";
    return [...used].some((path) => TAKES_EITHER.test(texts.get(path) ?? ""))
      ? "either"
      : "postgres";
  };
  const needs = new Map(files.map((file) => [file, needOf(file)]));
  return { files, needOf: (file) => needs.get(file) ?? "none" };
}
