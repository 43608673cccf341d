import { randomUUID } from "node:crypto";
import pg from "pg";
import { bareServer, bodySchema, givenAnswer, serveUntilTold } from "./bare-server.ts";

// node bench/naive-server.ts ANSWER-FILE: what people write first, as the reference of (l). One transaction a
// request on a pool of ten connections: lock the slot, insert, count, commit.

const POOL_MAX = 10;
const CAPACITY = 100_000_000;

interface Body {
  readonly lines: readonly { readonly slot_id: string; readonly quantity: number }[];
}

const answer = givenAnswer();
const pool = new pg.Pool({ connectionString: process.env["DATABASE_URL"], max: POOL_MAX });
await pool.query(`
  create table slot (slot_id text primary key, capacity integer not null, sold integer not null);
  create table reservation (
    reservation_id uuid primary key,
    slot_id text not null references slot (slot_id),
    quantity integer not null,
    idempotency_key text unique,
    created_at timestamptz not null default now()
  )
`);

const server = bareServer();
server.route({
  method: answer.method,
  url: answer.route,
  ...bodySchema(answer),
  handler: async (request, reply) => {
    const [line] = (request.body as Body).lines;
    if (line === undefined) throw new Error("the schema lets no reservation without lines through");
    const id = await reserve(line, request.headers["idempotency-key"]);
    if (id === null) return reply.code(409).send({ code: "sold_out" });
    return reply
      .code(answer.status)
      .headers(answer.headers)
      .send(JSON.stringify({ ...(JSON.parse(answer.body) as object), id }));
  },
});
await serveUntilTold(server, () => pool.end());

/** The reservation's id, null when the places do not suffice. */
async function reserve(
  line: Body["lines"][number],
  key: string | string[] | undefined,
): Promise<string | null> {
  const client = await pool.connect();
  try {
    await client.query("begin");
    const { rows } = await client.query<{ free: number }>(
      "select capacity - sold as free from slot where slot_id = $1 for update",
      [line.slot_id],
    );
    const free = rows[0]?.free ?? (await addSlot(client, line.slot_id));
    if (free < line.quantity) {
      await client.query("rollback");
      return null;
    }
    const id = randomUUID();
    await client.query(
      "insert into reservation (reservation_id, slot_id, quantity, idempotency_key) values ($1, $2, $3, $4)",
      [id, line.slot_id, line.quantity, key],
    );
    await client.query("update slot set sold = sold + $2 where slot_id = $1", [
      line.slot_id,
      line.quantity,
    ]);
    await client.query("commit");
    return id;
  } catch (error) {
    await client.query("rollback");
    throw error;
  } finally {
    client.release();
  }
}

/** A slot that is asked for the first time is there from then on. */
async function addSlot(client: pg.PoolClient, slotId: string): Promise<number> {
  await client.query("insert into slot values ($1, $2, 0) on conflict do nothing", [
    slotId,
    CAPACITY,
  ]);
  return CAPACITY;
}
