import type { Database } from "../server/src/platform/database/database.ts";
import { openEmbedded } from "../server/src/platform/database/embedded.ts";
import { migrate } from "../server/src/platform/database/migrate.ts";
import { silentLogger } from "../server/src/platform/logger.ts";

/** Does some work with a fresh database in memory that has the whole schema and no data. */
export async function withMigratedDatabase<Result>(
  work: (database: Database) => Promise<Result>,
): Promise<Result> {
  const database = await openEmbedded({ directory: "memory", log: silentLogger });
  try {
    await migrate(database);
    return await work(database);
  } finally {
    await database.close();
  }
}
