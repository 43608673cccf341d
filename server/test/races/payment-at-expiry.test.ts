import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { advancePayment, GRACE_SECONDS } from "#modules/payments/testing.ts";
import { provePools } from "#modules/reservations/testing.ts";
import { TestClock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import type { Id } from "#platform/id.ts";
import { postgresDatabase } from "#test/database.ts";
import { mustBeSettled, settleEverything } from "#test/payments/everything-settled.ts";
import { hold, pay } from "#test/payments/holder.ts";
import {
  createPaidWorld,
  type PaidSale,
  type PaidWorld,
  WAIT_SECONDS,
} from "#test/payments/paid-world.ts";
import { type PaymentProcess, startProcess } from "#test/payments/payment-process.ts";
import { type Random, seededRandom } from "#test/seeded-random.ts";
import { RACES } from "./several-processes.ts";

// EXPIRY_ROUNDS=… for more than the thousand payments of 20 rounds.

const ROUNDS = Number(process.env["EXPIRY_ROUNDS"] ?? 20);
const AT_ONCE = 50;
const PROCESSES = 5;
/** The holds end at most so long after the race begins. */
const EARLY_MS_MAX = 300;

test(
  "negative control: reading whether a hold stands before it is confirmed or ended gives its place twice",
  RACES,
  async (t) => {
    const database = await postgresDatabase(t, 2 * PROCESSES);
    await database.script(`
      create table platform.naive_hold (id integer primary key, state text not null);
      create table platform.naive_place (id integer not null, whose text not null);
      insert into platform.naive_hold select id, 'held' from generate_series(1, ${AT_ONCE}) id;`);
    const all = Array.from({ length: AT_ONCE }, (_, index) => index + 1);
    await Promise.all(
      all.flatMap((id) => [
        actNaively(database, { id, state: "confirmed", whose: "payer" }),
        actNaively(database, { id, state: "expired", whose: "taker" }),
      ]),
    );
    const [row] = await database.prepared<{ places: number }>(
      "naive_places",
      "select count(*) as places from platform.naive_place",
      [],
    );
    const places = row?.places ?? 0;
    assert.ok(
      places > AT_ONCE,
      `the naive way gave ${places} of ${AT_ONCE}: nothing was raced for`,
    );
  },
);

/** What most people write: look, then act. */
async function actNaively(
  database: Database,
  { id, state, whose }: { id: number; state: string; whose: string },
): Promise<void> {
  const [found] = await database.prepared<{ state: string }>(
    "naive_look",
    "select state from platform.naive_hold where id = $1",
    [id],
  );
  if (found?.state !== "held") return;
  await database.prepared("naive_end", "update platform.naive_hold set state = $2 where id = $1", [
    id,
    state,
  ]);
  await database.prepared("naive_take", "insert into platform.naive_place values ($1, $2)", [
    id,
    whose,
  ]);
}

test(
  "a payment that succeeds when its hold ends, others wanting the place, has its tickets, other slots on offer or its money back",
  RACES,
  async (t) => {
    const random = seededRandom(t);
    const database = await postgresDatabase(t, 2 * PROCESSES + 2);
    const world = createPaidWorld(database, new TestClock());
    const processes = Array.from({ length: PROCESSES }, () => startProcess(world));
    const seen = new Map<string, number>();
    for (let round = 0; round < ROUNDS; round++) {
      // Every other time there is no other slot to offer.
      const sale = await world.sell(Array(1 + (round % 2)).fill(AT_ONCE));
      const payments = await payLate(world, processes, sale);
      await race(world, { processes, sale, payments, random });
      for (const outcome of await outcomesOf(world, sale)) {
        seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
      }
      await settleEverything(world);
      await mustBeSettled(world, [sale]);
    }
    const counts = Object.fromEntries(seen);
    t.diagnostic(JSON.stringify(counts));
    const total = [...seen.values()].reduce((sum, count) => sum + count, 0);
    assert.equal(total, ROUNDS * AT_ONCE, "each came to one thing");
    assert.ok((counts["confirmed"] ?? 0) > 0 && seen.size > 1, "some were in time, some were not");
  },
);

/** Payments that have succeeded at a provider which nobody can reach, so that their holds wait to the very end. */
async function payLate(
  world: PaidWorld,
  processes: readonly PaymentProcess[],
  sale: PaidSale,
): Promise<readonly Id<"pay">[]> {
  const { test: provider, clock } = world;
  const [first] = sale.slotIds;
  const lines = [{ slotId: first as Id<"slt">, ticketTypeId: sale.adult, quantity: 1 }];
  const payments = await Promise.all(
    Array.from({ length: AT_ONCE }, async (_, index) => {
      const process = processes[index % PROCESSES] as PaymentProcess;
      const reservationId = await hold(process, lines);
      assert.ok(reservationId !== null);
      return pay(process, reservationId, "slow");
    }),
  );
  await processes[0]?.work();
  provider.switches.dropsWebhook = () => true;
  await provider.takeWebhooks();
  clock.advance((WAIT_SECONDS + GRACE_SECONDS) * 1_000 - 30_000);
  return payments.map(({ paymentId }) => paymentId);
}

interface Race {
  readonly processes: readonly PaymentProcess[];
  readonly sale: PaidSale;
  readonly payments: readonly Id<"pay">[];
  readonly random: Random;
}

/** The holds end while all of them are concluded, some twice at once, all places are wanted by others, and sweepers run. */
async function race(world: PaidWorld, { processes, sale, payments, random }: Race): Promise<void> {
  const { clock, database } = world;
  const { rows } = await sql<{ ends_at: number }>`
    select max(expires_at) as ends_at
      from reservations.reservation
     where event_id = ${sale.eventId} and state = 'held'
  `.execute(database.kysely);
  clock.advance((rows[0]?.ends_at ?? 0) - clock.now() - random(EARLY_MS_MAX));
  const processOf = (index: number) => processes[index % PROCESSES] as PaymentProcess;
  const twice = payments.filter((_, index) => index % 5 === 0);
  const slotId = sale.slotIds[0] as Id<"slt">;
  const taken = [{ slotId, ticketTypeId: sale.child, quantity: 1 }];
  await Promise.all([
    ...[...payments, ...twice].map((paymentId, index) =>
      advancePayment(processOf(index).parts, paymentId),
    ),
    ...payments.map((_, index) => hold(processOf(index + 2), taken)),
    ...processes.map((process) => process.expire()),
  ]);
  await Promise.all(payments.map((_, index) => hold(processOf(index), taken)));
}

/** What each payment came to, before anybody looks again; and that no place is had by two. */
async function outcomesOf({ database }: PaidWorld, sale: PaidSale): Promise<readonly string[]> {
  for (const pool of await provePools(database, sale.eventId)) {
    assert.ok(pool.addsUp, JSON.stringify(pool));
  }
  const { rows } = await sql<{ state: string; outcome: string | null; last: string }>`
    select r.state, p.outcome, e.action as last,
           (select count(*) from reservations.ticket t
             where t.reservation_id = r.reservation_id and t.voided_version is null) as tickets
      from payments.payment p
      join reservations.reservation r on r.reservation_id = p.reservation_id
      join reservations.entry e on e.reservation_id = r.reservation_id and e.version = r.version
     where p.event_id = ${sale.eventId} and p.state = 'succeeded'
  `.execute(database.kysely);
  return rows.map((row) => {
    const found = JSON.stringify(row);
    const name = ONE_OF[`${row.state} ${row.last} ${row.outcome}`];
    assert.ok(name !== undefined, found);
    return name;
  });
}

const ONE_OF: Readonly<Record<string, string>> = {
  "confirmed confirm confirmed": "confirmed",
  "confirmed reclaim confirmed": "reclaimed",
  "expired offer_alternatives null": "offered",
  "cancelled give_up returned": "refunded",
};
