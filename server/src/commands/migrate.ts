import { migrate } from "#platform/database/migrate.ts";
import { openDatabase } from "#platform/database/open.ts";
import { createLogger } from "#platform/logger.ts";
import { readConfig } from "../config.ts";

/** Brings the configured database to this version's schema and says what it did. */
export async function runMigrate(environment: NodeJS.ProcessEnv): Promise<number> {
  const config = readConfig(environment);
  const database = await openDatabase(config, createLogger({ level: config.logLevel }), "long");
  try {
    const { migrations, functions } = await migrate(database);
    for (const name of migrations) process.stdout.write(`applied ${name}\n`);
    if (functions) process.stdout.write("applied the functions\n");
    if (migrations.length === 0 && !functions) process.stdout.write("nothing to do\n");
    return 0;
  } finally {
    await database.close();
  }
}
