import type { Logger } from "../logger.ts";
import type { Database } from "./database.ts";
import { openEmbeddedThread } from "./embedded-client.ts";
import { openPostgres } from "./postgres.ts";

export interface DatabaseConfig {
  /** A PostgreSQL server; null for the embedded database. */
  readonly databaseUrl: string | null;
  readonly databasePoolMax: number;
  /** Where the embedded database lives, or `memory`. */
  readonly dataDir: string;
}

/**
 * The database that the configuration names.
 *
 * @param patience `long` for commands whose statements may take as long as they want; a request
 * never waits that long
 */
export async function openDatabase(
  config: DatabaseConfig,
  log: Logger,
  patience: "short" | "long" = "short",
): Promise<Database> {
  if (config.databaseUrl === null) return openEmbeddedThread({ directory: config.dataDir, log });
  return openPostgres({
    url: config.databaseUrl,
    poolMax: config.databasePoolMax,
    log,
    ...(patience === "long" && { statementTimeoutMs: 0 }),
  });
}
