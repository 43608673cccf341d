import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import { sql } from "kysely";
import { type Database, inTransaction, type Transaction } from "./database.ts";
import { EXPORT_FORMAT, type ExportedTable, type ExportHead } from "./export.ts";
import { appliedMigrations, countRows, type Table, tablesInOrder } from "./tables.ts";

const ROWS_PER_INSERT = 1_000;

/**
 * Reads what an export wrote into an empty database of the same schema, in one transaction, and
 * compares the number of rows of every table.
 *
 * @throws with a sentence that says what stands in the way; then nothing was changed
 */
export async function importFrom(
  database: Database,
  path: string,
  progress: (table: string, done: number, rows: number) => void,
): Promise<readonly ExportedTable[]> {
  return inTransaction(database, async (transaction) => {
    const tables = new Map((await tablesInOrder(transaction)).map((table) => [table.name, table]));
    await refuseFull(transaction, [...tables.values()]);
    const imported: ExportedTable[] = [];
    let current: { said: ExportedTable; table: Table; done: number } | null = null;
    let waiting: string[] = [];
    const flush = async () => {
      if (current === null || waiting.length === 0) return;
      await insertRows(transaction, current.table, waiting);
      current.done += waiting.length;
      progress(current.table.name, current.done, current.said.rows);
      waiting = [];
    };
    let first = true;
    for await (const line of linesOf(path)) {
      if (first) {
        refuseOther(line, await appliedMigrations(transaction));
        first = false;
      } else if (line.startsWith("{")) {
        await flush();
        const said = JSON.parse(line) as ExportedTable;
        current = { said, table: matching(tables, said), done: 0 };
        imported.push(said);
      } else {
        waiting.push(line);
        if (waiting.length === ROWS_PER_INSERT) await flush();
      }
    }
    await flush();
    if (first) throw new Error(`${path} is empty.`);
    await compareCounts(transaction, tables, imported);
    return imported;
  });
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const input = createReadStream(path).on("error", (error) => lines.emit("error", error));
  const lines = input.pipe(createGunzip());
  try {
    yield* createInterface({ input: lines, crlfDelay: Number.POSITIVE_INFINITY });
    // readline swallows the end of a cut file: the stream itself knows.
    if (lines.errored !== null) throw lines.errored;
  } catch (cause) {
    throw new Error(`${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

function refuseOther(line: string, migrations: readonly string[]): void {
  const head = parseHead(line);
  if (head?.format !== EXPORT_FORMAT) throw new Error("The file is not an export of Tessera.");
  if (head.migrations.join() !== migrations.join()) {
    throw new Error(
      "The file was exported with another version of the schema. Migrate both databases with the same version, then export again.",
    );
  }
}

function parseHead(line: string): ExportHead | null {
  try {
    return JSON.parse(line) as ExportHead;
  } catch {
    return null;
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

function matching(tables: ReadonlyMap<string, Table>, said: ExportedTable): Table {
  const table = tables.get(said.table);
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
    insert into ${sql.raw(`${table.name} (${names})`)}
    select ${sql.raw(values)} from jsonb_array_elements(${`[${rows.join(",")}]`}::text::jsonb) r
  `.execute(transaction);
}

async function compareCounts(
  transaction: Transaction,
  tables: ReadonlyMap<string, Table>,
  imported: readonly ExportedTable[],
): Promise<void> {
  for (const { table: name, rows } of imported) {
    const table = tables.get(name);
    const found = table === undefined ? 0 : await countRows(transaction, table);
    if (found !== rows)
      throw new Error(`The file is not whole: ${name} has ${found} of ${rows} rows.`);
  }
}
