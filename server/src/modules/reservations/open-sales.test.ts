import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { SalesChange } from "#modules/catalog/index.ts";
import { TestClock } from "#platform/clock.ts";
import { type Database, inTransaction } from "#platform/database/database.ts";
import { testDatabase } from "#test/database.ts";
import { settleCancelledEvents } from "./expire-reservations.ts";
import { openSales } from "./open-sales.ts";
import { provePools } from "./prove-pools.ts";
import { createStock } from "./stock.ts";
import { aSale, type TestSale, takePlaces } from "./testing.ts";

const LIMITS = { batchItemsMax: 100, queueItemsMax: 1000 };

async function setUp(t: TestContext, capacity: number) {
  const database = await testDatabase(t);
  const clock = new TestClock();
  const stock = createStock({ database, clock, limits: LIMITS });
  const sale = await aSale(database, clock, { capacity });
  const change = (more: Partial<SalesChange>) =>
    inTransaction(database, (transaction) =>
      openSales(clock, transaction, {
        eventId: sale.eventId,
        revision: 2,
        state: "published",
        pools: [],
        closed: [],
        ...more,
      }),
    );
  const resize = (to: number) =>
    change({
      pools: [{ poolId: sale.slotId, slotId: sale.slotId, ticketTypeId: null, capacity: to }],
    });
  return { database, clock, stock, sale, change, resize };
}

async function pool(database: Database, sale: TestSale) {
  const [proof] = await provePools(database, sale.eventId);
  assert.ok(proof?.addsUp);
  return { capacity: proof.capacity, held: proof.held, sold: proof.sold };
}

test("a capacity cannot fall below what is held and sold, and is told what stands in the way", async (t) => {
  const { database, clock, stock, sale, resize } = await setUp(t, 10);
  await takePlaces(stock, clock, sale, { quantity: 2, confirmed: true });
  await takePlaces(stock, clock, sale, { quantity: 3 });
  assert.deepEqual(await resize(4), [{ poolId: sale.slotId, capacity: 4, held: 3, sold: 2 }]);
  assert.deepEqual(await pool(database, sale), { capacity: 10, held: 3, sold: 2 });
  assert.deepEqual(await resize(5), []);
  assert.deepEqual(await pool(database, sale), { capacity: 5, held: 3, sold: 2 });
});

test("expired holds do not stand in the way of a smaller capacity", async (t) => {
  const { database, clock, stock, sale, resize } = await setUp(t, 10);
  await takePlaces(stock, clock, sale, { quantity: 8 });
  clock.advance(601_000);
  assert.deepEqual(await resize(1), []);
  assert.deepEqual(await pool(database, sale), { capacity: 1, held: 0, sold: 0 });
});

test("a pool goes only when nothing of it is held or sold", async (t) => {
  const { clock, stock, sale, change } = await setUp(t, 10);
  await takePlaces(stock, clock, sale, { quantity: 1, holdSeconds: 60 });
  assert.deepEqual(await change({ closed: [sale.slotId] }), [
    { poolId: sale.slotId, capacity: 0, held: 1, sold: 0 },
  ]);
  clock.advance(61_000);
  assert.deepEqual(await change({ closed: [sale.slotId] }), []);
  assert.equal((await takePlaces(stock, clock, sale)).status, "stale");
});

test("a request priced before an edit is stale after it", async (t) => {
  const { clock, stock, sale, change } = await setUp(t, 10);
  assert.equal((await takePlaces(stock, clock, sale)).status, "done");
  await change({ revision: 2 });
  assert.equal((await takePlaces(stock, clock, sale)).status, "stale");
});

test("a cancelled event is settled: everything confirmed and held is cancelled, once", async (t) => {
  const { database, clock, stock, sale, change } = await setUp(t, 10);
  await takePlaces(stock, clock, sale, { quantity: 2, confirmed: true });
  await takePlaces(stock, clock, sale, { quantity: 3 });
  assert.equal(await settleCancelledEvents({ database, clock, stock }), 0);
  await change({ state: "cancelled" });
  assert.equal(await settleCancelledEvents({ database, clock, stock }), 2);
  assert.equal(await settleCancelledEvents({ database, clock, stock }), 0);
  assert.deepEqual(await pool(database, sale), { capacity: 10, held: 0, sold: 0 });
});
