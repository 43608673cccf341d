import { exportTo } from "#platform/database/export.ts";
import { checkSchema } from "#platform/database/migrate.ts";
import { openDatabase } from "#platform/database/open.ts";
import { createLogger } from "#platform/logger.ts";
import { readConfig } from "../config.ts";
import { tableProgress } from "./progress.ts";

/** Writes everything in the configured database to a file, and says how much it was. */
export async function exportData(
  environment: NodeJS.ProcessEnv,
  words: readonly string[],
): Promise<number> {
  const [path] = words;
  if (path === undefined || words.length > 1)
    throw new Error("Say one file to write to: tessera export FILE.");
  const config = readConfig(environment);
  const database = await openDatabase(config, createLogger({ level: config.logLevel }), "long");
  try {
    await checkSchema(database);
    const tables = await exportTo(database, path, tableProgress("wrote"));
    for (const { table, rows } of tables)
      process.stdout.write(`${String(rows).padStart(10)}  ${table}\n`);
    process.stdout.write(
      `${path} holds everything. Keep it as safe as the database, and SECRET_KEY with it.\n`,
    );
    return 0;
  } finally {
    await database.close();
  }
}
