import type { Database } from "#platform/database/database.ts";
import type { Id } from "#platform/id.ts";
import { provePools } from "./prove-pools.ts";

/** The pools of all events that do not add up, as sentences; none is the proof. */
export async function proveEverything(database: Database): Promise<string[]> {
  const events = await database.prepared<{ event_id: Id<"evt"> }>(
    "sales_events",
    "select event_id from reservations.sale order by event_id",
    [],
  );
  const wrong: string[] = [];
  for (const { event_id } of events) {
    for (const pool of await provePools(database, event_id)) {
      if (pool.addsUp) continue;
      wrong.push(
        `pool ${pool.poolId} of event ${event_id}: held ${pool.held} and sold ${pool.sold} of ${pool.capacity}, ` +
          `the ledger says ${pool.ledger.held} and ${pool.ledger.sold}`,
      );
    }
  }
  return wrong;
}
