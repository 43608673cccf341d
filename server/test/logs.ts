import { channel } from "node:diagnostics_channel";
import { createWriteStream } from "node:fs";
import { basename, join } from "node:path";
import type { Readable } from "node:stream";
import { createLogger, type Logger, silentLogger } from "#platform/logger.ts";

/** Where the run keeps what is logged, to look for secrets in it (scripts/find-secrets.ts). Unset outside of a run. */
const DIRECTORY = process.env["TEST_LOGS"];

/** A file of the run for what this process, or one that it started, logs. */
function logFile(directory: string, what: string): string {
  return join(directory, `${basename(process.argv[1] ?? "")}-${what}.log`);
}

/** The real log at its most talkative, into a file of the run. */
export const testLog: Logger =
  DIRECTORY === undefined
    ? silentLogger
    : createLogger({ level: "debug", file: logFile(DIRECTORY, `${process.pid}`) });

/** Keeps what a process prints among the logs of the run. */
export function keepPrinted(printed: Readable, pid: number): void {
  if (DIRECTORY === undefined) printed.resume();
  else printed.pipe(createWriteStream(logFile(DIRECTORY, `printed-${pid}`)));
}

/** A secret that no request carries: the run looks for it in the logs, too (note-secrets.ts). */
export function noteSecret(name: string, value: string): void {
  channel("tessera.test.secret").publish({ name, value });
}
