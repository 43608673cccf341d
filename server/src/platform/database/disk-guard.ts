import fs from "node:fs";
import type { PGlite } from "@electric-sql/pglite";
import type { Logger } from "../logger.ts";
import { codeOf } from "./faults.ts";

/** Below it writes are refused: enough for what is under way and for the files that PostgreSQL makes by itself. */
export const DISK_FREE_BYTES_MIN = 64 * 1024 * 1024;
/** EX_IOERR of sysexits.h. */
const EXIT_CODE = 74;

export interface DiskGuard {
  /** Refuses writes (SQLSTATE 25006) while too little of the disk is free, and takes them again after. */
  check(): Promise<void>;
  /** Ends the process: the disk failed, and whatever is sent next would never return. */
  end(error: unknown): never;
}

/**
 * Keeps an embedded database from running into a full disk, where PGlite hangs for ever and with it
 * the whole process: at the first sign of it, before anything else is sent, the process ends.
 */
export function guardDisk(
  lite: () => PGlite,
  options: {
    readonly directory: string;
    readonly log: Pick<Logger, "error">;
    readonly exit: (code: number) => never;
  },
): DiskGuard {
  let isReadOnly = false;
  return {
    check: async () => {
      const isShort = freeBytes(options.directory) < DISK_FREE_BYTES_MIN;
      if (isShort === isReadOnly) return;
      isReadOnly = isShort;
      if (isShort) {
        const message = `The disk of ${options.directory} is nearly full: nothing is written until there is room again.`;
        options.log.error({ freeBytesMin: DISK_FREE_BYTES_MIN }, message);
      } else {
        options.log.error({}, `There is room on the disk of ${options.directory} again.`);
      }
      await lite().exec(`set default_transaction_read_only = ${isShort ? "on" : "off"}`);
    },
    end: (error) => {
      const message = `The disk of ${options.directory} is full or broken. Everything acknowledged is stored. Make room, then start again.`;
      options.log.error({ error }, message);
      return options.exit(EXIT_CODE);
    },
  };
}

/** True for what the database does not live on after: no room, an error of the disk, a panic. */
export function isDiskFailure(error: unknown): boolean {
  const code = codeOf(error) ?? "";
  const { severity } = error as { severity?: unknown };
  return code === "53100" || code.startsWith("58") || severity === "PANIC";
}

/** @throws with a sentence when there is too little room to begin with. */
export function refuseFullDisk(directory: string): void {
  if (freeBytes(directory) >= DISK_FREE_BYTES_MIN) return;
  throw new Error(
    `The disk of ${directory} is nearly full. Make room for at least ${DISK_FREE_BYTES_MIN / 1024 / 1024} MiB, then start again.`,
  );
}

function freeBytes(directory: string): number {
  const { bavail, bsize } = fs.statfsSync(directory);
  return bavail * bsize;
}
