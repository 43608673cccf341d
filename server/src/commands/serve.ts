import { migrate } from "#platform/database/migrate.ts";
import { openDatabase } from "#platform/database/open.ts";
import { createLogger } from "#platform/logger.ts";
import { createApp, type Role } from "../app.ts";
import { type Config, readConfig, warningsOf } from "../config.ts";
import { seed } from "./seed.ts";

const ROLES: readonly Role[] = ["all", "api", "worker"];
/** Accepted work that is not finished by then is given up. */
const SHUTDOWN_SECONDS_MAX = 30;

/**
 * Runs until it is told to stop by SIGINT or SIGTERM; then finishes what it accepted. The embedded
 * database is migrated and filled with demo events on the way; a PostgreSQL is migrated by its own
 * command, because several processes share it.
 */
export async function serve(environment: NodeJS.ProcessEnv, wanted: string): Promise<number> {
  const role = ROLES.find((one) => one === wanted);
  if (role === undefined) throw new Error(`There is no role "${wanted}": use all, api or worker.`);
  const config = readConfig(environment);
  const log = createLogger({ level: config.logLevel });
  for (const warning of warningsOf(config)) log.warn({}, warning);
  if (config.databaseUrl === null && role !== "all") {
    throw new Error(
      "The embedded database has one process: run it with --role all, or set DATABASE_URL.",
    );
  }
  const database = await openDatabase(config, log);
  if (database.embedded) await migrate(database);
  const app = await createApp(config, { role, database, log });
  if (database.embedded) await seed(app);
  if (role !== "worker") await app.server.listen({ host: config.host, port: config.port });
  announce(config, role, app.server.server.address());

  const signal = await untilToldToStop();
  log.info({ signal }, "stopping: finishing what was accepted");
  const impatient = setTimeout(() => {
    log.error({ seconds: SHUTDOWN_SECONDS_MAX }, "gave up waiting for accepted work");
    process.exit(1);
  }, SHUTDOWN_SECONDS_MAX * 1000);
  await app.close();
  clearTimeout(impatient);
  return 0;
}

/** A signal that comes again changes nothing: a process group is told by several of its members. */
function untilToldToStop(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, resolve);
  });
}

/** Where to click. For people, beside the log's lines. */
function announce(config: Config, role: Role, address: unknown): void {
  if (role === "worker") {
    process.stdout.write("\n  Tessera's worker is running.\n\n");
    return;
  }
  const port = (address as { port?: number } | null)?.port ?? config.port;
  // With PORT=0 only listening told which one it is.
  const here = config.publicUrl.replace(/:0$/, `:${port}`);
  const storage =
    config.databaseUrl === null
      ? `embedded database in ${config.dataDir}: one process, for trying and small events; DATABASE_URL for sales`
      : "PostgreSQL";
  process.stdout.write(
    `\n  Tessera is up: ${here}\n  API to try out: ${here}/docs\n  Storage:        ${storage}\n  Ctrl-C stops it.\n\n`,
  );
}
