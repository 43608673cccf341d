import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { sql } from "kysely";
import type { Database, Transaction } from "./database.ts";
import { appliedMigrations } from "./migrate.ts";
import { countRows, type Sequence, sequences, type Table, tablesInOrder } from "./tables.ts";

export const EXPORT_FORMAT = "tessera-export-1";
const ROWS_PER_FETCH = 2_000;

/** The first line of an export: what is in it. Then one line a table, `{"table": …}`, followed by its rows. */
export interface ExportHead {
  readonly format: typeof EXPORT_FORMAT;
  /** Name and checksum of each, in order: the rows are of exactly this schema. */
  readonly migrations: readonly (readonly [name: string, sha256: string])[];
  /** In the order in which they can be filled. */
  readonly tables: readonly ExportedTable[];
  readonly sequences: readonly Sequence[];
}

export interface ExportedTable {
  readonly table: string;
  readonly columns: readonly string[];
  readonly rows: number;
}

/** Told after each batch: how many rows of a table are done. */
export type TableProgress = (table: string, done: number, rows: number) => void;

/**
 * Writes all rows of all tables, as of one instant, to a file: gzip, one JSON value a line, a row as
 * an array of its values as PostgreSQL prints them, so that they come back to the microsecond and to
 * the byte. The file is there whole and on the disk, or not at all.
 */
export async function exportTo(
  database: Database,
  path: string,
  progress: TableProgress,
): Promise<readonly ExportedTable[]> {
  const unfinished = `${path}.unfinished`;
  try {
    const head = await database.kysely
      .transaction()
      .setIsolationLevel("repeatable read")
      .execute(async (transaction) => {
        const tables = await tablesInOrder(transaction);
        const written = await headOf(transaction, tables);
        await pipeline(
          Readable.from(linesOf(transaction, written, tables, progress)),
          createGzip(),
          createWriteStream(unfinished, { mode: 0o600, flush: true }),
        );
        return written;
      });
    await rename(unfinished, path);
    return head.tables;
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

async function headOf(transaction: Transaction, tables: readonly Table[]): Promise<ExportHead> {
  const exported: ExportedTable[] = [];
  for (const table of tables) {
    const columns = table.columns.map((column) => column.name);
    exported.push({ table: table.name, columns, rows: await countRows(transaction, table) });
  }
  return {
    format: EXPORT_FORMAT,
    migrations: [...(await appliedMigrations(transaction))],
    tables: exported,
    sequences: await sequences(transaction),
  };
}

async function* linesOf(
  transaction: Transaction,
  head: ExportHead,
  tables: readonly Table[],
  progress: TableProgress,
): AsyncGenerator<string> {
  yield line(head);
  for (const [index, table] of tables.entries()) {
    yield line({ table: table.name });
    let done = 0;
    for await (const rows of batches(transaction, table)) {
      yield rows.map(line).join("");
      done += rows.length;
      progress(table.name, done, head.tables[index]?.rows ?? done);
    }
  }
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
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
