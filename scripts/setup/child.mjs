import { spawn } from "node:child_process";
import { constants } from "node:os";

/** @type {readonly NodeJS.Signals[]} */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];
const PARENT_IS_LOOKED_FOR_EVERY_MS = 500;

/**
 * Whether a signal that reached us is to be passed on, so that the child gets each kind once.
 * Ctrl-C in a terminal goes to every process of the group, the child too, and npm sends it to us again.
 *
 * @param {object} received
 * @param {string} received.signal
 * @param {boolean} received.isTerminal
 * @param {ReadonlySet<string>} received.passedOn
 */
export function isToBePassedOn({ signal, isTerminal, passedOn }) {
  if (signal === "SIGINT" && isTerminal) return false;
  return !passedOn.has(signal);
}

/**
 * Runs a program to its end; signals sent to us reach it once. Resolves to its exit code, 128 + n when
 * signal n ended it, and to what it printed where that is captured instead of shown.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string, capture?: boolean, shell?: boolean, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<{ code: number, output: string }>}
 */
export async function run(command, args, { cwd, capture = false, shell = false, env }) {
  const child = spawn(command, args, {
    cwd,
    env: env ?? process.env,
    shell,
    stdio: capture ? ["ignore", "pipe", "pipe"] : "inherit",
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
  }
  const stopPassingOn = passSignalsTo(child);
  try {
    const code = await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (exitCode, signal) =>
        resolve(signal === null ? exitCode : 128 + constants.signals[signal]),
      );
    });
    return { code, output };
  } finally {
    stopPassingOn();
  }
}

/**
 * Signals, and the end of the npm that started us: killed at once, it could not tell anybody, and what it
 * started would stay behind unseen.
 *
 * @param {import("node:child_process").ChildProcess} child
 */
function passSignalsTo(child) {
  /** @type {Set<string>} */
  const passedOn = new Set();
  /** @param {NodeJS.Signals} signal */
  const listener = (signal) => {
    if (!isToBePassedOn({ signal, isTerminal: process.stdin.isTTY === true, passedOn })) return;
    passedOn.add(signal);
    child.kill(signal);
  };
  for (const signal of SIGNALS) process.on(signal, listener);
  const parent = process.ppid;
  const isOfNpm = process.env["npm_lifecycle_event"] !== undefined;
  const watch = setInterval(() => {
    if (isOfNpm && process.ppid !== parent) listener("SIGTERM");
  }, PARENT_IS_LOOKED_FOR_EVERY_MS);
  return () => {
    clearInterval(watch);
    for (const signal of SIGNALS) process.off(signal, listener);
  };
}
