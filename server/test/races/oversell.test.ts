import assert from "node:assert/strict";
import { test } from "node:test";
import {
  aSale,
  expireReservations,
  provePools,
  takePlaces,
} from "#modules/reservations/testing.ts";
import type { Database } from "#platform/database/database.ts";
import { RACES, severalProcesses } from "./several-processes.ts";

const CAPACITY = 100;
const REQUESTS = 500;

test("negative control: reading what is left before taking it oversells", RACES, async (t) => {
  const { database } = await severalProcesses(t, 5);
  await database.script(`
    create table platform.naive (capacity integer, sold integer);
    insert into platform.naive values (${CAPACITY}, 0);`);
  const taken = await Promise.all(Array.from({ length: REQUESTS }, () => takeNaively(database)));
  const sold = taken.filter(Boolean).length;
  assert.ok(sold > CAPACITY, `the naive way sold ${sold} of ${CAPACITY}: this test could not fail`);
});

/** What most people write: look, then take. */
async function takeNaively(database: Database): Promise<boolean> {
  const [row] = await database.prepared<{ free: number }>(
    "naive_look",
    "select capacity - sold as free from platform.naive",
    [],
  );
  if ((row?.free ?? 0) < 1) return false;
  await database.prepared("naive_take", "update platform.naive set sold = sold + 1", []);
  return true;
}

test("500 requests at once on 100 places, over 5 processes, sell exactly 100", RACES, async (t) => {
  const { database, clock, stockFor } = await severalProcesses(t, 5);
  const sale = await aSale(database, clock, { capacity: CAPACITY });
  const results = await Promise.all(
    Array.from({ length: REQUESTS }, (_, request) =>
      takePlaces(stockFor(request), clock, sale, { confirmed: request % 2 === 0 }),
    ),
  );
  const count = (status: string) => results.filter((result) => result.status === status).length;
  assert.deepEqual([count("done"), count("sold_out")], [CAPACITY, REQUESTS - CAPACITY]);
  const [proof] = await provePools(database, sale.eventId);
  assert.ok(proof?.addsUp);
  assert.equal(proof.held + proof.sold, CAPACITY);
});

test("requests of several places fill a pool to the last place", RACES, async (t) => {
  const { database, clock, stockFor } = await severalProcesses(t, 5);
  const sale = await aSale(database, clock, { capacity: CAPACITY });
  const results = await Promise.all(
    Array.from({ length: REQUESTS }, (_, request) =>
      takePlaces(stockFor(request), clock, sale, { quantity: 1 + (request % 4) }),
    ),
  );
  const [proof] = await provePools(database, sale.eventId);
  assert.ok(proof?.addsUp);
  assert.equal(proof.held, CAPACITY);
  assert.ok(results.some((result) => result.status === "sold_out"));
});

test(
  "an expired place is had by exactly one of many takers, while a sweeper runs",
  RACES,
  async (t) => {
    const { database, clock, stockFor } = await severalProcesses(t, 5);
    const sale = await aSale(database, clock, { capacity: CAPACITY });
    await Promise.all(
      Array.from({ length: CAPACITY }, (_, request) =>
        takePlaces(stockFor(request), clock, sale, { holdSeconds: 60 }),
      ),
    );
    clock.advance(61_000);
    const sweepers = Array.from({ length: 3 }, (_, process) =>
      expireReservations({ database, clock, stock: stockFor(process) }),
    );
    const results = await Promise.all(
      Array.from({ length: REQUESTS }, (_, request) =>
        takePlaces(stockFor(request), clock, sale, { confirmed: true }),
      ),
    );
    await Promise.all(sweepers);
    assert.equal(results.filter((result) => result.status === "done").length, CAPACITY);
    const [proof] = await provePools(database, sale.eventId);
    assert.ok(proof?.addsUp);
    assert.deepEqual([proof.held, proof.sold], [0, CAPACITY]);
  },
);
