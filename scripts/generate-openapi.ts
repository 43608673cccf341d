import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createApp } from "../server/src/app.ts";
import { readConfig } from "../server/src/config.ts";
import { migrate } from "../server/src/platform/database/migrate.ts";
import { openDatabase } from "../server/src/platform/database/open.ts";
import { silentLogger } from "../server/src/platform/logger.ts";
import { ROOT } from "./generators.ts";
import { sortedDocument } from "./sorted-document.ts";

const HELP = `node scripts/generate-openapi.ts [--check]

Writes sdk/openapi.json from the routes of the server. Nothing listens, and the database is in memory.
  --check  writes nothing; fails when the file is not what the routes say
`;
const FILE = join(ROOT, "sdk/openapi.json");

const { values: options } = parseArgs({
  options: { help: { type: "boolean" }, check: { type: "boolean" } },
});
if (options.help === true) process.stdout.write(HELP);
else process.exitCode = await generate(options.check === true);

async function generate(checkOnly: boolean): Promise<number> {
  const wanted = `${JSON.stringify(sortedDocument(await describeRoutes()), null, 2)}\n`;
  if (!checkOnly) {
    await writeFile(FILE, wanted);
    return 0;
  }
  const committed = await readFile(FILE, "utf8").catch(() => "");
  if (committed === wanted) return 0;
  process.stderr.write("sdk/openapi.json is stale: run npm run generate\n");
  return 1;
}

/** The OpenAPI document of a server that has every route. */
async function describeRoutes(): Promise<Record<string, unknown>> {
  const config = readConfig({
    DATA_DIR: "memory",
    TEST_CLOCK: "1",
    PUBLIC_URL: "http://localhost",
  });
  const database = await openDatabase(config, silentLogger);
  await migrate(database);
  const app = await createApp(config, { role: "api", database, log: silentLogger });
  try {
    await app.server.ready();
    return app.server.swagger() as unknown as Record<string, unknown>;
  } finally {
    await app.close();
  }
}
