import assert from "node:assert/strict";
import { test } from "node:test";
import { TestClock } from "#platform/clock.ts";
import type { Id } from "#platform/id.ts";
import { testDatabase } from "#test/database.ts";
import { createAvailabilityView } from "./availability.ts";
import { createStock } from "./stock.ts";
import { aSale, takePlaces } from "./testing.ts";

const LIMITS = { batchItemsMax: 100, queueItemsMax: 1000 };

test("a change is shown to whoever asks after it was answered", async (t) => {
  const database = await testDatabase(t);
  const clock = new TestClock();
  const stock = createStock({ database, clock, limits: LIMITS });
  const view = createAvailabilityView(database, clock);
  stock.onChanged((eventIds) => {
    for (const eventId of eventIds) view.changed(eventId);
  });
  const sale = await aSale(database, clock, { capacity: 5 });
  for (let left = 5; left > 0; left--) {
    assert.equal((await view.of(sale.eventId)).pool(sale.slotId)?.available, left);
    await takePlaces(stock, clock, sale);
  }
  assert.equal((await view.of(sale.eventId)).pool(sale.slotId)?.available, 0);
});

test("what is shown leaves expired holds out, though nobody has ended them", async (t) => {
  const database = await testDatabase(t);
  const clock = new TestClock();
  const stock = createStock({ database, clock, limits: LIMITS });
  const view = createAvailabilityView(database, clock);
  const sale = await aSale(database, clock, { capacity: 5 });
  await takePlaces(stock, clock, sale, { quantity: 3, holdSeconds: 60 });
  assert.equal((await view.of(sale.eventId)).pool(sale.slotId)?.available, 2);
  clock.advance(61_000);
  assert.equal((await view.of(sale.eventId)).pool(sale.slotId)?.available, 5);
});

test("the version changes with the numbers and only with them", async (t) => {
  const database = await testDatabase(t);
  const clock = new TestClock();
  const stock = createStock({ database, clock, limits: LIMITS });
  const view = createAvailabilityView(database, clock);
  const other = createAvailabilityView(database, clock);
  const sale = await aSale(database, clock, { capacity: 5 });
  const before = (await view.of(sale.eventId)).version;
  assert.equal((await other.of(sale.eventId)).version, before);
  await takePlaces(stock, clock, sale);
  view.changed(sale.eventId);
  assert.notEqual((await view.of(sale.eventId)).version, before);
});

test("a change while the numbers are read is not lost", async (t) => {
  const database = await testDatabase(t);
  const clock = new TestClock();
  const stock = createStock({ database, clock, limits: LIMITS });
  const view = createAvailabilityView(database, clock);
  const sale = await aSale(database, clock, { capacity: 5 });
  const early = view.of(sale.eventId);
  await takePlaces(stock, clock, sale);
  view.changed(sale.eventId);
  await early;
  assert.equal((await view.of(sale.eventId)).pool(sale.slotId)?.available, 4);
});

test("whoever watches is told of each change, until they stop", async (t) => {
  const database = await testDatabase(t);
  const view = createAvailabilityView(database, new TestClock());
  const eventId = "01935c2e-7b1a-7d3c-9f00-0123456789ab" as Id<"evt">;
  let told = 0;
  const stop = view.watch(eventId, () => told++);
  view.changed(eventId);
  view.changedAll();
  stop();
  view.changed(eventId);
  assert.equal(told, 2);
});
