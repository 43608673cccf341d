import type { Clock } from "#platform/clock.ts";
import { type Database, inTransaction } from "#platform/database/database.ts";
import { type Id, newId } from "#platform/id.ts";
import type { HoldRequest } from "./hold-request.ts";
import { openSales } from "./open-sales.ts";
import type { Stock } from "./stock.ts";

export { alternativesTo } from "./alternatives.ts";
export { createAvailabilityView } from "./availability.ts";
export { changeRequest, type PricedLines } from "./change-request.ts";
export { countAttendees, eraseAttendees } from "./erase-attendees.ts";
export { expireReservations, settleCancelledEvent } from "./expire-reservations.ts";
export { openSales } from "./open-sales.ts";
export { createPaymentLedger } from "./payment-ledger.ts";
export { priceLines, type WantedLine } from "./price-lines.ts";
export { provePools } from "./prove-pools.ts";
export { createReservationReader } from "./read-reservation.ts";
export type { Reservation, ReservationAction } from "./reservation.ts";
export { reserve } from "./reserve.ts";
export { createStock, type Stock } from "./stock.ts";

/** An event on sale, made without the catalogue; every slot has the same capacity. */
export interface TestSale {
  readonly eventId: Id<"evt">;
  /** The first slot. */
  readonly slotId: Id<"slt">;
  readonly slotIds: readonly Id<"slt">[];
}

export async function aSale(
  database: Database,
  clock: Clock,
  { capacity, slots = 1 }: { capacity: number; slots?: number },
): Promise<TestSale> {
  const eventId = newId<"evt">(clock);
  const slotId = newId<"slt">(clock);
  const slotIds = [slotId, ...Array.from({ length: slots - 1 }, () => newId<"slt">(clock))];
  await inTransaction(database, (transaction) =>
    openSales(clock, transaction, {
      eventId,
      revision: 1,
      state: "published",
      pools: slotIds.map((one) => ({ poolId: one, slotId: one, ticketTypeId: null, capacity })),
      closed: [],
    }),
  );
  return { eventId, slotId, slotIds };
}

/** What holds free places, the same quantity in each of the slots: all but the reservation's id. */
export function freePlaces(
  { eventId, slotId }: TestSale,
  { slots = [slotId], quantity = 1 }: { slots?: readonly Id<"slt">[]; quantity?: number } = {},
): Omit<HoldRequest, "reservationId"> {
  return {
    eventId,
    requestKey: null,
    refusal: null,
    confirmed: false,
    holdSeconds: 600,
    lifeSeconds: 1200,
    attendee: { name: null, email: null, phone: null },
    language: null,
    priced: {
      lines: slots.map((one) => ({
        slotId: one,
        ticketTypeId: one as string as Id<"tty">,
        quantity,
        unitPriceMinor: 0,
      })),
      draws: slots.map((poolId) => ({ poolId, quantity })),
      poolsOfLine: slots.map((poolId) => [poolId]),
      totalMinor: 0,
      currency: "EUR",
      revision: 1,
    },
  };
}

/** Asks the stock for free places of the first slot. */
export function takePlaces(
  stock: Stock,
  clock: Clock,
  sale: TestSale,
  { quantity = 1, confirmed = false, holdSeconds = 600 } = {},
) {
  return stock.hold({
    ...freePlaces(sale, { quantity }),
    reservationId: newId<"rsv">(clock),
    confirmed,
    holdSeconds,
    lifeSeconds: 2 * holdSeconds,
  });
}
