import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { keepPrinted } from "#test/logs.ts";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const UP = /Tessera is up: (http\S+)/;
/** What a server answers, or says, at the latest. */
const PATIENCE_MS = 30_000;

/** The real server in a process of its own, that can be killed. */
export interface ServerProcess {
  readonly url: string;
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with its exit code. */
  stop(): Promise<number | null>;
}

/** Starts it and waits until it says where it is. */
export async function startServer(
  environment: Readonly<Record<string, string>>,
): Promise<ServerProcess> {
  const child = spawn(process.execPath, [...process.execArgv, MAIN, "serve"], {
    env: {
      PATH: process.env["PATH"],
      NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
      PORT: "0",
      ANONYMOUS_EVENTS: "on",
      SECRET_KEY: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
      LOG_LEVEL: "debug",
      TEST_LOGS: process.env["TEST_LOGS"],
      ...environment,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  keepPrinted(child.stdout, child.pid ?? 0);
  const url = await saidUp(child);
  const gone = once(child, "exit");
  return {
    url,
    kill: async () => {
      child.kill("SIGKILL");
      await gone;
    },
    stop: async () => {
      child.kill("SIGTERM");
      const [code] = await gone;
      return code;
    },
  };
}

async function saidUp(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("the server's words can be read");
  const signal = AbortSignal.timeout(PATIENCE_MS);
  signal.addEventListener("abort", () => child.kill("SIGKILL"));
  for await (const line of createInterface({ input: child.stdout, signal })) {
    const url = UP.exec(line)?.[1];
    if (url !== undefined) {
      return url;
    }
  }
  throw new Error("the server ended before it was up");
}
