import { existsSync } from "node:fs";
import { join } from "node:path";

/** The oldest Node.js that runs TypeScript as it is and has what the server needs. */
const OLDEST = { major: 24, minor: 7 };

/**
 * The Node.js that runs Tessera: the one the lockfile pins where there is one for this machine, else the
 * one that runs us if it is new enough.
 *
 * @param {object} machine
 * @param {string | null} machine.pinned the path of the pinned one, null when there is none
 * @param {string} machine.ownPath
 * @param {string} machine.ownVersion as in `process.versions.node`
 * @returns {{ node: string } | { advice: string }}
 */
export function chooseNode({ pinned, ownPath, ownVersion }) {
  if (pinned !== null) return { node: pinned };
  const [major = 0, minor = 0] = ownVersion.split(".").map(Number);
  const isNewEnough = major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor);
  if (isNewEnough) return { node: ownPath };
  return {
    advice:
      `Tessera needs Node.js ${OLDEST.major}.${OLDEST.minor} or newer; this is ${ownVersion}, and npm has no newer ` +
      "one for this kind of machine. Install Node.js 24 from https://nodejs.org/ and run the command again.",
  };
}

/** @param {string} root of the repository */
export function pinnedNode(root) {
  const system = process.platform === "win32" ? "win" : process.platform;
  const file = process.platform === "win32" ? "bin/node.exe" : "bin/node";
  const path = join(root, "node_modules", `node-${system}-${process.arch}`, file);
  return existsSync(path) ? path : null;
}
