import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./setup/child.mjs";
import { dependencies } from "./setup/dependencies.mjs";
import { oneAtATime } from "./setup/one-at-a-time.mjs";
import { chooseNode, pinnedNode } from "./setup/pinned-node.mjs";
import { webBuild } from "./setup/web-build.mjs";

// Everything here runs on the Node.js that a machine happens to have: 20 or newer, and no package at all.

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Makes a fresh clone ready to run: dependencies, the pinned Node.js, and the web client where it is wanted.
 * Where all is in place it only looks, in some 20 ms.
 *
 * @param {{ web: boolean }} wanted
 * @returns {Promise<string>} the path of the Node.js to run everything else with
 */
async function bootstrap({ web }) {
  const lock = join(ROOT, ".tessera/set-up.lock");
  if (dependencies(ROOT).reason !== null) {
    await oneAtATime(lock, async () => {
      const found = dependencies(ROOT);
      if (found.reason !== null) await found.install();
    });
  }
  const chosen = chooseNode({
    pinned: pinnedNode(ROOT),
    ownPath: process.execPath,
    ownVersion: process.versions.node,
  });
  if ("advice" in chosen) throw new Error(chosen.advice);
  if (web && webBuild(ROOT).isStale) {
    await oneAtATime(lock, async () => {
      const found = webBuild(ROOT);
      if (found.isStale) await found.build(chosen.node);
    });
  }
  return chosen.node;
}

/**
 * Makes the clone ready, runs a program of it on the pinned Node.js, and exits with its exit code.
 *
 * @param {readonly string[]} args of node
 * @param {{ web: boolean }} wanted
 */
export async function bootstrapAndRun(args, wanted) {
  try {
    const node = await bootstrap(wanted);
    const path = [dirname(node), join(ROOT, "node_modules/.bin"), process.env["PATH"]];
    const env = {
      // Code is compiled once, not by every process: 0.4 s less for each that loads the whole server.
      NODE_COMPILE_CACHE: join(ROOT, "node_modules/.cache/compiled"),
      ...process.env,
      PATH: path.join(delimiter),
    };
    process.exitCode = (await run(node, args, { cwd: ROOT, env })).code;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  }
}
