import pg from "pg";
import { parseId } from "../server/src/platform/id.ts";
import type { Storage } from "./storage.ts";

export interface ToPreload {
  /** The event, as it is named on the wire, and the slot and ticket type that are sold. */
  readonly id: string;
  readonly slotId: string;
  readonly ticketTypeIds: readonly string[];
  readonly count: number;
}

/** Reservations are dated back by so much each. */
const MS_BETWEEN = 50;

/**
 * Confirmed reservations of one place each, as if they had been sold one after the other until now:
 * reservation, ledger entry, ticket and idempotency record, and the pool that counts them. The
 * tables are vacuumed and analysed, as they would have been meanwhile.
 */
export async function preload({ url }: Storage, wanted: ToPreload): Promise<void> {
  if (url === null) throw new Error("only PostgreSQL is filled beforehand");
  const { count } = wanted;
  const event = uuid("evt", wanted.id);
  const slot = uuid("slt", wanted.slotId);
  const type = uuid("tty", wanted.ticketTypeIds[0] ?? "");
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query("begin");
    await client.query(MADE_IDS, [count, MS_BETWEEN]);
    await client.query(RESERVATIONS, [event, slot]);
    await client.query(ENTRIES, [slot, type]);
    await client.query(TICKETS, [event, slot, type]);
    await client.query(KEYS);
    const { rowCount } = await client.query(
      "update reservations.pool set sold = sold + $2 where pool_id = $1",
      [slot, count],
    );
    if (rowCount !== 1) throw new Error(`the slot ${wanted.slotId} has no pool`);
    await client.query("commit");
    await assertAddsUp(client, event, slot, count);
    await tidy(client);
  } finally {
    await client.end();
  }
}

/** Brings a database to rest that was just filled: else its upkeep would be measured. The embedded one keeps itself. */
export async function settle({ url }: Storage): Promise<void> {
  if (url === null) return;
  const client = new pg.Client(url);
  await client.connect();
  try {
    await tidy(client);
  } finally {
    await client.end();
  }
}

async function tidy(client: pg.Client): Promise<void> {
  await client.query("vacuum (analyze)");
  await client.query("checkpoint");
}

/** The counters equal the ledger, as they do where the server itself sold. */
async function assertAddsUp(
  client: pg.Client,
  event: string,
  slot: string,
  count: number,
): Promise<void> {
  const { rows } = await client.query<{ pool_id: string; sold: number; adds_up: boolean }>(PROOF, [
    event,
  ]);
  const pool = rows.find(({ pool_id: poolId }) => poolId === slot);
  if (pool?.sold !== count || !rows.every(({ adds_up: addsUp }) => addsUp)) {
    throw new Error(`what was stored beforehand does not add up: ${JSON.stringify(rows)}`);
  }
}

function uuid(kind: "evt" | "slt" | "tty", id: string): string {
  const found = parseId(kind, id);
  if (found === null) throw new Error(`${id} is no id`);
  return found;
}

/** UUIDv7: 48 bits of milliseconds, then chance. */
const MADE_IDS = `
  create temporary table made on commit drop as
  select t.at, (lpad(to_hex((extract(epoch from t.at) * 1000)::bigint), 12, '0')
                || '7' || substr(t.chance, 1, 3) || '8' || substr(t.chance, 4, 15))::uuid as id
    from (select clock_timestamp() - ($1::integer - n) * $2::integer * interval '1 millisecond' as at,
                 md5(n::text || random()::text) as chance
            from generate_series(1, $1::integer) n) t
`;

const RESERVATIONS = `
  insert into reservations.reservation
         (reservation_id, event_id, state, version, generation, created_at, pool_ids, pool_quantities,
          total_minor, currency)
  select m.id, $1::uuid, 'confirmed', 1, 0, m.at, array[$2::uuid], array[1], 0, 'EUR'
    from made m
`;

const ENTRIES = `
  insert into reservations.entry
         (reservation_id, version, action, reason, state, generation, at, line_slot_ids, line_ticket_type_ids,
          line_quantities, line_unit_price_minor, pool_ids, held_deltas, sold_deltas)
  select m.id, 1, 'hold', 'holder', 'confirmed', 0, m.at, array[$1::uuid], array[$2::uuid],
         array[1], array[0], array[$1::uuid], array[0], array[1]
    from made m
`;

const TICKETS = `
  insert into reservations.ticket
         (ticket_id, reservation_id, event_id, slot_id, ticket_type_id, ordinal, issued_version)
  select reservations.ticket_id(m.id, 1, 1), m.id, $1::uuid, $2::uuid, $3::uuid, 1, 1
    from made m
`;

const KEYS = `
  insert into platform.idempotency (key, fingerprint, at, status, subject, version)
  select gen_random_uuid(), gen_random_uuid(), m.at, 0, m.id, 1
    from made m
`;

const PROOF = `
  select p.pool_id, p.sold,
         p.held = p.ledger_held and p.sold = p.ledger_sold
         and p.held = p.drawn_held and p.sold = p.drawn_sold as adds_up
    from reservations.proof($1::uuid) p
`;
