import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { aSale, freePlaces, provePools, type TestSale } from "#modules/reservations/testing.ts";
import { codeOf } from "#platform/database/faults.ts";
import { newId } from "#platform/id.ts";
import { seededRandom } from "#test/seeded-random.ts";
import { RACES, severalProcesses } from "./several-processes.ts";

const POOLS = 6;
const REQUESTS = 400;

test("negative control: pools locked in the order of the request deadlock", RACES, async (t) => {
  const { database, clock } = await severalProcesses(t, 5);
  const sale = await aSale(database, clock, { capacity: 10, slots: 2 });
  const [first, second] = sale.slotIds;
  const both = Promise.withResolvers<void>();
  let arrived = 0;
  const lockOneThenTheOther = (one: string | undefined, other: string | undefined) =>
    // Not by inTransaction, which tries again after a deadlock: here it must be seen.
    database.kysely.transaction().execute(async (transaction) => {
      await sql`select from reservations.pool where pool_id = ${one} for update`.execute(
        transaction,
      );
      arrived++;
      if (arrived === 2) both.resolve();
      await both.promise;
      await sql`select from reservations.pool where pool_id = ${other} for update`.execute(
        transaction,
      );
    });
  const settled = await Promise.allSettled([
    lockOneThenTheOther(first, second),
    lockOneThenTheOther(second, first),
  ]);
  const codes = settled.flatMap((result) =>
    result.status === "rejected" ? [codeOf(result.reason)] : [],
  );
  assert.deepEqual(codes, ["40P01"]);
});

test(
  "requests for several pools in random order never deadlock, and every pool adds up",
  RACES,
  async (t) => {
    const random = seededRandom(t);
    const { database, clock, stockFor } = await severalProcesses(t, 5);
    const sale: TestSale = await aSale(database, clock, { capacity: 150, slots: POOLS });
    const results = await Promise.all(
      Array.from({ length: REQUESTS }, (_, request) => {
        const slots = [...sale.slotIds].sort(() => random(3) - 1).slice(0, 2 + random(2));
        return stockFor(request).hold({
          ...freePlaces(sale, { slots }),
          reservationId: newId(clock),
          confirmed: random(2) === 0,
        });
      }),
    );
    assert.ok(results.every((result) => result.status === "done" || result.status === "sold_out"));
    const proofs = await provePools(database, sale.eventId);
    assert.equal(proofs.length, POOLS);
    for (const proof of proofs) assert.ok(proof.addsUp);
  },
);

test(
  "who is refused because all is sold waits for nobody, and gets what an expired hold took",
  RACES,
  async (t) => {
    const { database, clock, stockFor } = await severalProcesses(t, 1);
    const sale = await aSale(database, clock, { capacity: 1 });
    const ask = (holdSeconds = 600) =>
      stockFor(0).hold({ ...freePlaces(sale), reservationId: newId(clock), holdSeconds });
    assert.equal((await ask(60)).status, "done");
    await database.kysely.transaction().execute(async (transaction) => {
      await sql`select from reservations.pool where pool_id = ${sale.slotId} for update`.execute(
        transaction,
      );
      const refused = await ask();
      assert.deepEqual([refused.status, refused.available], ["sold_out", [0]]);
    });
    clock.advance(61_000);
    assert.equal((await ask()).status, "done");
  },
);
