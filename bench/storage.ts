import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  administer,
  postgresTemplate,
  postgresUrl,
  TEST_PREFIX,
} from "../server/test/postgres-template.ts";
import type { DatabaseKind } from "./measurement.ts";

/** A fresh place for data: what the server is told of it, and how it goes away again. */
export interface Storage {
  /** Null for an embedded one. */
  readonly url: string | null;
  readonly environment: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

/** A migrated database that nobody else uses, or an empty directory. */
export function newStorage(kind: DatabaseKind): Promise<Storage> {
  return kind === "postgres" ? newPostgres() : newDirectory();
}

async function newPostgres(): Promise<Storage> {
  const template = await postgresTemplate();
  // The time is in the name: what a killed run leaves behind is dropped by a later run of the tests.
  const seconds = Math.floor((performance.timeOrigin + performance.now()) / 1000);
  const name = `${TEST_PREFIX}${seconds}_bench_${randomUUID().slice(0, 8)}`;
  await administer(async (client) => {
    await client.query(`create database ${name} template ${template}`);
  });
  const url = postgresUrl(name);
  return {
    url,
    environment: { DATABASE_URL: url },
    remove: () =>
      administer(async (client) => {
        await client.query(`drop database if exists ${name} with (force)`);
      }),
  };
}

async function newDirectory(): Promise<Storage> {
  const directory = await mkdtemp(join(tmpdir(), "tessera-bench-"));
  return {
    url: null,
    environment: { DATA_DIR: directory },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}
