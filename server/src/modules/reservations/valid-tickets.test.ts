import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { TestClock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import type { Id } from "#platform/id.ts";
import { testDatabase } from "#test/database.ts";
import { changeRequest } from "./change-request.ts";
import { createStock } from "./stock.ts";
import { aSale, takePlaces } from "./testing.ts";
import { createValidTickets } from "./valid-tickets.ts";

/** An event on sale, and how often its tickets were counted. */
async function aCount(t: TestContext) {
  const database = await testDatabase(t);
  const clock = new TestClock();
  const stock = createStock({
    database,
    clock,
    limits: { batchItemsMax: 100, queueItemsMax: 100 },
  });
  const sale = await aSale(database, clock, { capacity: 100 });
  const watchers = new Map<string, () => void>();
  const seen = { counted: 0, running: 0, most: 0 };
  const watched: Database = {
    ...database,
    prepared: async (name, text, parameters) => {
      seen.counted++;
      seen.most = Math.max(seen.most, ++seen.running);
      try {
        return await database.prepared(name, text, parameters);
      } finally {
        seen.running--;
      }
    },
  };
  const valid = createValidTickets({
    database: watched,
    clock,
    availability: {
      watch: (eventId, onChange) => {
        watchers.set(eventId, onChange);
        return () => watchers.delete(eventId);
      },
    },
  });
  const tickets = async () => {
    const { counts } = await valid.of(sale.eventId);
    return counts.reduce((sum, one) => sum + one.tickets, 0);
  };
  const sell = async (quantity: number) => {
    const sold = await takePlaces(stock, clock, sale, { quantity, confirmed: true });
    watchers.get(sale.eventId)?.();
    return sold.reservationId;
  };
  return { clock, stock, sale, watchers, seen, valid, tickets, sell };
}

test("tickets are counted as they stand: of confirmed reservations, by slot and type", async (t) => {
  const { clock, stock, sale, valid, tickets, sell } = await aCount(t);
  await sell(3);
  const reservationId = await sell(2);
  await takePlaces(stock, clock, sale, { quantity: 9 });
  const { counts } = await valid.of(sale.eventId);
  assert.deepEqual(counts, [
    { slotId: sale.slotId, ticketTypeId: sale.slotId as string as Id<"tty">, tickets: 5 },
  ]);
  await stock.change(changeRequest({ action: "cancel", reason: "holder", reservationId }));
  assert.equal(await tickets(), 5, "nobody told");
  clock.advance(600_000);
  assert.equal(await tickets(), 3, "found out by itself");
});

test("they are counted again only after a change, and not at once", async (t) => {
  const { clock, seen, tickets, sell } = await aCount(t);
  assert.equal(await tickets(), 0);
  await sell(1);
  assert.deepEqual([await tickets(), seen.counted], [0, 1]);
  clock.advance(60_000);
  assert.deepEqual([await tickets(), seen.counted], [1, 2]);
  clock.advance(60_000);
  assert.deepEqual([await tickets(), seen.counted], [1, 2], "nothing was sold");
});

test("whoever asks at once shares a count, and events are counted one after the other", async (t) => {
  const { seen, sale, valid } = await aCount(t);
  const others = Array.from({ length: 5 }, (_, index) => `${sale.eventId.slice(0, -1)}${index}`);
  await Promise.all([
    ...Array.from({ length: 10 }, () => valid.of(sale.eventId)),
    ...others.map((eventId) => valid.of(eventId as Id<"evt">)),
  ]);
  assert.equal(seen.most, 1);
  assert.ok(seen.counted <= 6);
});

test("a bounded number of events is kept: the one asked for longest ago is let go", async (t) => {
  const { sale, watchers, valid } = await aCount(t);
  await valid.of(sale.eventId);
  for (let index = 0; index < 100; index++) {
    await valid.of(`${sale.eventId.slice(0, -3)}${100 + index}` as Id<"evt">);
  }
  assert.deepEqual([watchers.size, watchers.has(sale.eventId)], [100, false]);
});
