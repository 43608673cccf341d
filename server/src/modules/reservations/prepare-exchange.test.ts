import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { formatId, type Id } from "#platform/id.ts";
import type { ReservationBody } from "./reservation-schemas.ts";
import { aPaidNight, idOf, type PaidNight } from "./testing-paid.ts";

/** A payment of the difference, as it begins. */
function toPay({ body }: Awaited<ReturnType<typeof exchange>>) {
  return { amountMinor: body.pending_exchange?.to_pay.amount_minor ?? 0, seconds: 1800 };
}

test("what becomes dearer keeps its places, holds those it lacks, and says what is to be paid", async (t) => {
  const night = await aPaidNight(t, { capacities: [5, 5] });
  const mine = await night.buy(night.line(0, 2));
  const lines = [night.line(0, 1, 2500), night.line(1, 3)];

  const asked = await exchange(night, mine, { lines, attendee: { name: "Ada" } });
  assert.deepEqual([asked.status, asked.body.state], [202, "confirmed"]);
  assert.deepEqual(asked.body.lines, mine.lines);
  assert.deepEqual(asked.body.tickets, mine.tickets);
  assert.equal(asked.body.attendee.name, "Ada");
  const pending = asked.body.pending_exchange;
  assert.deepEqual(
    pending?.lines.map(({ slot_id, quantity, unit_price }) => [
      night.slots.indexOf(slot_id),
      quantity,
      unit_price.amount_minor,
    ]),
    [
      [0, 1, 2500],
      [1, 3, 1200],
    ],
  );
  assert.deepEqual(pending?.total, { amount_minor: 6100, currency: "EUR" });
  assert.deepEqual(pending?.to_pay, { amount_minor: 3700, currency: "EUR" });
  assert.deepEqual(await night.left(), [3, 2], "of the first slot it has more than it wants");

  const read = await night.ask(`GET /reservations/${mine.id}`, { token: mine.token });
  assert.deepEqual(read.body, asked.body);
  const managed = await night.ask(`GET /reservations/${mine.id}`, { token: night.token });
  assert.deepEqual(managed.body.pending_exchange, pending);
  assert.ok(await night.addsUp());
});

test("paid for, the exchange is done, and a repeat of the request tells what it told", async (t) => {
  const night = await aPaidNight(t);
  const mine = await night.buy(night.line(0, 1));
  const request = { lines: [night.line(1, 2, 2500)] };
  const asked = await exchange(night, mine, request, "one");
  const again = await exchange(night, mine, request, "one");
  assert.deepEqual([again.status, again.replayed, again.body], [202, true, asked.body]);

  const companion = await companionOf(night, mine);
  assert.equal(await night.ledger.awaitPayment(idOf(companion), toPay(asked)), "done");
  assert.equal(await night.ledger.exchange(idOf(mine.id), idOf(companion)), "done");
  const read = await night.ask(`GET /reservations/${mine.id}`, { token: mine.token });
  assert.deepEqual(
    [read.body.state, read.body.total.amount_minor, read.body.pending_exchange],
    ["confirmed", 5000, null],
  );
  assert.equal(read.body.tickets.length, 2);
  assert.deepEqual(await night.left(), [5, 3, 5]);

  const late = await exchange(night, mine, request, "one");
  assert.deepEqual([late.status, late.replayed, late.body.lines], [202, true, mine.lines]);
  assert.equal(late.body.pending_exchange, null);
  const other = await exchange(night, mine, { lines: [night.line(1, 3, 2500)] }, "one");
  assert.deepEqual([other.status, other.body.code], [422, "idempotency_key_reused"]);
  assert.ok(await night.addsUp());
});

test("not paid in time, the places that it lacked are free and it stays as it is", async (t) => {
  const night = await aPaidNight(t, { capacities: [1, 1] });
  const mine = await night.buy(night.line(0, 1));
  const { status } = await exchange(night, mine, { lines: [night.line(1, 1, 2500)] });
  assert.equal(status, 202);
  assert.deepEqual(await night.left(), [0, 0]);
  await night.server.advance(601);
  const read = await night.ask(`GET /reservations/${mine.id}`, { token: mine.token });
  assert.deepEqual(
    [read.body.state, read.body.lines, read.body.pending_exchange],
    ["confirmed", mine.lines, null],
  );
  await night.hold(night.line(1, 1));
  assert.deepEqual(await night.left(), [0, 0]);
  assert.ok(await night.addsUp());
});

