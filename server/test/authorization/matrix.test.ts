import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { MATRIX, type Row } from "./matrix.ts";
import { aWorld, type Ours, PRINCIPALS, type PrincipalName, type World } from "./principals.ts";

interface Operation {
  readonly id: string;
  readonly method: string;
  /** With its parameters in braces. */
  readonly path: string;
}

type Expected = "ok" | 401 | 403 | 404;

/** One line of the matrix: a route, and one way to ask it. */
interface Line {
  readonly name: string;
  readonly row: Row;
  readonly operation: Operation;
}

test("every route answers every principal as the matrix says, and who is refused changes nothing", async (t) => {
  const world = await aWorld(t);
  const lines = linesOf(await operationsOf(world));
  const wrong: string[] = [];
  const tally = { ok: 0, 401: 0, 403: 0, 404: 0 };
  const tryAll = async (isWanted: (expected: Expected) => boolean) => {
    for (const line of lines) {
      for (const principal of PRINCIPALS) {
        const expected = expectedOf(line, principal);
        if (!isWanted(expected)) continue;
        const fault = await tryPair(world, line, principal, expected);
        if (fault !== null) wrong.push(`${line.name} as ${principal}: ${fault}`);
        tally[expected]++;
      }
    }
  };
  const before = await everything(world);
  await tryAll((expected) => expected !== "ok");
  assert.deepEqual(await everything(world), before, "whoever is refused changes nothing");
  await tryAll((expected) => expected === "ok");
  assert.deepEqual(wrong, []);
  const routes = new Set(lines.map(({ operation }) => operation.id)).size;
  const pairs = lines.length * PRINCIPALS.length;
  t.diagnostic(
    `authorization matrix: ${routes} routes (${lines.length} lines) x ${PRINCIPALS.length} principals = ${pairs} pairs: ${tally.ok} let through, ${tally[401]} not known, ${tally[403]} not allowed, ${tally[404]} not found`,
  );
});

test("what the matrix itself says is whole: each principal has one answer on each line", () => {
  for (const [name, { answers }] of Object.entries(MATRIX)) {
    const listed = Object.values(answers).flat().sort();
    assert.deepEqual(listed, [...PRINCIPALS].sort(), name);
  }
});

/** Every route of the OpenAPI document with its lines, and no line without a route. */
function linesOf(operations: readonly Operation[]): readonly Line[] {
  const byId = new Map(operations.map((operation) => [operation.id, operation]));
  const lines = Object.entries(MATRIX).map(([name, row]) => {
    const operation = byId.get(name.split(" ")[0] ?? "");
    assert.ok(operation, `the matrix has a line for ${name}, which is no route`);
    return { name, row, operation };
  });
  const missing = operations.filter(({ id }) => !lines.some((line) => line.operation.id === id));
  assert.deepEqual(missing, [], "routes without a line in server/test/authorization/matrix.ts");
  return lines;
}

async function operationsOf({ town }: World): Promise<readonly Operation[]> {
  const answer = await fetch(`${town.server.url}/openapi.json`);
  const { paths } = (await answer.json()) as {
    paths: Record<string, Record<string, { operationId: string }>>;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => ({
      id: operationId,
      method: method.toUpperCase(),
      path,
    })),
  );
}

function expectedOf({ name, row }: Line, principal: PrincipalName): Expected {
  for (const expected of ["ok", 401, 403, 404] as const) {
    if (row.answers[expected]?.includes(principal)) return expected;
  }
  return assert.fail(`the matrix does not say what ${principal} gets from ${name}`);
}

/** What is wrong with the answer; null: nothing. */
async function tryPair(
  world: World,
  { row, operation }: Line,
  principal: PrincipalName,
  expected: Expected,
): Promise<string | null> {
  const isThrough = expected === "ok";
  const target: Ours = {
    ...world.ours,
    ...(row.on === "draft" && { event: world.ours.draft }),
    ...(row.on === "anonymous event" && world.anonymous),
    ...(row.isOnce && isThrough && (await world.anEvent())),
  };
  const headers =
    row.endsSession && isThrough
      ? await world.anotherSession(principal)
      : world.principals.get(principal);
  const request = `${operation.method} ${pathFor(operation.path, row, world, target)}`;
  const { status, code } = await world.send(request, row.body?.(world, target), headers ?? {});
  const got = `${status} ${code}`;
  if (!isThrough) {
    const codes = { 401: "not_authenticated", 403: "not_allowed", 404: "not_found" };
    const wanted = `${expected} ${codes[expected]}`;
    return got === wanted ? null : `${wanted} expected, ${got} answered`;
  }
  const isRefused =
    status >= 500 ||
    ["not_authenticated", "not_allowed", "cross_origin_request", "malformed_request"].includes(
      code,
    ) ||
    (code === "not_found" && !row.mayBeMissing);
  return isRefused ? `to be let through, ${got} answered` : null;
}

function pathFor(template: string, row: Row, world: World, target: Ours): string {
  const first =
    /\/(events|organizers|slots|ticket-types|reservations|tickets|payments|refunds)\/\{/.exec(
      template,
    )?.[1];
  const ids: Readonly<Record<string, string>> = {
    events: target.event,
    organizers: target.organizer,
    slots: target.slot,
    "ticket-types": target.ticketType,
    reservations: target.reservation,
    tickets: target.ticket,
    payments: target.payment,
    refunds: target.refund,
  };
  const values = [...(first === undefined ? [] : [ids[first]]), row.second?.(world)];
  return template.replaceAll(/\{[^}]+\}/g, () => {
    const value = values.shift();
    assert.ok(value !== undefined, `the matrix has an id for each place of ${template}`);
    return value;
  });
}

/** A digest of every row that somebody may change. When a key was last used is no change. */
async function everything({ town }: World): Promise<Readonly<Record<string, string>>> {
  const { kysely } = town.server.app.database;
  const { rows: tables } = await sql<{ name: string }>`
    select format('%I.%I', n.nspname, c.relname) as name
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r'
       and n.nspname in ('accounts', 'organizers', 'catalog', 'reservations', 'payments')
     order by 1
  `.execute(kysely);
  const digests: Record<string, string> = {};
  for (const { name } of tables) {
    const { rows } = await sql<{ digest: string }>`
      select md5(coalesce(string_agg((to_jsonb(t) - 'last_used_at')::text, e'\n' order by to_jsonb(t)::text), '')) as digest
        from ${sql.raw(name)} t
    `.execute(kysely);
    digests[name] = rows[0]?.digest ?? "";
  }
  return digests;
}
