import { PGlite, type PGliteOptions } from "@electric-sql/pglite";
import { Kysely, PGliteDialect } from "kysely";
import type { Logger } from "../logger.ts";
import { takeDataDirectory } from "./data-directory.ts";
import type { Database } from "./database.ts";
import { type DiskGuard, guardDisk, isDiskFailure, refuseFullDisk } from "./disk-guard.ts";
import { DurableFiles } from "./durable-files.ts";
import type { DB } from "./generated.ts";
import { assertOutside, oneSession } from "./open-transaction.ts";
import { PARSERS } from "./parsers.ts";

const UPKEEP_EVERY_MS = 15 * 60_000;
const DISK_CHECK_EVERY_MS = 1_000;

export interface EmbeddedOptions {
  /** A directory, or `memory` for one that is gone with the process. */
  readonly directory: string;
  readonly log: Pick<Logger, "warn" | "error">;
  /** Ends the process: called when the disk is full, where going on would hang for ever. */
  readonly exit?: (code: number) => never;
  /** An image to start a `memory` database from. */
  readonly loadDataDir?: Blob;
}

export interface EmbeddedDatabase extends Database {
  /** For images of it. Statements go through the {@link Database}. */
  readonly lite: PGlite;
  /** What is done every second: refuses writes while the disk is nearly full. */
  checkDisk(): Promise<void>;
}

/**
 * PGlite in this process, with what it lacks: commits reach the disk, one process owns the
 * directory, the write-ahead log is recycled, and a full disk ends the process instead of hanging it.
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  if (options.directory === "memory") return openInMemory(options);
  const directory = takeDataDirectory(options.directory);
  try {
    refuseFullDisk(options.directory);
    let lite: PGlite | undefined;
    const guard = guardDisk(() => lite as PGlite, { exit: process.exit, ...options });
    lite = await PGlite.create({
      fs: new DurableFiles(directory.files, guard.end),
      startParams: startParameters({ fsync: "on" }),
      parsers: PARSERS as NonNullable<PGliteOptions["parsers"]>,
    });
    endOnDiskFailure(lite, guard);
    const stopUpkeep = keepUp(lite, guard, options);
    return asDatabase(lite, guard.check, () => {
      stopUpkeep();
      directory.close();
    });
  } catch (error) {
    directory.close();
    throw error;
  }
}

async function openInMemory({ loadDataDir }: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const lite = await PGlite.create({
    dataDir: "memory://",
    ...(loadDataDir !== undefined && { loadDataDir }),
    startParams: startParameters({ fsync: "off" }),
    parsers: PARSERS as NonNullable<PGliteOptions["parsers"]>,
  });
  return asDatabase(
    lite,
    () => Promise.resolve(),
    () => undefined,
  );
}

function asDatabase(
  lite: PGlite,
  checkDisk: () => Promise<void>,
  release: () => void,
): EmbeddedDatabase {
  const kysely: Kysely<DB> = new Kysely<DB>({
    dialect: new PGliteDialect({ pglite: lite }),
    plugins: [oneSession(() => kysely)],
  });
  return {
    embedded: true,
    isElsewhere: false,
    lite,
    checkDisk,
    kysely,
    prepared: async <Row>(
      _name: string,
      text: string,
      values: readonly (string | number | null)[],
    ) => {
      assertOutside(kysely);
      return (await lite.query<Row>(text, [...values], { serializers: AS_GIVEN })).rows;
    },
    script: async (text) => {
      await lite.transaction((transaction) => transaction.exec(text));
    },
    listen: async (channel, onMessage) => {
      const stop = await lite.listen(channel, onMessage);
      return () => stop();
    },
    close: async () => {
      await lite.close();
      release();
    },
  };
}

/** Arrays come as literals already: whatever the type, text goes to the database as it is. */
const AS_GIVEN = new Proxy(
  {},
  {
    get: (_target, key) =>
      typeof key === "string" && /^\d+$/.test(key) ? (value: unknown) => String(value) : undefined,
    has: (_target, key) => typeof key === "string" && /^\d+$/.test(key),
  },
) as Record<number, (value: unknown) => string>;

function startParameters({ fsync }: { fsync: "on" | "off" }): string[] {
  const defaults = (PGlite as unknown as { defaultStartParams: string[] }).defaultStartParams;
  const settings = {
    shared_buffers: "32MB",
    max_wal_size: "256MB",
    fsync,
    wal_sync_method: "fsync",
    timezone: "UTC",
  };
  return [
    ...defaults.filter((parameter) => parameter !== "-F"),
    ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  ];
}

/**
 * Every statement of every way of asking passes here. It must be caught here: PGlite itself sends
 * something after a failure (sync, rollback), and on a full disk that never returns.
 */
function endOnDiskFailure(lite: PGlite, guard: DiskGuard): void {
  const send = lite.execProtocolStream.bind(lite);
  lite.execProtocolStream = (...parameters) =>
    send(...parameters).catch((error: unknown) => {
      if (isDiskFailure(error)) guard.end(error);
      throw error;
    });
}

/** Single-user PostgreSQL has no checkpointer and no autovacuum, and does not survive a full disk. */
function keepUp(lite: PGlite, guard: DiskGuard, { log }: Pick<EmbeddedOptions, "log">): () => void {
  const failed = (error: unknown) =>
    log.error({ error }, "upkeep of the embedded database failed; it is tried again");
  const vacuum = async () => {
    await lite.exec("vacuum (analyze)");
    await lite.exec("checkpoint");
  };
  const timers = [
    setInterval(() => void vacuum().catch(failed), UPKEEP_EVERY_MS),
    setInterval(() => void guard.check().catch(failed), DISK_CHECK_EVERY_MS),
  ];
  for (const timer of timers) timer.unref();
  return () => timers.forEach(clearInterval);
}