test("of two who want the last place for more money one is asked to pay, the other keeps what they have", async (t) => {
  const night = await aPaidNight(t, { capacities: [2, 1] });
  const both = [await night.buy(night.line(0, 1)), await night.buy(night.line(0, 1))];
  const lines = [night.line(1, 1, 2500)];
  const answers = await Promise.all(
    both.map((one, index) => exchange(night, one, { lines }, `key ${index}`)),
  );
  assert.deepEqual(answers.map(({ status }) => status).sort(), [202, 409]);
  const refused = answers.findIndex(({ status }) => status === 409);
  const { body } = answers[refused] as (typeof answers)[number];
  assert.equal(body.code, "sold_out");
  assert.deepEqual(
    body.reasons.map(({ slot_id, wanted, available }) => [slot_id, wanted, available]),
    [[night.slots[1], 1, 0]],
  );
  const loser = both[refused] as ReservationBody;
  const again = await exchange(night, loser, { lines }, `key ${refused}`);
  assert.deepEqual([again.status, again.replayed, again.body.reasons], [409, true, body.reasons]);
  const read = await night.ask(`GET /reservations/${loser.id}`, { token: loser.token });
  assert.deepEqual([read.body.state, read.body.lines], ["confirmed", loser.lines]);
  assert.deepEqual(await night.left(), [0, 0]);
  assert.ok(await night.addsUp());
});

test("something dearer in the same places holds none, and is paid for all the same", async (t) => {
  const night = await aPaidNight(t, { capacities: [1] });
  const mine = await night.buy(night.line(0, 1));
  const asked = await exchange(night, mine, { lines: [night.line(0, 1, 2500)] });
  assert.deepEqual([asked.status, asked.body.pending_exchange?.to_pay.amount_minor], [202, 1300]);
  assert.deepEqual(await night.left(), [0]);
  const companion = await companionOf(night, mine);
  assert.equal(await night.ledger.exchange(idOf(mine.id), idOf(companion)), "done");
  const read = await night.ask(`GET /reservations/${mine.id}`, { token: mine.token });
  assert.equal(read.body.total.amount_minor, 2500);
  assert.ok(await night.addsUp());
});

test("what is free is exchanged for what costs money when that is paid, by whoever manages it, too", async (t) => {
  const night = await aPaidNight(t);
  const mine = await night.buy(night.line(0, 1, 0));
  const asked = await night.ask(`PATCH /reservations/${mine.id}`, {
    token: night.token,
    body: { lines: [night.line(0, 1, 1200)] },
  });
  assert.deepEqual([asked.status, asked.body.pending_exchange?.to_pay.amount_minor], [202, 1200]);
  assert.equal(asked.body.token, undefined);
});

test("what costs the same or less is exchanged at once, and drops what waited", async (t) => {
  const night = await aPaidNight(t);
  const mine = await night.buy(night.line(0, 2));
  assert.equal((await exchange(night, mine, { lines: [night.line(1, 3)] })).status, 202);
  assert.deepEqual(await night.left(), [3, 2, 5]);
  const same = await exchange(night, mine, { lines: [night.line(2, 2)] });
  assert.deepEqual([same.status, same.body.pending_exchange], [200, null]);
  assert.notDeepEqual(same.body.tickets, mine.tickets);
  assert.deepEqual(await night.left(), [5, 5, 3], "what waited is free before its time");
  const less = await exchange(night, mine, { lines: [night.line(2, 1)] });
  assert.deepEqual([less.status, less.body.total.amount_minor], [200, 1200]);
  assert.ok(await night.addsUp());
});

test("another wish takes the place of the one that waits, and cancelling ends it", async (t) => {
  const night = await aPaidNight(t);
  const mine = await night.buy(night.line(0, 1));
  await exchange(night, mine, { lines: [night.line(1, 4)] });
  const other = await exchange(night, mine, { lines: [night.line(2, 3)] });
  assert.deepEqual([other.status, other.body.pending_exchange?.to_pay.amount_minor], [202, 2400]);
  assert.deepEqual(await night.left(), [4, 5, 2]);
  const cancelled = await cancel(night, mine);
  assert.deepEqual([cancelled.status, cancelled.body.pending_exchange], [200, null]);
  assert.deepEqual(await night.left(), [5, 5, 5]);
  assert.ok(await night.addsUp());
});

test("of several wishes at once one waits, and no other holds anything", async (t) => {
  const night = await aPaidNight(t, { capacities: [5, 9] });
  const mine = await night.buy(night.line(0, 1));
  const answers = await Promise.all(
    [2, 3, 4].map((quantity) => exchange(night, mine, { lines: [night.line(1, quantity)] })),
  );
  assert.deepEqual(
    answers.map(({ status }) => status),
    [202, 202, 202],
  );
  const { body } = await night.ask(`GET /reservations/${mine.id}`, { token: mine.token });
  const [line] = body.pending_exchange?.lines ?? [];
  assert.deepEqual(await night.left(), [4, 9 - (line?.quantity ?? 0)]);
  const listed = await night.server.client.reservations.list(night.id, {}, { token: night.token });
  assert.deepEqual(
    listed.data.map(({ id }) => id),
    [mine.id],
  );
  assert.ok(await night.addsUp());
});

