import { sql } from "kysely";
import type { Queryable } from "./database.ts";

/** A table as an export writes it and an import reads it. */
export interface Table {
  /** With its schema, quoted where it must be. */
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** What the migrator keeps for itself: the same in every database of one version. */
const BOOKKEEPING = ["platform.migration", "platform.function_file"];

/** All tables of ours, each after those it refers to. Asks the database, so later tables are in it by themselves. */
export async function tablesInOrder(database: Queryable): Promise<Table[]> {
  const { rows } = await sql<{
    name: string;
    columns: Table["columns"];
    refers_to: readonly string[];
  }>`
    select c.oid::regclass::text as name,
           (select jsonb_agg(jsonb_build_object('name', quote_ident(a.attname), 'type', format_type(a.atttypid, a.atttypmod))
                             order by a.attnum)
              from pg_attribute a
             where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
           array(select distinct k.confrelid::regclass::text
                   from pg_constraint k
                  where k.conrelid = c.oid and k.contype = 'f' and k.confrelid <> c.oid) as refers_to
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r'
       and n.nspname <> 'information_schema'
       and n.nspname not like 'pg\_%'
     order by 1
  `.execute(database);
  const waiting = rows.filter((row) => !BOOKKEEPING.includes(row.name));
  const ordered: Table[] = [];
  while (waiting.length > 0) {
    const index = waiting.findIndex((row) =>
      row.refers_to.every((other) => !waiting.some((one) => one.name === other)),
    );
    const [next] = waiting.splice(Math.max(index, 0), 1);
    if (next !== undefined) ordered.push({ name: next.name, columns: next.columns });
  }
  return ordered;
}

/** How many rows a table has. */
export async function countRows(database: Queryable, table: Table): Promise<number> {
  const { rows } = await sql<{
    count: number;
  }>`select count(*) as count from ${sql.raw(table.name)}`.execute(database);
  return rows[0]?.count ?? 0;
}

/** The names and checksums of the migrations a database has. */
export async function appliedMigrations(database: Queryable): Promise<string[]> {
  const { rows } = await sql<{ applied: string }>`
    select name || ' ' || sha256 as applied from platform.migration order by name
  `.execute(database);
  return rows.map((row) => row.applied);
}
