import assert from "node:assert/strict";
import { test } from "node:test";
import {
  aSale,
  changeRequest,
  countAttendees,
  eraseAttendees,
  freePlaces,
  provePools,
  type ReservationAction,
} from "#modules/reservations/testing.ts";
import type { Database } from "#platform/database/database.ts";
import { type Id, newId } from "#platform/id.ts";
import { RACES, seededRandom, severalProcesses } from "./several-processes.ts";

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
  "negative control: a next version that is counted before it is locked is given twice",
  RACES,
  async (t) => {
    const { database } = await severalProcesses(t, 2);
    await database.script(`
      create table platform.naive (version integer);
      create table platform.naive_entry (version integer);
      insert into platform.naive values (1);`);
    const seen = Promise.withResolvers<void>();
    let readers = 0;
    const raise = async () => {
      const [row] = await database.prepared<{ version: number }>(
        "naive_read",
        "select version from platform.naive",
        [],
      );
      readers++;
      if (readers === 2) seen.resolve();
      await seen.promise;
      await database.prepared(
        "naive_raise",
        "insert into platform.naive_entry values ($1::text::integer + 1)",
        [row?.version ?? 0],
      );
    };
    await Promise.all([raise(), raise()]);
    const entries = await database.prepared(
      "naive_entries",
      "select from platform.naive_entry where version = 2",
      [],
    );
    assert.equal(entries.length, 2);
  },
);

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
        const count = await eraseAttendees({ database, clock }, one, "manager");
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
    await eraseAttendees({ database, clock }, { eventId }, "manager");
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