test("while the exchange is being paid, nothing else is done to the reservation but to name another attendee", async (t) => {
  const night = await aPaidNight(t);
  const mine = await night.buy(night.line(0, 2));
  const asked = await exchange(night, mine, { lines: [night.line(1, 3)] });
  const companion = await companionOf(night, mine);
  assert.equal(await night.ledger.awaitPayment(idOf(companion), toPay(asked)), "done");
  const wishes = [[night.line(1, 4)], [night.line(1, 2)], [night.line(0, 1)]];
  for (const lines of wishes) {
    const { status, body } = await exchange(night, mine, { lines });
    assert.deepEqual([status, body.code], [409, "payment_in_progress"]);
  }
  const keyed = await exchange(night, mine, { lines: [night.line(1, 4)] }, "one");
  assert.deepEqual([keyed.status, keyed.body.code], [409, "payment_in_progress"]);
  for (const token of [mine.token, night.token]) {
    const { status, body } = await cancel(night, mine, token);
    assert.deepEqual([status, body.code], [409, "payment_in_progress"]);
  }
  const named = await exchange(night, mine, { attendee: { name: "Grace" } });
  assert.deepEqual([named.status, named.body.pending_exchange?.to_pay.amount_minor], [200, 1200]);

  assert.equal(
    await night.ledger.paymentFailed({ reservationId: idOf(companion), version: 2 }),
    "done",
  );
  const less = await exchange(night, mine, { lines: [night.line(0, 1)] });
  assert.deepEqual([less.status, less.body.total.amount_minor], [200, 1200]);
  assert.ok(await night.addsUp());
});

test("what holds places for an exchange is reached by nobody", async (t) => {
  const night = await aPaidNight(t);
  const mine = await night.buy(night.line(0, 1));
  await exchange(night, mine, { lines: [night.line(1, 2)] });
  const companion = await companionOf(night, mine);
  for (const token of [night.token, mine.token]) {
    const paths = ["GET ", "PATCH ", "POST /confirm", "POST /release", "POST /extend"];
    for (const [method, action = ""] of paths.map((path) => path.split(" "))) {
      const { status, body } = await night.ask(`${method} /reservations/${companion}${action}`, {
        token,
        ...(method === "PATCH" && { body: { lines: [night.line(1, 1)] } }),
      });
      assert.deepEqual([status, body.code], [404, "not_found"], `${method} ${action}`);
    }
  }
  const erased = await night.ask(`POST /events/${night.id}/attendees/erase`, {
    token: night.token,
    body: { reservation_id: companion },
  });
  assert.equal(erased.status, 404);
  const listed = await night.server.client.reservations.list(night.id, {}, { token: night.token });
  assert.deepEqual(
    listed.data.map(({ id }) => id),
    [mine.id],
  );
});

test("a void token, a slot of another event and a hold get the answers they always got", async (t) => {
  const night = await aPaidNight(t);
  const held = await night.hold(night.line(0, 1));
  const more = await exchange(night, held, { lines: [night.line(0, 2)] });
  assert.deepEqual([more.status, more.body.state], [200, "held"]);
  const mine = await night.buy(night.line(0, 1));
  await night.ask(`POST /reservations/${mine.id}/transfer`, {
    token: mine.token,
    body: { attendee: {} },
  });
  const gone = await exchange(night, mine, { lines: [night.line(1, 2)] }, "one");
  assert.deepEqual([gone.status, gone.body.code], [401, "not_authenticated"]);
  const other = await exchange(night, held, { lines: [{ slot_id: night.slots[0], quantity: 1 }] });
  assert.deepEqual([other.status, other.body.code], [422, "ticket_type_needed"]);
  await night.server.advance(601);
  const late = await exchange(night, held, { lines: [night.line(1, 2)] });
  assert.deepEqual([late.status, late.body.code], [410, "reservation_expired"]);
  assert.deepEqual(await night.left(), [4, 5, 5], "nothing is held for who was refused");
});

function exchange(night: PaidNight, one: ReservationBody, body: object, key?: string) {
  return night.ask(`PATCH /reservations/${one.id}`, {
    token: one.token,
    body,
    ...(key !== undefined && { key }),
  });
}

function cancel(night: PaidNight, one: ReservationBody, token = one.token) {
  return night.ask(`POST /reservations/${one.id}/cancel`, { token });
}

/** The id of what holds places for the exchange of this one. */
async function companionOf({ server }: PaidNight, one: ReservationBody): Promise<string> {
  const { rows } = await sql<{ exchange_id: Id<"rsv"> }>`
    select exchange_id from reservations.reservation where reservation_id = ${idOf(one.id)}
  `.execute(server.app.database.kysely);
  return formatId("rsv", rows[0]?.exchange_id as Id<"rsv">);
}
