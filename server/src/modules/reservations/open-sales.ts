import { sql } from "kysely";
import type { CapacityRefusal, SalesChange } from "#modules/catalog/index.ts";
import type { Clock } from "#platform/clock.ts";
import { plainArray } from "#platform/database/arrays.ts";
import type { Transaction } from "#platform/database/database.ts";

/**
 * Brings the pools of an event in line with the catalogue, in the catalogue's own transaction.
 * Answers the pools in which more is held and sold than the change allows; then nothing was changed
 * and the caller rolls back. Expired holds stand in nobody's way.
 */
export async function openSales(
  clock: Clock,
  transaction: Transaction,
  change: SalesChange,
): Promise<CapacityRefusal[]> {
  const list = (value: (pool: SalesChange["pools"][number]) => string | number | null) =>
    plainArray(change.pools.map(value));
  const { rows } = await sql<{ pool_id: string; capacity: number; held: number; sold: number }>`
    select *
      from reservations.open_sales(
        ${clock.shiftMs}::bigint, ${change.eventId}::uuid, ${change.revision}::integer, ${change.state}::text,
        ${list((pool) => pool.poolId)}::text::uuid[], ${list((pool) => pool.slotId)}::text::uuid[],
        ${list((pool) => pool.ticketTypeId)}::text::uuid[], ${list((pool) => pool.capacity)}::text::integer[],
        ${plainArray(change.closed)}::text::uuid[])
  `.execute(transaction);
  return rows.map((row) => ({
    poolId: row.pool_id,
    capacity: row.capacity,
    held: row.held,
    sold: row.sold,
  }));
}
