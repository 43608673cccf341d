import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { sql } from "kysely";
import { type Database, inTransaction, type Transaction } from "./database.ts";
import {
  EXPORT_FORMAT,
  type ExportedTable,
  type ExportHead,
  type TableProgress,
} from "./export.ts";
import { appliedMigrations, migrate, readSchemaSource, type SchemaSource } from "./migrate.ts";
import { countRows, type Table, tablesInOrder } from "./tables.ts";

const ROWS_PER_INSERT = 1_000;

/**
 * Reads what an export wrote into an empty database. One that was not migrated yet is brought to the
 * file's schema first, and afterwards to this version's: so an older version's file can be read. The
 * rows come in one transaction, in which the number of rows of every table is compared.
 *
 * @throws with a sentence that says what stands in the way; then no row is there
 */
export async function importFrom(
  database: Database,
  path: string,
  progress: TableProgress,
  source?: SchemaSource,
): Promise<readonly ExportedTable[]> {
  const ours = source ?? (await readSchemaSource());
  const head = await readHead(path);
  await bringTo(database, head, ours);
  await inTransaction(database, (transaction) => fill(transaction, path, head, progress));
  await migrate(database, ours);
  await database.script("analyze");
  return head.tables;
}

async function readHead(path: string): Promise<ExportHead> {
  for await (const line of linesOf(path)) {
    const head = parse(line);
    if (head?.format === EXPORT_FORMAT) return head;
    throw new Error(`${path} is not an export of Tessera.`);
  }
  throw new Error(`${path} is empty.`);
}

function parse(line: string): ExportHead | null {
  try {
    return JSON.parse(line) as ExportHead;
  } catch {
    return null;
  }
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const input = createReadStream(path);
  const unpacked = createGunzip();
  input.on("error", (error) => unpacked.destroy(error)).pipe(unpacked);
  let rest = "";
  try {
    for await (const text of unpacked.setEncoding("utf8")) {
      const lines = (rest + (text as string)).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
  } catch (cause) {
    throw new Error(`${path} cannot be read: ${(cause as Error).message}`, { cause });
  } finally {
    input.destroy();
  }
  if (rest !== "") yield rest;
}

/** Makes the schema that the rows are of, where it is not there yet. */
async function bringTo(database: Database, head: ExportHead, ours: SchemaSource): Promise<void> {
  const known = head.migrations.every(([name, sha256], index) => {
    const migration = ours.migrations[index];
    return migration?.name === name && migration.sha256 === sha256;
  });
  if (!known) {
    throw new Error(
      "The file is of a version that this one does not know. Import it with the version that exported it, or a later one.",
    );
  }
  const applied = await appliedMigrations(database.kysely);
  if (applied.size > head.migrations.length) {
    throw new Error(
      "The database was migrated further than the file. Import into a new database, before it is migrated: it is brought to the file's version, filled, and migrated on.",
    );
  }
  if (applied.size < head.migrations.length) {
    const migrations = ours.migrations.slice(0, head.migrations.length);
    await migrate(database, { ...ours, migrations, functions: [] });
  }
}

async function fill(
  transaction: Transaction,
  path: string,
  head: ExportHead,
  progress: TableProgress,
): Promise<void> {
  const tables = await tablesInOrder(transaction);
  await refuseFull(transaction, tables);
  let current: { readonly said: ExportedTable; readonly table: Table; done: number } | null = null;
  let waiting: string[] = [];
  const flush = async () => {
    if (waiting.length === 0) return;
    if (current === null) throw new Error("The file is not whole: it has rows of no table.");
    await insertRows(transaction, current.table, waiting);
    current.done += waiting.length;
    progress(current.table.name, current.done, current.said.rows);
    waiting = [];
  };
  for await (const line of linesOf(path)) {
    if (line.startsWith("[")) {
      waiting.push(line);
      if (waiting.length === ROWS_PER_INSERT) await flush();
      continue;
    }
    await flush();
    const { table: name } = JSON.parse(line) as { table?: string };
    const said = head.tables.find(({ table }) => table === name);
    if (said !== undefined) current = { said, table: matching(tables, said), done: 0 };
  }
  await flush();
  await compareCounts(transaction, tables, head.tables);
  for (const { name, last_value, is_called } of head.sequences) {
    await sql`select setval(${name}::regclass, ${last_value}::bigint, ${is_called})`.execute(
      transaction,
    );
  }
}

async function refuseFull(transaction: Transaction, tables: readonly Table[]): Promise<void> {
  for (const table of tables) {
    if ((await countRows(transaction, table)) > 0) {
      throw new Error(
        `The database is not empty: ${table.name} has rows. Import into a fresh one.`,
      );
    }
  }
}

function matching(tables: readonly Table[], said: ExportedTable): Table {
  const table = tables.find(({ name }) => name === said.table);
  if (table === undefined) throw new Error(`The database has no table ${said.table}.`);
  const columns = said.columns.map((name) => table.columns.find((column) => column.name === name));
  if (columns.includes(undefined) || columns.length !== table.columns.length) {
    throw new Error(`The columns of ${said.table} are others in this database.`);
  }
  return { name: table.name, columns: columns.filter((column) => column !== undefined) };
}

async function insertRows(
  transaction: Transaction,
  table: Table,
  rows: readonly string[],
): Promise<void> {
  const names = table.columns.map((column) => column.name).join(", ");
  const values = table.columns
    .map((column, index) => `(r ->> ${index})::${column.type}`)
    .join(", ");
  await sql`
    insert into ${sql.raw(`${table.name} (${names})`)} overriding system value
    select ${sql.raw(values)} from jsonb_array_elements(${`[${rows.join(",")}]`}::text::jsonb) r
  `.execute(transaction);
}

async function compareCounts(
  transaction: Transaction,
  tables: readonly Table[],
  exported: readonly ExportedTable[],
): Promise<void> {
  for (const said of exported) {
    const found = await countRows(transaction, matching(tables, said));
    if (found !== said.rows) {
      throw new Error(`The file is not whole: ${said.table} has ${found} of ${said.rows} rows.`);
    }
  }
}
