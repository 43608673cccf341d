import assert from "node:assert/strict";
import { test } from "node:test";
import {
  aSale,
  changeRequest,
  expireReservations,
  freePlaces,
  provePools,
  type ReservationAction,
} from "#modules/reservations/testing.ts";
import type { Database } from "#platform/database/database.ts";
import { type Id, newId } from "#platform/id.ts";
import { seededRandom } from "#test/seeded-random.ts";
import { RACES, severalProcesses } from "./several-processes.ts";

const RESERVATIONS = 40;
const CHANGES = 1200;
const ACTIONS: readonly ReservationAction[] = [
  "confirm",
  "extend",
  "exchange",
  "transfer",
  "release",
  "cancel",
];

test(
  "negative control: giving places back without looking at the state gives them back twice",
  RACES,
  async (t) => {
    const { database } = await severalProcesses(t, 5);
    await database.script(
      "create table platform.naive (held integer); insert into platform.naive values (1)",
    );
    await Promise.all(
      ["release", "expire"].map((ending) =>
        database.prepared(ending, "update platform.naive set held = held - 1", []),
      ),
    );
    const [row] = await database.prepared<{ held: number }>(
      "held",
      "select held from platform.naive",
      [],
    );
    assert.equal(row?.held, -1);
  },
);

test(
  "parallel confirm, extend, exchange, transfer, release, cancel and expire leave every count exact",
  RACES,
  async (t) => {
    const random = seededRandom(t);
    const { database, clock, stockFor } = await severalProcesses(t, 5);
    const sale = await aSale(database, clock, { capacity: 60, slots: 3 });
    const reservationIds = Array.from({ length: RESERVATIONS }, () => newId<"rsv">(clock));
    await Promise.all(
      reservationIds.map((reservationId, request) =>
        stockFor(request).hold({
          ...freePlaces(sale, { quantity: 1 + random(2) }),
          reservationId,
          holdSeconds: 1 + random(40),
          lifeSeconds: 120,
        }),
      ),
    );
    const work = Array.from({ length: CHANGES }, async (_, request) => {
      if (request % 100 === 99) {
        clock.advance(2_000);
        await expireReservations({ database, clock, stock: stockFor(request) });
        return "swept";
      }
      const action = ACTIONS[random(ACTIONS.length)] ?? "extend";
      const reservationId = reservationIds[random(RESERVATIONS)] as Id<"rsv">;
      const slots = [...sale.slotIds].sort(() => random(3) - 1).slice(0, 1 + random(2));
      const { status } = await stockFor(request).change(
        changeRequest({
          action,
          reason: "holder",
          reservationId,
          holdSeconds: 5,
          ...(action === "exchange" && {
            priced: freePlaces(sale, { slots, quantity: 1 + random(3) }).priced,
          }),
          ...(action === "transfer" && { attendee: { name: "Grace", email: null, phone: null } }),
        }),
      );
      return status;
    });
    const statuses = new Set(await Promise.all(work));
    assert.ok(statuses.has("done"));
    await assertExact(database, sale.eventId);
    clock.advance(3600_000);
    await expireReservations({ database, clock, stock: stockFor(0) });
    await assertExact(database, sale.eventId);
    for (const proof of await provePools(database, sale.eventId)) assert.equal(proof.held, 0);
  },
);

/** Counters equal the ledger; nobody ended twice; a valid ticket for every place sold and for no other. */
async function assertExact(database: Database, eventId: Id<"evt">): Promise<void> {
  const proofs = await provePools(database, eventId);
  for (const proof of proofs) assert.ok(proof.addsUp, JSON.stringify(proof));
  const [row] = await database.prepared<Record<string, number>>(
    "exact",
    `select (select count(*) from reservations.ticket where voided_version is null) as valid,
            (select sum(sold) from reservations.pool) as sold,
            (select count(*) from (select reservation_id from reservations.entry
                                    where state in ('released', 'expired', 'cancelled')
                                    group by reservation_id having count(*) > 1) x) as ended_twice,
            (select count(*) from (select reservation_id from reservations.entry
                                    group by reservation_id having count(*) <> max(version)) x) as gaps`,
    [],
  );
  assert.equal(row?.["valid"], row?.["sold"]);
  assert.deepEqual([row?.["ended_twice"], row?.["gaps"]], [0, 0]);
}
