import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./child.mjs";
import { task } from "./progress.mjs";

/**
 * @typedef {{ version?: string, link?: boolean, optional?: boolean }} LockedPackage
 * @typedef {Record<string, LockedPackage>} LockedPackages
 */

/**
 * Why the dependencies must be installed, as words for a person; null when they are as the lockfile wants them.
 *
 * @param {object} found
 * @param {LockedPackages} found.locked what package-lock.json lists
 * @param {LockedPackages | null} found.installed what npm noted after its last complete installation
 * @param {boolean} found.isRemembered true when this very lockfile was installed here
 * @param {(folder: string) => boolean} found.has whether a package stands in a folder
 * @returns {string | null}
 */
export function reasonToInstall({ locked, installed, isRemembered, has }) {
  if (installed === null) return "they are missing";
  if (!isRemembered && !agree(locked, installed)) return "the lockfile has changed";
  const lost = Object.keys(locked).find(
    (folder) => isNeeded(folder, locked[folder]) && !has(folder),
  );
  return lost === undefined ? null : `${lost} is missing`;
}

/** @param {LockedPackages} locked @param {LockedPackages} installed */
function agree(locked, installed) {
  const folders = Object.keys(locked).filter((folder) => folder.includes("node_modules/"));
  return (
    folders.every((folder) => {
      const there = installed[folder];
      if (there === undefined) return !isNeeded(folder, locked[folder]);
      return there.version === locked[folder]?.version;
    }) && Object.keys(installed).every((folder) => locked[folder] !== undefined)
  );
}

/** @param {string} folder @param {LockedPackage | undefined} entry */
function isNeeded(folder, entry) {
  return folder !== "" && entry?.optional !== true;
}

/**
 * Brings node_modules to what the lockfile says: by `npm ci` when it is not, in a few milliseconds when it is.
 *
 * @param {string} root of the repository
 */
export function dependencies(root) {
  const lockfile = readFileSync(join(root, "package-lock.json"), "utf8");
  const hash = createHash("sha256").update(lockfile).digest("hex");
  const memory = join(root, "node_modules/.tessera-lock");
  const installed = readIfThere(join(root, "node_modules/.package-lock.json"));
  const isRemembered = readIfThere(memory) === hash;
  const reason = reasonToInstall({
    locked: JSON.parse(lockfile).packages,
    installed: installed === null ? null : JSON.parse(installed).packages,
    isRemembered,
    has: (folder) => existsSync(join(root, folder, "package.json")),
  });
  if (reason === null && !isRemembered) writeFileSync(memory, hash);
  return {
    reason,
    install: async () => {
      await task(`Installing dependencies (${reason})`, () => npmCi(root));
      writeFileSync(memory, hash);
    },
  };
}

/** @param {string} root */
async function npmCi(root) {
  // Inside `npm start` npm says where it is; beside it, the shell must find it.
  const npm = process.env["npm_execpath"];
  const [command, first] = npm?.endsWith("js") ? [process.execPath, [npm]] : ["npm", []];
  const options = ["--loglevel=error", "--no-audit", "--no-fund", "--ignore-scripts"];
  // What is there for development is needed to build and to test, whatever NODE_ENV says.
  const wanted = ["--include=dev", "--include=optional"];
  const { code, output } = await run(command, [...first, "ci", ...options, ...wanted], {
    cwd: root,
    capture: true,
    shell: first.length === 0 && process.platform === "win32",
  });
  if (code !== 0) throw new Error(`npm ci failed (exit code ${code}).\n${output}`);
}

/** @param {string} file */
function readIfThere(file) {
  return existsSync(file) ? readFileSync(file, "utf8") : null;
}
