import { migrate } from "#platform/database/migrate.ts";
import { openDatabase } from "#platform/database/open.ts";
import { createLogger } from "#platform/logger.ts";
import { type App, createApp } from "../app.ts";
import { readConfig } from "../config.ts";
import { demoEvents } from "./demo-events.ts";

/** Makes the demo events in the configured database, unless it has events already. */
export async function runSeed(environment: NodeJS.ProcessEnv): Promise<number> {
  const config = readConfig(environment);
  const log = createLogger({ level: config.logLevel });
  const database = await openDatabase(config, log);
  if (database.embedded) await migrate(database);
  const app = await createApp(config, { role: "api", database, log });
  try {
    const made = await seed(app);
    process.stdout.write(
      made.length === 0 ? "nothing to do: there are events already\n" : `made ${made.join(", ")}\n`,
    );
    return 0;
  } finally {
    await app.close();
  }
}

/**
 * Makes the demo events and answers their names; none where there is any event already, so it never
 * puts them among somebody's own. Their slugs are fixed and unique: they are never there twice.
 */
export async function seed({ catalog, clock }: App): Promise<readonly string[]> {
  if (await catalog.hasEvents()) return [];
  const made: string[] = [];
  for (const event of demoEvents(clock.now())) {
    await catalog.createEvent(event);
    made.push(event.slug);
  }
  return made;
}
