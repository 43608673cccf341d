/** One run of test files, all on the same kind of database. */
export interface TestRun {
  readonly database: "embedded" | "postgres";
  readonly files: readonly string[];
}

/** Races need many connections. Where there is no PostgreSQL they run too, to be seen skipped by name. */
const RACES = /^server\/test\/races\//;

/**
 * What is run where: everything on the embedded database, then what uses a database on PostgreSQL once more.
 * Tests that use none would say the same twice. The slow ones begin, so that no core is idle at the end.
 */
export function planRuns(wanted: {
  readonly files: readonly string[];
  readonly usesDatabase: (file: string) => boolean;
  readonly hasPostgres: boolean;
  readonly only: string | undefined;
}): TestRun[] {
  const { usesDatabase, only } = wanted;
  const isFast = (file: string) => (usesDatabase(file) ? 0 : 1);
  const files = wanted.files.toSorted((a, b) => isFast(a) - isFast(b));
  const onPostgres = wanted.hasPostgres && only !== "embedded";
  const runs: TestRun[] = [
    { database: "embedded", files: files.filter((file) => !(onPostgres && RACES.test(file))) },
    { database: "postgres", files: onPostgres ? files.filter(usesDatabase) : [] },
  ];
  return runs.filter(({ database, files }) => files.length > 0 && (only ?? database) === database);
}
