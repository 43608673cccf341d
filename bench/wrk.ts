import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** The bars count with these: one thread, so many connections. */
export const CONNECTIONS = 64;

/** What the load generator counted in one run. */
export interface LoadCounts {
  readonly requests: number;
  readonly microseconds: number;
  /** Microseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly connect: number;
  readonly read: number;
  readonly write: number;
  readonly timeout: number;
  readonly statusAbove399: number;
  /** How many requests were made, also in earlier runs: where the next run goes on. */
  readonly position: number;
}

/** How to get wrk, for whoever has none. */
export const HOW_TO_GET_WRK =
  "wrk is not installed: autocannon takes its place, and the bars do not count. Debian and Ubuntu: apt install wrk";
/** What the results say of the load where there was none. */
export const INSTEAD_OF_WRK = "autocannon, in place of wrk: slower, the bars do not count";

/** wrk's version, null where there is none. */
export async function wrkVersion(): Promise<string | null> {
  try {
    // It exits with 1 after telling its version.
    const { stdout } = await execute("wrk", ["-v"]).catch((error: unknown) => {
      if (isOutput(error)) return error;
      throw error;
    });
    return stdout.split("\n", 1)[0]?.replace(/ Copyright.*/, "") ?? "wrk";
  } catch {
    return null;
  }
}

function isOutput(error: unknown): error is { stdout: string } {
  const stdout = (error as { stdout?: unknown } | null)?.stdout;
  return typeof stdout === "string" && stdout.startsWith("wrk");
}

/** Loads one server for whole seconds. */
export async function runWrk(options: {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  readonly script: string;
  readonly scriptFile: string;
}): Promise<LoadCounts> {
  const { url, connections, seconds, script, scriptFile } = options;
  await writeFile(scriptFile, script);
  const running = execute("wrk", [
    "--threads=1",
    `--connections=${connections}`,
    `--duration=${seconds}s`,
    `--script=${scriptFile}`,
    url,
  ]);
  const kill = () => running.child.kill();
  process.once("exit", kill);
  const { stdout } = await running.finally(() => process.off("exit", kill));
  const line = /^RESULT (.*)$/m.exec(stdout)?.[1];
  if (line === undefined) throw new Error(`wrk told nothing:\n${stdout}`);
  return JSON.parse(line) as LoadCounts;
}
