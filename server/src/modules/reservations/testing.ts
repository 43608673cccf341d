import type { Clock } from "#platform/clock.ts";
import { type Database, inTransaction } from "#platform/database/database.ts";
import { type Id, newId } from "#platform/id.ts";
import { changeRequest } from "./change-request.ts";
import { openSales } from "./open-sales.ts";
import type { Stock } from "./stock.ts";

/** An event on sale with one slot, made without the catalogue. */
export interface TestSale {
  readonly eventId: Id<"evt">;
  readonly slotId: Id<"slt">;
}

export async function aSale(
  database: Database,
  clock: Clock,
  { capacity, revision = 1 }: { capacity: number; revision?: number },
): Promise<TestSale> {
  const eventId = newId<"evt">(clock);
  const slotId = newId<"slt">(clock);
  await inTransaction(database, (transaction) =>
    openSales(clock, transaction, {
      eventId,
      revision,
      state: "published",
      pools: [{ poolId: slotId, slotId, ticketTypeId: null, capacity }],
      closed: [],
    }),
  );
  return { eventId, slotId };
}

/** Asks the stock for free places of a slot. */
export function takePlaces(
  stock: Stock,
  clock: Clock,
  { eventId, slotId }: TestSale,
  { quantity = 1, confirmed = false, holdSeconds = 600 } = {},
) {
  return stock.change(
    changeRequest({
      action: "hold",
      reason: "holder",
      reservationId: newId<"rsv">(clock),
      eventId,
      confirmed,
      holdSeconds,
      lifeSeconds: 2 * holdSeconds,
      attendee: { name: null, email: null, phone: null },
      priced: {
        lines: [
          { slotId, ticketTypeId: slotId as string as Id<"tty">, quantity, unitPriceMinor: 0 },
        ],
        draws: [{ poolId: slotId, quantity }],
        poolsOfLine: [[slotId]],
        totalMinor: 0,
        currency: "EUR",
        revision: 1,
      },
    }),
  );
}
