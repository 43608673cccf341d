import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { sql } from "kysely";
import { TestClock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import type { Id } from "#platform/id.ts";
import { postgresDatabase } from "#test/database.ts";
import { awaitExchange, hold } from "#test/payments/holder.ts";
import {
  ADULT_MINOR,
  CHILD_MINOR,
  createPaidWorld,
  WAIT_SECONDS,
} from "#test/payments/paid-world.ts";
import { startProcess } from "#test/payments/payment-process.ts";
import { RACES } from "./several-processes.ts";
import { untilWaiting } from "./until-waiting.ts";

// Who locks pools has the reservations that draw on them. What waits with an exchange for a dearer ticket in the same slot draws
// on none: it is locked itself.

test(
  "negative control: two who look at it at once and then write both think that they ended its wait",
  RACES,
  async (t) => {
    const { database, exchangeId, meeting } = await anExchange(t);
    const look = sql<{ waits: boolean }>`
      select own_expires_at is not null as waits
        from reservations.reservation
       where reservation_id = ${exchangeId}`;
    const ended = await meeting(async () => {
      const { rows } = await look.execute(database.kysely);
      if (rows[0]?.waits !== true) return false;
      await sql`
        update reservations.reservation set own_expires_at = null, own_ends_by = null
         where reservation_id = ${exchangeId}
      `.execute(database.kysely);
      return true;
    });
    assert.deepEqual(ended, [true, true]);
  },
);

test(
  "what waits with an exchange that lacks no places is changed by one process at a time",
  RACES,
  async (t) => {
    const { exchangeId, processes, meeting } = await anExchange(t);
    const answers = await meeting((index) =>
      // As it was made, and as it waits.
      processes[index].parts.ledger.paymentFailed({ reservationId: exchangeId, version: 2 }),
    );
    assert.deepEqual(answers.sort(), ["done", "unchanged"]);
  },
);

/** A child's ticket that is to be exchanged for an adult's in the same slot, and a payment for it under way. */
async function anExchange(t: TestContext) {
  const database = await postgresDatabase(t);
  const world = createPaidWorld(database, new TestClock());
  const processes = [startProcess(world), startProcess(world)] as const;
  const [process] = processes;
  const sale = await world.sell([1]);
  const [slotId] = sale.slotIds as [Id<"slt">];
  const line = { slotId, ticketTypeId: sale.child, quantity: 1 };
  const reservationId = (await hold(process, [line])) as Id<"rsv">;
  await process.parts.ledger.confirm(reservationId, CHILD_MINOR);
  await awaitExchange(process, reservationId, [{ ...line, ticketTypeId: sale.adult }]);
  const exchangeId = (await process.reader.read(reservationId))?.exchangeId;
  assert.ok(exchangeId != null);
  const toPay = { amountMinor: ADULT_MINOR - CHILD_MINOR, seconds: WAIT_SECONDS };
  assert.equal(await process.parts.ledger.awaitPayment(exchangeId, toPay), "done");
  const meeting = <Result>(work: (index: 0 | 1) => Promise<Result>) =>
    whileLocked(database, exchangeId, () => [work(0), work(1)]);
  return { database, exchangeId, processes, meeting };
}

/** Starts both while the reservation is locked by somebody else, and lets go of it when both wait. */
async function whileLocked<Result>(
  database: Database,
  reservationId: Id<"rsv">,
  start: () => Promise<Result>[],
): Promise<Result[]> {
  const started = await database.kysely.transaction().execute(async (transaction) => {
    await sql`
      select from reservations.reservation where reservation_id = ${reservationId} for update
    `.execute(transaction);
    const both = start();
    await untilWaiting(transaction, 2);
    return { both };
  });
  return Promise.all(started.both);
}
