import { sql } from "kysely";
import type { Database } from "./database.ts";
import { codeOf } from "./faults.ts";

/**
 * The role that row security binds, named after the owner of our tables. Roles are of the whole server:
 * one for all its databases would let who has one of them into the others.
 */
export const MANAGEMENT_ROLE = sql<string>`(
  select pg_get_userbyid(nspowner) || '_management' from pg_namespace where nspname = 'platform'
)`;

/** How the role stands, with all names as SQL spells them. */
interface Standing {
  readonly role: string;
  readonly owner: string;
  readonly me: string;
  /** It is there, and row security binds it. */
  readonly is_bound: boolean | null;
  readonly owner_may: boolean | null;
  readonly i_may: boolean | null;
  /** Row security binds me: I see nothing without a reach. */
  readonly am_bound: boolean | null;
  /** Tables with row security that the role is still to be let into, and their schemas. */
  readonly tables: readonly string[];
  readonly schemas: readonly string[];
}

/**
 * Makes the role of management transactions, lets the owner of our tables become it, and lets it into
 * every table that has row security, and no other. Repeating does nothing. Databases of one server may
 * do it at the same time; of one database, those that take the lock.
 *
 * @throws with the statements for an administrator when the owner may not make roles
 */
export async function ensureManagementRole(database: Database, lock: string): Promise<void> {
  const { role, owner, is_bound, owner_may, tables, schemas } = await readStanding(database);
  const steps = [
    ...(is_bound === null ? [unlessThere(`create role ${role} nologin`)] : []),
    ...(owner_may === true ? [] : [unlessThere(`grant ${role} to ${owner}`)]),
    ...schemas.map((schema) => `grant usage on schema ${schema} to ${role}`),
    ...tables.map((table) => `grant select, insert, update, delete on ${table} to ${role}`),
  ];
  if (steps.length === 0) return;
  try {
    await database.script([lock, ...steps].join(";\n"));
  } catch (cause) {
    if (codeOf(cause) !== "42501") throw cause;
    throw new Error(
      `The database user ${owner} may not make the role that management transactions need. Let an administrator run "create role ${role} nologin; grant ${role} to ${owner};", then run "npm run migrate" again.`,
      { cause },
    );
  }
}

/**
 * Refuses to go on where the second wall would not stand, or would stand between us and our own rows.
 *
 * @throws with a sentence that says what helps
 */
export async function checkManagementRole(database: Database): Promise<void> {
  const { role, owner, me, is_bound, i_may, am_bound, tables } = await readStanding(database);
  if (am_bound === true) {
    throw new Error(
      `The database user ${me} does not own the tables and would see nothing in them. Connect as ${owner}, or run "grant ${owner} to ${me};".`,
    );
  }
  if (is_bound === false) {
    throw new Error(
      `Row security does not bind the role ${role}: it is a superuser, has bypassrls, or is a member of ${owner}. Take that from it.`,
    );
  }
  if (is_bound === null || i_may !== true || tables.length > 0) {
    throw new Error(
      `The database has no role ${role} as it is needed. Run "npm run migrate", then start again.`,
    );
  }
}

async function readStanding(database: Database): Promise<Standing> {
  const { rows } = await sql<Standing>`
    select quote_ident(m.name) as role,
           quote_ident(o.rolname) as owner,
           quote_ident(current_user) as me,
           not (r.rolsuper or r.rolbypassrls or pg_has_role(r.oid, o.oid, 'usage')) as is_bound,
           pg_has_role(o.oid, r.oid, v.becoming) as owner_may,
           pg_has_role(session_user, r.oid, v.becoming) as i_may,
           t.am_bound,
           coalesce(t.tables, '{}') as tables,
           coalesce(t.schemas, '{}') as schemas
      from (select ${MANAGEMENT_ROLE} as name) m
      join pg_namespace p on p.nspname = 'platform'
      join pg_roles o on o.oid = p.nspowner
      left join pg_roles r on r.rolname = m.name
     cross join lateral (
       -- Since 16 a member may be kept from becoming the role: who made it is such a one.
       select case when current_setting('server_version_num')::integer < 160000 then 'member' else 'set' end as becoming
     ) v
     cross join lateral (
       select bool_or(row_security_active(c.oid)) as am_bound,
              array_agg(c.oid::regclass::text order by c.oid) filter (where g.is_let_in is not true) as tables,
              array_agg(distinct quote_ident(n.nspname)) filter (where g.is_let_in is not true) as schemas
         from pg_class c
         join pg_namespace n on n.oid = c.relnamespace
        cross join lateral (
          select has_schema_privilege(r.oid, n.oid, 'usage')
                 and has_table_privilege(r.oid, c.oid, 'select') and has_table_privilege(r.oid, c.oid, 'insert')
                 and has_table_privilege(r.oid, c.oid, 'update') and has_table_privilege(r.oid, c.oid, 'delete') as is_let_in
        ) g
        where c.relkind = 'r' and c.relrowsecurity and c.relowner = o.oid
     ) t
  `.execute(database.kysely);
  return rows[0] as Standing;
}

/** Roles are of the whole server, and another of its databases may be faster. */
function unlessThere(statement: string): string {
  return `do $step$ begin ${statement}; exception when duplicate_object or unique_violation then null; end $step$`;
}
