import { sql } from "kysely";
import { assert } from "../assert.ts";
import type { Queryable } from "./database.ts";

/** A table as an export writes it and an import reads it. */
export interface Table {
  /** With its schema, quoted where it must be. */
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** What the migrator keeps for itself: the same in every database of one version. */
const BOOKKEEPING = ["platform.migration", "platform.function_file"];

/**
 * Whatever is in a schema that is neither PostgreSQL's nor everybody's. Nor the job queue's: it has rows of its own
 * making in every database, and what it is doing is not taken elsewhere.
 */
const OURS = sql`n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'public', 'pgboss')`;

/** All tables of ours, each after those it refers to, but for what is checked when a transaction ends. Asks the database, so later tables are in it by themselves. */
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
                  where k.conrelid = c.oid and k.contype = 'f' and k.confrelid <> c.oid and not k.condeferred) as refers_to
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and ${OURS}
     order by 1
  `.execute(database);
  const waiting = rows.filter((row) => !BOOKKEEPING.includes(row.name));
  const ordered: Table[] = [];
  while (waiting.length > 0) {
    const index = waiting.findIndex((row) =>
      row.refers_to.every((other) => !waiting.some((one) => one.name === other)),
    );
    assert(index >= 0, "tables do not refer to one another in a circle");
    const [next] = waiting.splice(index, 1);
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

/** A sequence as it stands. Where it was never called, its last value is the one that comes next. */
export interface Sequence {
  readonly name: string;
  readonly last_value: string;
  readonly is_called: boolean;
}

/** All sequences of ours, those behind identity columns too. */
export async function sequences(database: Queryable): Promise<Sequence[]> {
  const { rows } = await sql<{ name: string }>`
    select c.oid::regclass::text as name
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'S' and ${OURS}
     order by 1
  `.execute(database);
  const found: Sequence[] = [];
  for (const { name } of rows) {
    const { rows: state } = await sql<Omit<Sequence, "name">>`
      select last_value::text as last_value, is_called from ${sql.raw(name)}
    `.execute(database);
    for (const one of state) found.push({ name, ...one });
  }
  return found;
}
