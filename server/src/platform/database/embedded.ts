import fs from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { PGlite, type PGliteOptions } from "@electric-sql/pglite";
import { NodeFS } from "@electric-sql/pglite/nodefs";
import { Kysely, PGliteDialect } from "kysely";
import type { Logger } from "../logger.ts";
import type { Database } from "./database.ts";
import { codeOf } from "./faults.ts";
import type { DB } from "./generated.ts";
import { PARSERS } from "./parsers.ts";

const UPKEEP_EVERY_MS = 15 * 60_000;
const DISK_CHECK_EVERY_MS = 5_000;
const DISK_FREE_BYTES_MIN = 64 * 1024 * 1024;
/** The PostgreSQL that this PGlite is; a directory of another major does not open. */
const MAJOR = "18";

export interface EmbeddedOptions {
  /** A directory, or `memory` for one that is gone with the process. */
  readonly directory: string;
  readonly log: Pick<Logger, "warn" | "error">;
  /** Ends the process: called when the disk is full, where going on would hang for ever. */
  readonly exit?: (code: number) => never;
  /** An image to start a `memory` database from. */
  readonly loadDataDir?: Blob;
}

/**
 * PGlite in this process, with what it lacks: commits reach the disk, one process owns the
 * directory, the write-ahead log is recycled, and a full disk ends the process instead of hanging it.
 */
export async function openEmbedded(
  options: EmbeddedOptions,
): Promise<Database & { readonly lite: PGlite }> {
  const memory = options.directory === "memory";
  if (!memory) fs.mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  const lock = memory ? null : lockDirectory(options.directory);
  const files = `${options.directory}/postgres`;
  if (!memory) refuseOtherMajor(files);
  const lite = await PGlite.create({
    ...(memory ? { dataDir: "memory://" } : { fs: new DurableFS(files) }),
    ...(options.loadDataDir !== undefined && { loadDataDir: options.loadDataDir }),
    startParams: startParameters(memory),
    parsers: PARSERS as NonNullable<PGliteOptions["parsers"]>,
  });
  await lite.exec("set timezone = 'UTC'");
  const stopUpkeep = memory ? () => {} : keepUp(lite, options);
  const guarded = <Result>(work: Promise<Result>) =>
    work.catch((error) => exitOnFullDisk(error, options));
  return {
    embedded: true,
    lite,
    kysely: new Kysely<DB>({ dialect: new PGliteDialect({ pglite: lite }) }),
    prepared: async <Row>(
      _name: string,
      text: string,
      values: readonly (string | number | null)[],
    ) => (await guarded(lite.query<Row>(text, [...values], { serializers: AS_GIVEN }))).rows,
    script: async (text) => {
      await guarded(lite.transaction((transaction) => transaction.exec(text)));
    },
    listen: async (channel, onMessage) => {
      const stop = await lite.listen(channel, onMessage);
      return () => stop();
    },
    close: async () => {
      stopUpkeep();
      await lite.close();
      lock?.close();
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

/** libc's fsync() reaches NODEFS, which has no such call; this gives it one. */
class DurableFS extends NodeFS {
  override async init(...parameters: Parameters<NodeFS["init"]>): ReturnType<NodeFS["init"]> {
    const made = await super.init(...parameters);
    const options = made.emscriptenOpts as { preRun?: ((module: EmscriptenModule) => void)[] };
    options.preRun = [
      ...(options.preRun ?? []),
      (module) => {
        module.NODEFS.stream_ops.fsync = (stream) => {
          if (stream.nfd !== undefined) fs.fsyncSync(stream.nfd);
          return 0;
        };
      },
    ];
    return made;
  }
}

interface EmscriptenModule {
  readonly NODEFS: { readonly stream_ops: { fsync?: (stream: { nfd?: number }) => number } };
}

function startParameters(memory: boolean): string[] {
  const defaults = (PGlite as unknown as { defaultStartParams: string[] }).defaultStartParams;
  const settings = {
    shared_buffers: "32MB",
    max_wal_size: "256MB",
    fsync: memory ? "off" : "on",
    wal_sync_method: "fsync",
  };
  return [
    ...defaults.filter((parameter) => parameter !== "-F"),
    ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  ];
}

/** PGlite takes no lock: two processes would lose each other's writes without a word. A killed process frees this one. */
function lockDirectory(directory: string): DatabaseSync {
  const lock = new DatabaseSync(`${directory}/lock`);
  try {
    lock.exec("pragma busy_timeout = 0; pragma locking_mode = exclusive; begin exclusive");
    return lock;
  } catch (cause) {
    lock.close();
    throw new Error(
      `The directory ${directory} is in use by another process. One process owns an embedded database: stop the other one, or set DATA_DIR to another directory, or use PostgreSQL (DATABASE_URL).`,
      { cause },
    );
  }
}

function refuseOtherMajor(files: string): void {
  const path = `${files}/PG_VERSION`;
  if (!fs.existsSync(path)) return;
  const found = fs.readFileSync(path, "utf8").trim();
  if (found !== MAJOR) {
    throw new Error(
      `The embedded database in ${files} is of PostgreSQL ${found}, this version has ${MAJOR}. Run "export" with the version that made it, then "import" into an empty directory with this one.`,
    );
  }
}

/** Single-user PostgreSQL has no checkpointer and no autovacuum, and does not survive a full disk. */
function keepUp(lite: PGlite, options: EmbeddedOptions): () => void {
  const upkeep = setInterval(() => {
    lite
      .exec("vacuum (analyze)")
      .then(() => lite.exec("checkpoint"))
      .catch((error) => options.log.error({ error }, "upkeep of the embedded database failed"));
  }, UPKEEP_EVERY_MS).unref();
  const disk = setInterval(() => {
    const { bavail, bsize } = fs.statfsSync(options.directory);
    if (bavail * bsize < DISK_FREE_BYTES_MIN) exitOnFullDisk({ code: "53100" }, options);
  }, DISK_CHECK_EVERY_MS).unref();
  return () => {
    clearInterval(upkeep);
    clearInterval(disk);
  };
}

/** After the first write that finds no room, the next one never returns: stop while all that was acknowledged is safe. */
function exitOnFullDisk(error: unknown, options: EmbeddedOptions): never {
  const code = codeOf(error) ?? "";
  if (code === "53100" || code.startsWith("58")) {
    options.log.error(
      { code },
      `The disk of ${options.directory} is full. Everything acknowledged is stored. Make room, then start again.`,
    );
    (options.exit ?? process.exit)(74);
  }
  throw error;
}
