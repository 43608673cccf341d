import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { migrate } from "#platform/database/migrate.ts";
import { openPostgres } from "#platform/database/postgres.ts";
import { freshPostgresDatabase } from "#test/database.ts";
import { testLog } from "#test/logs.ts";

/** Where the server keeps its data: a database on the PostgreSQL server, or a directory. */
export async function storage(t: TestContext): Promise<Record<string, string>> {
  if (process.env["TEST_DATABASE"] === "postgres") {
    const { url } = await freshPostgresDatabase(t);
    const database = await openPostgres({ url, poolMax: 1, log: testLog });
    await migrate(database);
    await database.close();
    return { DATABASE_URL: url };
  }
  const directory = mkdtempSync(join(tmpdir(), "tessera-crash-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return { DATA_DIR: directory };
}
