import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { TestClock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import { newId } from "#platform/id.ts";
import { testDatabase } from "#test/database.ts";
import { testServer } from "#test/server.ts";
import { countAttendees, eraseAttendees } from "./erase-attendees.ts";
import { exportAttendees } from "./export-attendees.ts";
import { aSale, createStock, freePlaces, provePools, type TestSale } from "./testing.ts";
import { aSoldEvent, ask, notedOf } from "./testing-attendees.ts";

const ADA = { name: "Ada", email: "ada@example.org", phone: null };

/** So many confirmed reservations of one place each, all Ada's. */
async function aFullSale(database: Database, clock: TestClock, count: number): Promise<TestSale> {
  const limits = { batchItemsMax: 512, queueItemsMax: 10_000 };
  const stock = createStock({ database, clock, limits });
  const sale = await aSale(database, clock, { capacity: count });
  await Promise.all(
    Array.from({ length: count }, () =>
      stock.hold({
        ...freePlaces(sale),
        reservationId: newId<"rsv">(clock),
        confirmed: true,
        attendee: ADA,
      }),
    ),
  );
  return sale;
}

/** The database, with a word before each transaction. */
function watched(database: Database, onTransaction: () => void): Database {
  const kysely = new Proxy(database.kysely, {
    get: (target, name) => {
      if (name === "transaction") onTransaction();
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { ...database, kysely };
}

test("an erasure that is cut short has erased what it has, and the next one does the rest", async (t) => {
  const database = await testDatabase(t);
  const clock = new TestClock();
  const { eventId } = await aFullSale(database, clock, 1_200);
  let calls = 0;
  const failing = watched(database, () => {
    calls++;
    if (calls === 2) throw new Error("the connection is gone");
  });
  await assert.rejects(eraseAttendees({ database: failing, clock }, { eventId }, { as: "clock" }));
  assert.equal(await countAttendees(database.kysely, { eventId }), 700);
  assert.equal(await eraseAttendees({ database, clock }, { eventId }, { as: "clock" }), 700);
  assert.equal(await countAttendees(database.kysely, { eventId }), 0);
  assert.equal(await eraseAttendees({ database, clock }, { eventId }, { as: "clock" }), 0);
  const [proof] = await provePools(database, eventId);
  assert.deepEqual([proof?.sold, proof?.addsUp], [1_200, true]);
});

test("holders of tickets are erased with the attendee, also where nothing else is known", async (t) => {
  const database = await testDatabase(t);
  const clock = new TestClock();
  const { eventId } = await aFullSale(database, clock, 3);
  await sql`update reservations.ticket set holder_name = 'Grace'`.execute(database.kysely);
  await sql`
    update reservations.reservation set attendee_name = null, attendee_email = null
  `.execute(database.kysely);
  assert.equal(await eraseAttendees({ database, clock }, { eventId }, { as: "clock" }), 3);
  const { rows } = await sql`
    select from reservations.ticket where holder_name is not null or voided_version is not null
  `.execute(database.kysely);
  assert.deepEqual(rows, []);
});

test("reservations whose pool was removed are erased too", async (t) => {
  const database = await testDatabase(t);
  const clock = new TestClock();
  const { eventId } = await aFullSale(database, clock, 3);
  await sql`delete from reservations.pool`.execute(database.kysely);
  assert.equal(await eraseAttendees({ database, clock }, { eventId }, { as: "clock" }), 3);
});

test("an export of 5,000 reservations has each of them, and reads on only as it is read", async (t) => {
  const database = await testDatabase(t);
  const clock = new TestClock();
  const { eventId } = await aFullSale(database, clock, 5_000);
  let pages = 0;
  const counted = watched(database, () => pages++);
  // What is in reach is said by the catalogue, of which a sale alone has nothing.
  await sql`
    insert into catalog.event (
      event_id, slug, name, search_text, time_zone, currency, default_language, state,
      hold_seconds, hold_life_max_seconds, tickets_per_reservation_max, created_at
    )
    values (${eventId}, 'full', '{"en": "Full"}', 'full', 'UTC', 'EUR', 'en', 'draft', 600, 600, 10, clock_timestamp())
  `.execute(database.kysely);
  const reach = { organizers: [], events: [eventId] };
  const chunks = exportAttendees({ database: counted, clock }, reach, eventId);
  const ids = new Set<string>();
  let records = 0;
  let taken = 0;
  for await (const chunk of chunks) {
    assert.equal(pages, taken++, "the header is there before the first page");
    const lines = chunk.split("\r\n").slice(0, -1);
    assert.ok(lines.length <= 1_000);
    records += lines.length;
    for (const line of lines) ids.add(line.slice(0, 30));
  }
  assert.deepEqual([records, ids.size], [5_001, 5_001], "with the header");
});

test("attendees are erased by the server when the retention of their event has passed, once", async (t) => {
  const server = await testServer(t, { attendeeRetentionDays: 5 });
  const { app } = server;
  const task = app.tasks.get("attendees.erase");
  assert.ok(task);
  const soon = await aSoldEvent(server, { attendee_retention_days: 1 });
  const byDefault = await aSoldEvent(server);
  const never = await aSoldEvent(server, { attendee_retention_days: null });
  const later = await aSoldEvent(server, { attendee_retention_days: 30 });
  const cancelled = await aSoldEvent(server, { attendee_retention_days: 0 });
  const events = [soon, byDefault, never, later, cancelled];
  const reservations = await Promise.all(events.map((event) => event.reserve(ADA)));
  await ask(server, `POST /events/${cancelled.id}/cancel`, cancelled);
  const erased = async () => {
    await task.runNow();
    const read = await Promise.all(
      reservations.map((one) => ask(server, `GET /reservations/${one.id}`, one)),
    );
    return read.map(({ body }) => body.attendee).map((one) => (one as typeof ADA).name === null);
  };
  assert.deepEqual(await erased(), [false, false, false, false, true]);
  await server.advance(25 * 3_600);
  assert.deepEqual(await erased(), [false, false, false, false, true]);
  await server.advance(2 * 3_600);
  assert.deepEqual(await erased(), [true, false, false, false, true]);
  await server.advance(4 * 86_400);
  assert.deepEqual(await erased(), [true, true, false, false, true]);
  const one = ["server", "done", { meant: "all", reservations: 1 }];
  assert.deepEqual(await notedOf(app, "eraseAttendees"), [one, one, one]);

  const change = (days: number) =>
    ask(server, `PATCH /events/${later.id}`, { ...later, body: { attendee_retention_days: days } });
  assert.equal((await change(3)).status, 200);
  assert.deepEqual(await erased(), [true, true, false, true, true]);
  await server.advance(400 * 86_400);
  assert.deepEqual(await erased(), [true, true, false, true, true]);
  assert.equal((await notedOf(app, "eraseAttendees")).length, 4);
});
