import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./child.mjs";
import { task } from "./progress.mjs";

/** What the web client is built from. Folders count with all that is in them. */
const SOURCES = [
  "package-lock.json",
  "tsconfig.base.json",
  "sdk/package.json",
  "sdk/src",
  "web/index.html",
  "web/package.json",
  "web/public",
  "web/src",
  "web/tsconfig.json",
  "web/vite.config.ts",
];

/**
 * One hash over the names and contents of files and folders.
 *
 * @param {string} root
 * @param {readonly string[]} paths relative to the root; what does not exist counts as absent
 */
export function hashOf(root, paths) {
  const hash = createHash("sha256");
  for (const path of paths.flatMap((path) => filesUnder(root, path)).sort()) {
    const content = readFileSync(join(root, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

/**
 * Whether web/dist must be built: it is there only once a build is complete, with a note of its sources.
 *
 * @param {string} root of the repository
 */
export function webBuild(root) {
  const note = join(root, "web/dist/.built-from");
  const hash = hashOf(root, SOURCES);
  return {
    hash,
    isStale: !existsSync(note) || readFileSync(note, "utf8") !== hash,
    /** @param {string} node */
    build: (node) =>
      task("Building the web client", async () => {
        const vite = join(root, "node_modules/vite/bin/vite.js");
        const { code, output } = await run(node, [vite, "build"], {
          cwd: join(root, "web"),
          capture: true,
        });
        if (code !== 0) throw new Error(`vite build failed (exit code ${code}).\n${output}`);
        writeFileSync(note, hash);
      }),
  };
}

/** @param {string} root @param {string} path @returns {string[]} */
function filesUnder(root, path) {
  const place = join(root, path);
  if (!existsSync(place)) return [];
  if (statSync(place).isFile()) return [path];
  return readdirSync(place).flatMap((name) => filesUnder(root, `${path}/${name}`));
}
