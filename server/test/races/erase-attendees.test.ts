import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { sql } from "kysely";
import {
  aSale,
  changeRequest,
  countAttendees,
  eraseAttendees,
  freePlaces,
  provePools,
  type ReservationAction,
} from "#modules/reservations/testing.ts";
import type { Database, Transaction } from "#platform/database/database.ts";
import { codeOf } from "#platform/database/faults.ts";
import { type Id, newId } from "#platform/id.ts";
import { seededRandom } from "#test/seeded-random.ts";
import { type Processes, RACES, severalProcesses } from "./several-processes.ts";

const RESERVATIONS = 60;
const CHANGES = 900;
const ACTIONS: readonly ReservationAction[] = [
  "amend",
  "confirm",
  "exchange",
  "transfer",
  "cancel",
];
const ADA = { name: "Ada", email: "ada@example.org", phone: null };

test(
  "negative control: reservations that are locked without their pools deadlock with a change",
  RACES,
  async (t) => {
    const outcome = await meetAChange(t, ({ database, reservationIds: [first, second] }) =>
      database.kysely.transaction().execute(async (transaction) => {
        for (const reservationId of [first, second]) await touch(transaction, reservationId);
      }),
    );
    assert.deepEqual(outcome, ["40P01"]);
  },
);

test("an erasure locks no reservation before it has their pools", RACES, async (t) => {
  const outcome = await meetAChange(t, async ({ database, clock, eventId }) => {
    assert.equal(await eraseAttendees({ database, clock }, { eventId }, { as: "clock" }), 2);
  });
  assert.deepEqual(outcome, []);
});

interface TwoReservations extends Pick<Processes, "database" | "clock"> {
  readonly eventId: Id<"evt">;
  /** In the order of their ids. */
  readonly reservationIds: readonly [Id<"rsv">, Id<"rsv">];
}

/**
 * A change holds the pool of two reservations and writes the second, then the other side begins, and
 * when that waits, the change writes the first. Gives the codes of the faults.
 */
async function meetAChange(
  t: TestContext,
  otherSide: (two: TwoReservations) => Promise<void>,
): Promise<(string | undefined)[]> {
  const { database, clock, stockFor } = await severalProcesses(t, 2);
  const sale = await aSale(database, clock, { capacity: 2 });
  const { eventId } = sale;
  const reservationIds = [newId<"rsv">(clock), newId<"rsv">(clock)].sort() as [
    Id<"rsv">,
    Id<"rsv">,
  ];
  for (const reservationId of reservationIds) {
    await stockFor(0).hold({ ...freePlaces(sale), reservationId, attendee: ADA });
  }
  const [first, second] = reservationIds;
  const other = Promise.withResolvers<PromiseSettledResult<void>[]>();
  const change = database.kysely.transaction().execute(async (transaction) => {
    await sql`
      select from reservations.pool where pool_id = ${sale.slotId} for update
    `.execute(transaction);
    await touch(transaction, second);
    other.resolve(Promise.allSettled([otherSide({ database, clock, eventId, reservationIds })]));
    await someoneWaits(database);
    await touch(transaction, first);
  });
  const settled = [...(await Promise.allSettled([change])), ...(await other.promise)];
  return settled.flatMap((one) => (one.status === "rejected" ? [codeOf(one.reason)] : []));
}

async function touch(transaction: Transaction, reservationId: Id<"rsv">): Promise<void> {
  await sql`
    update reservations.reservation set language = 'en' where reservation_id = ${reservationId}
  `.execute(transaction);
}

async function someoneWaits(database: Database): Promise<void> {
  for (;;) {
    const [row] = await database.prepared<{ waiting: number }>(
      "waiting",
      `select count(*) as waiting
         from pg_stat_activity
        where datname = current_database()
          and wait_event = 'transactionid'`,
      [],
    );
    if (row?.waiting === 1) return;
  }
}

test(
  "erasing while the same reservations are amended, confirmed, exchanged, transferred and cancelled deadlocks never, skips no version and moves no place",
  RACES,
  async (t) => {
    const random = seededRandom(t);
    const { database, clock, stockFor } = await severalProcesses(t, 4);
    const sale = await aSale(database, clock, { capacity: 120, slots: 3 });
    const { eventId } = sale;
    const reservationIds = Array.from({ length: RESERVATIONS }, () => newId<"rsv">(clock));
    await Promise.all(
      reservationIds.map((reservationId, request) =>
        stockFor(request).hold({ ...freePlaces(sale), reservationId, attendee: ADA }),
      ),
    );
    let erased = 0;
    const work = Array.from({ length: CHANGES }, async (_, request) => {
      const reservationId = reservationIds[random(RESERVATIONS)] as Id<"rsv">;
      if (request % 9 === 0) {
        const meant = [
          { eventId },
          { eventId, email: "ADA@example.org" },
          { eventId, reservationId },
        ];
        const one = meant[random(3)] as (typeof meant)[number];
        const count = await eraseAttendees({ database, clock }, one, { as: "clock" });
        erased += count;
        return "erased";
      }
      const action = ACTIONS[random(ACTIONS.length)] ?? "amend";
      const slots = [...sale.slotIds].sort(() => random(3) - 1).slice(0, 1 + random(2));
      const { status } = await stockFor(request).change(
        changeRequest({
          action,
          reason: "holder",
          reservationId,
          ...(action === "exchange" && { priced: freePlaces(sale, { slots }).priced }),
          ...((action === "amend" || action === "transfer") && { attendee: ADA }),
        }),
      );
      return status;
    });
    const statuses = new Set(await Promise.all(work));
    assert.ok(statuses.has("done") && erased > 0);
    await eraseAttendees({ database, clock }, { eventId }, { as: "clock" });
    assert.equal(await countAttendees(database.kysely, { eventId }), 0);
    await assertExact(database, eventId);
  },
);

/** Counters equal the ledger, versions have no gap, an erasure moves nothing, a valid ticket for every place sold. */
async function assertExact(database: Database, eventId: Id<"evt">): Promise<void> {
  for (const proof of await provePools(database, eventId)) assert.ok(proof.addsUp);
  const [row] = await database.prepared<Record<string, number>>(
    "exact",
    `select (select count(*) from reservations.ticket where voided_version is null) as valid,
            (select sum(sold) from (select r.reservation_id, count(*) as sold
                                      from reservations.reservation r
                                      join reservations.entry e on e.reservation_id = r.reservation_id and e.version = r.version
                                     cross join unnest(e.line_quantities) line (quantity)
                                     where r.state = 'confirmed'
                                     group by 1) x) as sold,
            (select count(*) from reservations.entry where action = 'erase' and pool_ids <> '{}') as moved,
            (select count(*) from (select r.reservation_id
                                     from reservations.entry e
                                     join reservations.reservation r on r.reservation_id = e.reservation_id
                                    group by r.reservation_id, r.version
                                   having count(*) <> r.version or max(e.version) <> r.version) x) as gaps`,
    [],
  );
  assert.deepEqual([row?.["moved"], row?.["gaps"]], [0, 0]);
  assert.equal(row?.["valid"], row?.["sold"]);
}
