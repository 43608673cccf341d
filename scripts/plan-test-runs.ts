/** One run of test files, all on the same kind of database. */
export interface TestRun {
  readonly database: "embedded" | "postgres";
  readonly files: readonly string[];
}

/** What a test file needs: no database, whichever it is given, or PostgreSQL by name. */
export type DatabaseNeed = "none" | "either" | "postgres";

/** Files that take much longer than the others begin, then those with a database: no core is idle at the end. */
const LONGEST = /^server\/test\/(?:crash|simulation)\//;

/**
 * What is run where, so that nothing is said twice: on the embedded database what needs none or takes either, on
 * PostgreSQL what takes either or names it. Where there is none, the latter run embedded, each to say that it
 * is skipped and why.
 */
export function planRuns(wanted: {
  readonly files: readonly string[];
  readonly needOf: (file: string) => DatabaseNeed;
  readonly hasPostgres: boolean;
  readonly only: string | undefined;
}): TestRun[] {
  const { needOf, only } = wanted;
  const onPostgres = wanted.hasPostgres && only !== "embedded";
  const rank = (file: string) => (LONGEST.test(file) ? 0 : needOf(file) === "none" ? 2 : 1);
  const files = wanted.files.toSorted((a, b) => rank(a) - rank(b));
  const runs: TestRun[] = [
    {
      database: "embedded",
      files: files.filter((file) => !onPostgres || needOf(file) !== "postgres"),
    },
    {
      database: "postgres",
      files: onPostgres ? files.filter((file) => needOf(file) !== "none") : [],
    },
  ];
  return runs.filter(({ database, files }) => files.length > 0 && (only ?? database) === database);
}
