import { createWriteStream } from "node:fs";
import { rename } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { sql } from "kysely";
import type { Database, Transaction } from "./database.ts";
import { appliedMigrations, countRows, type Table, tablesInOrder } from "./tables.ts";

export const EXPORT_FORMAT = "tessera-export-1";
const ROWS_PER_FETCH = 2_000;

/** The first line of an export; then one line a table, each followed by its rows, an array of texts a row. */
export interface ExportHead {
  readonly format: typeof EXPORT_FORMAT;
  /** Name and checksum of each: an import goes into exactly this schema. */
  readonly migrations: readonly string[];
}

export interface ExportedTable {
  readonly table: string;
  readonly columns: readonly string[];
  readonly rows: number;
}

/**
 * Writes all rows of all tables, as of one instant, to a file: gzip, one JSON value a line, every
 * value as PostgreSQL prints it, so that it comes back to the microsecond and to the byte. The file
 * is there whole or not at all.
 */
export async function exportTo(
  database: Database,
  path: string,
  progress: (table: string, done: number, rows: number) => void,
): Promise<readonly ExportedTable[]> {
  const exported: ExportedTable[] = [];
  const unfinished = `${path}.unfinished`;
  await database.kysely
    .transaction()
    .setIsolationLevel("repeatable read")
    .execute(async (transaction) => {
      const lines = Readable.from(allLines(transaction, exported, progress));
      await pipeline(lines, createGzip(), createWriteStream(unfinished, { mode: 0o600 }));
    });
  await rename(unfinished, path);
  return exported;
}

async function* allLines(
  transaction: Transaction,
  exported: ExportedTable[],
  progress: (table: string, done: number, rows: number) => void,
): AsyncGenerator<string> {
  const head: ExportHead = {
    format: EXPORT_FORMAT,
    migrations: await appliedMigrations(transaction),
  };
  yield `${JSON.stringify(head)}\n`;
  for (const table of await tablesInOrder(transaction)) {
    const rows = await countRows(transaction, table);
    const said = { table: table.name, columns: table.columns.map((column) => column.name), rows };
    exported.push(said);
    yield `${JSON.stringify(said)}\n`;
    let done = 0;
    for await (const batch of batches(transaction, table)) {
      yield batch.map((row) => `${JSON.stringify(row)}\n`).join("");
      done += batch.length;
      progress(table.name, done, rows);
    }
  }
}

async function* batches(
  transaction: Transaction,
  table: Table,
): AsyncGenerator<(string | null)[][]> {
  const texts = table.columns.map((column) => `${column.name}::text`).join(", ");
  await sql
    .raw(
      `declare export_rows no scroll cursor for select to_jsonb(array[${texts}]) as row from ${table.name}`,
    )
    .execute(transaction);
  for (;;) {
    const { rows } = await sql
      .raw<{ row: (string | null)[] }>(`fetch ${ROWS_PER_FETCH} from export_rows`)
      .execute(transaction);
    if (rows.length === 0) break;
    yield rows.map(({ row }) => row);
  }
  await sql.raw("close export_rows").execute(transaction);
}
