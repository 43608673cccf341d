import fs from "node:fs";
import { join } from "node:path";
import { openEmbedded } from "#platform/database/embedded.ts";
import { migrate, readSchemaSource } from "#platform/database/migrate.ts";
import { silentLogger } from "#platform/logger.ts";

const ROOT = join(import.meta.dirname, "../..");
const FOLDER = join(ROOT, "node_modules/.cache/tessera");
const PGLITE = join(ROOT, "node_modules/@electric-sql/pglite/package.json");
const KEPT_MS = 24 * 60 * 60 * 1000;

let image: Promise<Blob> | undefined;

/**
 * The files of an embedded database that has the whole schema and no rows. Made once per schema and
 * PGlite, in a tenth of the time it takes to migrate; all processes of one run and of the next share it.
 */
export function embeddedImage(): Promise<Blob> {
  image ??= readOrMake();
  return image;
}

async function readOrMake(): Promise<Blob> {
  const { checksum } = await readSchemaSource();
  const { version } = JSON.parse(fs.readFileSync(PGLITE, "utf8")) as { version: string };
  const path = join(FOLDER, `${version}-${checksum.slice(0, 16)}.tar`);
  if (!fs.existsSync(path)) await make(path);
  const now = new Date();
  fs.utimesSync(path, now, now);
  return new Blob([fs.readFileSync(path)]);
}

async function make(path: string): Promise<void> {
  const database = await openEmbedded({ directory: "memory", log: silentLogger });
  await migrate(database);
  const dump = await database.lite.dumpDataDir("none");
  await database.close();
  fs.mkdirSync(FOLDER, { recursive: true });
  // Several processes may make it at once: each makes a whole one, the last one stays.
  const unfinished = `${path}.${process.pid}`;
  fs.writeFileSync(unfinished, Buffer.from(await dump.arrayBuffer()));
  fs.renameSync(unfinished, path);
  for (const name of fs.readdirSync(FOLDER)) dropIfOld(join(FOLDER, name));
}

/** Another process may be faster. */
function dropIfOld(path: string): void {
  const used = fs.statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
  if (used < Date.now() - KEPT_MS) fs.rmSync(path, { force: true });
}
