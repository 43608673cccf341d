import assert from "node:assert/strict";
import { test } from "node:test";
import { TestClock } from "#platform/clock.ts";
import { testDatabase } from "#test/database.ts";
import { createReservationReader } from "./read-reservation.ts";
import { aSale, changeRequest, createStock, takePlaces } from "./testing.ts";

const limits = { batchItemsMax: 10, queueItemsMax: 10 };

test("what is read again is the same object as long as nothing has changed, and never an old one", async (t) => {
  const database = await testDatabase(t);
  const clock = new TestClock();
  // The process that reads is not the one that changes: nobody tells it.
  const reader = createReservationReader({ database, clock, ...limits });
  const stock = createStock({ database, clock, limits });
  const sale = await aSale(database, clock, { capacity: 10 });
  const { reservationId } = await takePlaces(stock, clock, sale, { holdSeconds: 60 });
  const { reservationId: otherId } = await takePlaces(stock, clock, sale, { holdSeconds: 60 });

  const [first, other] = await Promise.all([reader.read(reservationId), reader.read(otherId)]);
  assert.equal(first?.state, "held");
  assert.equal(await reader.read(reservationId), first);

  await stock.change(changeRequest({ action: "confirm", reason: "holder", reservationId }));
  const [confirmed, otherAgain] = await Promise.all([
    reader.read(reservationId),
    reader.read(otherId),
  ]);
  assert.equal(confirmed?.state, "confirmed");
  assert.equal(otherAgain, other);
  assert.equal((await reader.read(reservationId, 1))?.state, "held", "as it stood");

  clock.advance(61_000);
  assert.equal((await reader.read(otherId))?.state, "expired");
  assert.equal(await reader.read(reservationId), confirmed);
});
