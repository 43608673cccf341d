import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** A child process that answers HTTP on this machine. */
export interface RunningServer {
  readonly name: string;
  readonly pid: number;
  readonly url: string;
  /** Asks it to stop and waits; kills it when it takes too long. */
  stop(): Promise<void>;
}

export interface ServerToStart {
  readonly name: string;
  /** What Node.js is given: the file, then its arguments. */
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** What it prints goes here, as it would in production: not through this process, which loads it. */
  readonly logFile: string;
  /** What it prints when it listens; the first group is the port. */
  readonly isUp: RegExp;
}

const START_MS_MAX = 60_000;
const STOP_MS_MAX = 20_000;
const LOOK_EVERY_MS = 25;

/** @throws with the end of its log when it ends, or does not listen in time. */
export async function startServer(wanted: ServerToStart): Promise<RunningServer> {
  const { name, command, logFile } = wanted;
  const log = openSync(logFile, "w");
  const child = spawn(process.execPath, command, {
    cwd: join(import.meta.dirname, ".."),
    env: { PATH: process.env["PATH"], ...wanted.environment },
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  const gone = once(child, "exit");
  const isGone = () => child.exitCode !== null || child.signalCode !== null;
  const stop = async () => {
    if (isGone()) return;
    child.kill("SIGTERM");
    const kill = setTimeout(() => child.kill("SIGKILL"), STOP_MS_MAX);
    await gone;
    clearTimeout(kill);
  };
  try {
    const port = await portOf(wanted, isGone);
    return { name, pid: child.pid ?? 0, url: `http://127.0.0.1:${port}`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Waits until it says where it listens. */
async function portOf(
  { name, logFile, isUp }: ServerToStart,
  isGone: () => boolean,
): Promise<string> {
  const tooLateAt = performance.now() + START_MS_MAX;
  for (;;) {
    const text = readFileSync(logFile, "utf8");
    const port = isUp.exec(text)?.[1];
    if (port !== undefined) return port;
    if (isGone() || performance.now() > tooLateAt) {
      throw new Error(`${name} did not start:\n${text.slice(-2000)}`);
    }
    await pause(LOOK_EVERY_MS);
  }
}
