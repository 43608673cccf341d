import { proveEverything } from "#modules/reservations/index.ts";
import { importFrom } from "#platform/database/import.ts";
import { openDatabase } from "#platform/database/open.ts";
import { createLogger } from "#platform/logger.ts";
import { readConfig } from "../config.ts";
import { tableProgress } from "./progress.ts";

/** Reads an export into the configured, empty database; then proves every pool against the ledger. */
export async function importData(
  environment: NodeJS.ProcessEnv,
  words: readonly string[],
): Promise<number> {
  const [path] = words;
  if (path === undefined || words.length > 1)
    throw new Error("Say one file to read: tessera import FILE.");
  const config = readConfig(environment);
  const database = await openDatabase(config, createLogger({ level: config.logLevel }), "long");
  try {
    const tables = await importFrom(database, path, tableProgress("read"));
    for (const { table, rows } of tables)
      process.stdout.write(`${String(rows).padStart(10)}  ${table}\n`);
    const wrong = await proveEverything(database);
    for (const sentence of wrong) process.stderr.write(`${sentence}\n`);
    process.stdout.write(
      wrong.length === 0 ? "Every pool adds up.\n" : "Some pools do not add up.\n",
    );
    return wrong.length === 0 ? 0 : 1;
  } finally {
    await database.close();
  }
}
