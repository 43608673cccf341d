import type { Database } from "#platform/database/database.ts";
import type { Id } from "#platform/id.ts";

/** One pool's counters beside what the ledger says they must be. */
export interface PoolProof {
  readonly poolId: string;
  readonly slotId: Id<"slt"> | null;
  readonly ticketTypeId: Id<"tty"> | null;
  readonly capacity: number;
  readonly held: number;
  readonly sold: number;
  /** The sums of all entries that ever moved this pool. */
  readonly ledger: { readonly held: number; readonly sold: number };
  /** Counters, ledger and live reservations agree, and no more is taken than there is. */
  readonly addsUp: boolean;
}

interface Row {
  readonly pool_id: string;
  readonly slot_id: Id<"slt"> | null;
  readonly ticket_type_id: Id<"tty"> | null;
  readonly capacity: number;
  readonly held: number;
  readonly sold: number;
  readonly ledger_held: number;
  readonly ledger_sold: number;
  readonly drawn_held: number;
  readonly drawn_sold: number;
}

/** The proof of every pool of an event, all of one instant. */
export async function provePools(database: Database, eventId: Id<"evt">): Promise<PoolProof[]> {
  const rows = await database.prepared<Row>("proof", "select * from reservations.proof($1)", [
    eventId,
  ]);
  return rows.map((row) => ({
    poolId: row.pool_id,
    slotId: row.slot_id,
    ticketTypeId: row.ticket_type_id,
    capacity: row.capacity,
    held: row.held,
    sold: row.sold,
    ledger: { held: row.ledger_held, sold: row.ledger_sold },
    addsUp:
      row.held === row.ledger_held &&
      row.sold === row.ledger_sold &&
      row.held === row.drawn_held &&
      row.sold === row.drawn_sold &&
      row.held + row.sold <= row.capacity,
  }));
}
