import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { sql } from "kysely";
import { type Database, inTransaction, type Queryable } from "./database.ts";
import { codeOf } from "./faults.ts";
import { checkManagementRole, ensureManagementRole } from "./management-role.ts";

const SERVER = fileURLToPath(new URL("../../../", import.meta.url));
/** Instances that start together take turns. */
const LOCK = "select pg_advisory_xact_lock(7213001)";

/** A file of the schema. Its name is its path from where such files are, by slashes. */
interface SourceFile {
  readonly name: string;
  readonly text: string;
  readonly sha256: string;
}

/** The schema this code was written for. */
export interface SchemaSource {
  /** Numbered, applied once, in order. */
  readonly migrations: readonly SourceFile[];
  /** One function a file, applied again whenever any of them changes. */
  readonly functions: readonly SourceFile[];
  /** One digest of all of it. */
  readonly checksum: string;
}

export async function readSchemaSource(): Promise<SchemaSource> {
  const migrations = await readAll(join(SERVER, "migrations"), /^\d{4}_[a-z0-9_]+\.sql$/);
  const functions = await readAll(join(SERVER, "src"), /(?:^|\/)sql\/[a-z0-9_]+\.sql$/);
  const all = [...migrations, ...functions].map((file) => file.sha256).join();
  return { migrations, functions, checksum: sha256(all) };
}

export interface Migrated {
  readonly migrations: readonly string[];
  readonly functions: boolean;
}

/**
 * Brings the database to this code's schema: each new migration in a transaction of its own, then
 * all functions in one, then the role of management transactions. Instances that start together wait for each other. Repeating does nothing.
 * A function whose file is gone stays until a migration drops it: an older process may call it.
 *
 * @throws when a migration was edited after it was applied or comes before one that was applied, or
 * the database is newer than the code; says which file it was that failed
 */
export async function migrate(database: Database, source?: SchemaSource): Promise<Migrated> {
  const { migrations, functions } = source ?? (await readSchemaSource());
  await database.script(`${LOCK};
    create schema if not exists platform;
    create table if not exists platform.migration (
      name       text         not null constraint migration_key primary key,
      sha256     text         not null,
      applied_at timestamptz  not null default clock_timestamp()
    );
    create table if not exists platform.function_file (
      path       text         not null constraint function_file_key primary key,
      sha256     text         not null,
      applied_at timestamptz  not null default clock_timestamp()
    );`);
  const applied = await appliedMigrations(database.kysely);
  refuseOtherHistory(applied, migrations);
  const made: string[] = [];
  for (const migration of migrations) {
    if (applied.has(migration.name)) continue;
    if (await applyMigration(database, migration)) made.push(migration.name);
  }
  const isApplied = await applyFunctions(database, functions);
  await ensureManagementRole(database, LOCK);
  return { migrations: made, functions: isApplied };
}

/**
 * Refuses to go on with a database whose schema is not this code's.
 * @throws with a sentence that says which command helps
 */
export async function checkSchema(database: Database, source?: SchemaSource): Promise<void> {
  const { migrations, functions } = source ?? (await readSchemaSource());
  const applied = await appliedMigrations(database.kysely);
  if (applied.size === 0) {
    throw new Error('The database is empty. Run "npm run migrate", then start again.');
  }
  refuseOtherHistory(applied, migrations);
  const missing = migrations.filter((migration) => !applied.has(migration.name));
  const [stale] = await staleFunctions(database, functions);
  if (missing.length > 0 || stale !== undefined) {
    throw new Error(
      `The database is not of this version (${missing[0]?.name ?? stale} is missing). Run "npm run migrate", then start again.`,
    );
  }
  await checkManagementRole(database);
}

async function applyMigration(
  database: Database,
  { name, text, sha256 }: SourceFile,
): Promise<boolean> {
  try {
    // Whoever comes second finds the row after waiting for the lock, and its insert fails on the key.
    await database.script(
      `${LOCK}; insert into platform.migration (name, sha256) values ('${name}', '${sha256}');\n${text}`,
    );
    return true;
  } catch (error) {
    if (
      codeOf(error) === "23505" &&
      (await appliedMigrations(database.kysely)).get(name) === sha256
    )
      return false;
    throw failed(`The migration ${name}`, error);
  }
}

async function applyFunctions(
  database: Database,
  functions: readonly SourceFile[],
): Promise<boolean> {
  if ((await staleFunctions(database, functions)).length === 0) return false;
  await inTransaction(database, async (transaction) => {
    await sql.raw(LOCK).execute(transaction);
    // In any order: one may call another that comes later.
    await sql`set local check_function_bodies = off`.execute(transaction);
    await sql`delete from platform.function_file`.execute(transaction);
    for (const { name, text, sha256 } of functions) {
      try {
        await sql.raw(text).execute(transaction);
      } catch (error) {
        throw failed(`The function file ${name}`, error);
      }
      await sql`insert into platform.function_file (path, sha256) values (${name}, ${sha256})`.execute(
        transaction,
      );
    }
  });
  return true;
}

function failed(what: string, cause: unknown): Error {
  return new Error(`${what} failed: ${(cause as Error).message}`, { cause });
}

async function staleFunctions(
  database: Database,
  functions: readonly SourceFile[],
): Promise<string[]> {
  const rows = await database.prepared<{ path: string; sha256: string }>(
    "function_files",
    "select path, sha256 from platform.function_file",
    [],
  );
  const known = new Map(rows.map((row) => [row.path, row.sha256]));
  const changed = functions
    .filter((file) => known.get(file.name) !== file.sha256)
    .map((file) => file.name);
  const gone = [...known.keys()].filter((path) => !functions.some((file) => file.name === path));
  return [...changed, ...gone];
}

/** The migrations a database has, by name, with their checksums; none where it has no schema of ours. */
export async function appliedMigrations(database: Queryable): Promise<Map<string, string>> {
  try {
    const { rows } = await sql<{ name: string; sha256: string }>`
      select name, sha256 from platform.migration order by name
    `.execute(database);
    return new Map(rows.map((row) => [row.name, row.sha256]));
  } catch (error) {
    if (codeOf(error) !== "42P01" && codeOf(error) !== "3F000") throw error;
    return new Map();
  }
}

function refuseOtherHistory(
  applied: ReadonlyMap<string, string>,
  migrations: readonly SourceFile[],
): void {
  for (const [name, checksum] of applied) {
    const migration = migrations.find((one) => one.name === name);
    if (migration === undefined) {
      throw new Error(
        `The database is newer than this version: it has ${name}. Run the version it was migrated with.`,
      );
    }
    if (migration.sha256 !== checksum) {
      throw new Error(
        `The migration ${name} was edited after it was applied. Restore it and write a new migration instead.`,
      );
    }
  }
  const firstMissing = migrations.findIndex(({ name }) => !applied.has(name));
  const late = migrations.slice(firstMissing + 1).find(({ name }) => applied.has(name));
  if (firstMissing >= 0 && late !== undefined) {
    throw new Error(
      `The migration ${migrations[firstMissing]?.name} comes before ${late.name}, which was applied already. Give it the next free number.`,
    );
  }
}

async function readAll(directory: string, pattern: RegExp): Promise<SourceFile[]> {
  const names = (await readdir(directory, { recursive: true }))
    .map((path) => path.split(sep).join("/"))
    .filter((name) => pattern.test(name))
    .sort();
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(directory, name), "utf8");
      return { name, text, sha256: sha256(text) };
    }),
  );
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
