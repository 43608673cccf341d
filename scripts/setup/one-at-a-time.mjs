import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const WAIT_SECONDS_MAX = 600;

/**
 * Does work that no two commands may do in one clone at the same time. A second one waits for the first; what
 * a killed process left behind does not stop anybody.
 *
 * @template Result
 * @param {string} file the lock: it holds the id of the process that works
 * @param {() => Promise<Result>} work
 * @returns {Promise<Result>}
 */
export async function oneAtATime(file, work) {
  mkdirSync(dirname(file), { recursive: true });
  const release = () => rmSync(file, { force: true });
  for (let second = 0; !take(file); second++) {
    if (second === 0) process.stderr.write("Another command is setting up this clone; waiting …\n");
    if (second >= WAIT_SECONDS_MAX) {
      throw new Error(`Waited ${second} s for another set-up. If none is running, delete ${file}.`);
    }
    await wait(1000);
  }
  process.once("exit", release);
  try {
    return await work();
  } finally {
    process.off("exit", release);
    release();
  }
}

/** @param {string} file */
function take(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") throw error;
    removeIfLeftBehind(file);
    return false;
  }
}

/** @param {string} file */
function removeIfLeftBehind(file) {
  try {
    if (!isAlive(Number(readFileSync(file, "utf8")))) rmSync(file, { force: true });
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ENOENT") throw error;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}
