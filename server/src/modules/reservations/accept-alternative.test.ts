import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReservationBody } from "./reservation-schemas.ts";
import { aPaidNight, idOf, type PaidNight } from "./testing-paid.ts";

/** Its hold has ended, somebody else has its places, and it is paid for: other slots are on offer for an hour. */
async function paidTooLate(night: PaidNight, quantity = 2): Promise<ReservationBody> {
  const late = await night.hold(night.line(0, quantity));
  await night.server.advance(601);
  await night.buy(night.line(0, 5));
  assert.equal(await night.ledger.reclaim(idOf(late.id), 2400), "no_places");
  assert.equal(await night.ledger.offerAlternatives(idOf(late.id), 3600), "done");
  return late;
}

test("who paid too late sees the same tickets in other slots, the nearest first, as long as they are on offer", async (t) => {
  const night = await aPaidNight(t, { capacities: [5, 1, 5, 5] });
  const late = await paidTooLate(night);
  await night.server.advance(1);
  const read = () => night.ask(`GET /reservations/${late.id}`, { token: late.token });
  const { body } = await read();
  assert.equal(body.state, "expired");
  assert.deepEqual(
    body.alternatives?.options.map(({ slot_id, lines }) => [
      night.slots.indexOf(slot_id),
      lines.map((line) => [night.slots.indexOf(line.slot_id), line.quantity, line.ticket_type_id]),
    ]),
    [
      [2, [[2, 2, night.types[1200]]]],
      [3, [[3, 2, night.types[1200]]]],
    ],
  );
  const managed = await night.ask(`GET /reservations/${late.id}`, { token: night.token });
  assert.deepEqual(managed.body.alternatives, body.alternatives);
  const listed = await night.server.client.reservations.list(night.id, {}, { token: night.token });
  assert.ok(listed.data.every(({ alternatives }) => alternatives === null));

  await night.buy(night.line(2, 4), night.line(3, 4));
  await night.server.advance(1);
  assert.deepEqual((await read()).body.alternatives?.options, [], "none at this moment");
  await night.server.advance(3600);
  assert.equal((await read()).body.alternatives, null);
  assert.deepEqual(await accept(night, late, 2), [410, "reservation_expired"]);
});

test("a slot that is chosen is confirmed for what was paid, once, whoever asks again", async (t) => {
  const night = await aPaidNight(t);
  const late = await paidTooLate(night);
  const chosen = await choose(night, late, 1, "one");
  assert.deepEqual([chosen.status, chosen.body.state], [200, "confirmed"]);
  assert.deepEqual([chosen.body.total.amount_minor, chosen.body.alternatives], [2400, null]);
  assert.deepEqual(
    chosen.body.tickets.map((ticket) => [ticket.slot_id, ticket.state]),
    [
      [night.slots[1], "valid"],
      [night.slots[1], "valid"],
    ],
  );
  const again = await choose(night, late, 1, "one");
  assert.deepEqual([again.status, again.replayed, again.body], [200, true, chosen.body]);
  assert.deepEqual((await choose(night, late, 1)).body, chosen.body);
  assert.deepEqual((await choose(night, late, 2)).body, chosen.body, "it has a slot already");
  assert.deepEqual(await night.left(), [0, 3, 5]);
  assert.ok(await night.addsUp());
});

test("a slot without enough places is refused with what is left, and the offer stands", async (t) => {
  const night = await aPaidNight(t, { capacities: [5, 1, 5] });
  const late = await paidTooLate(night);
  const refused = await choose(night, late, 1, "one");
  assert.deepEqual([refused.status, refused.body.code], [409, "sold_out"]);
  const [reason] = refused.body.reasons;
  assert.deepEqual(
    [reason?.["slot_id"], reason?.["wanted"], reason?.["available"]],
    [night.slots[1], 2, 1],
  );
  const again = await choose(night, late, 1, "one");
  assert.deepEqual(
    [again.status, again.replayed, again.body.reasons],
    [409, true, refused.body.reasons],
  );
  const managed = await night.ask(`POST /reservations/${late.id}/alternative`, {
    token: night.token,
    body: { slot_id: night.slots[2] },
  });
  assert.deepEqual([managed.status, managed.body.state], [200, "confirmed"]);
  assert.ok(await night.addsUp());
});

test("a slot that has started is none, a slot of another event is not there, and a wrong body is told", async (t) => {
  const night = await aPaidNight(t, { capacities: [5, 5] });
  const late = await paidTooLate(night);
  const unknown = `${night.slots[1]?.slice(0, -1)}${night.slots[1]?.endsWith("0") ? "1" : "0"}`;
  assert.deepEqual(await accept(night, late, unknown), [404, "not_found"]);
  assert.deepEqual(await accept(night, late, night.id), [400, "malformed_id"]);
  const path = `POST /reservations/${late.id}/alternative`;
  for (const body of [{}, { slot_id: 1 }, { slot_id: night.slots[1], price: 0 }]) {
    const { status } = await night.ask(path, { token: late.token, body });
    assert.equal(status, 422);
  }
  assert.equal(await night.change(late.id, { action: "give_up" }), "done");
  assert.deepEqual(await accept(night, late, 1), [409, "reservation_cancelled"]);
});

test("what was not paid too late has nothing to choose from", async (t) => {
  const night = await aPaidNight(t);
  const held = await night.hold(night.line(0, 1));
  assert.deepEqual(await accept(night, held, 1), [409, "reservation_not_expired"]);
  const other = await night.hold(night.line(0, 1));
  const foreign = await night.ask(`POST /reservations/${held.id}/alternative`, {
    token: other.token,
    body: { slot_id: night.slots[1] },
  });
  assert.equal(foreign.status, 404);
  await night.server.advance(601);
  assert.deepEqual(await accept(night, held, 1), [410, "reservation_expired"]);
});

test("a hold that waits for a payment says until when, and when it would end by itself", async (t) => {
  const night = await aPaidNight(t);
  const held = await night.hold(night.line(0, 1));
  assert.equal(held.awaiting_payment, null);
  assert.equal(
    await night.ledger.awaitPayment(idOf(held.id), {
      amountMinor: held.total.amount_minor,
      seconds: 1800,
    }),
    "done",
  );
  const read = await night.ask(`GET /reservations/${held.id}`, { token: held.token });
  assert.equal(read.body.awaiting_payment?.until, read.body.expires_at);
  assert.equal(read.body.awaiting_payment?.otherwise_expires_at, held.expires_at);
  const given = await night.ask(`POST /reservations/${held.id}/release`, { token: held.token });
  assert.deepEqual([given.status, given.body.code], [409, "payment_in_progress"]);
  assert.equal(
    await night.ledger.paymentFailed({ reservationId: idOf(held.id), version: 2 }),
    "done",
  );
  const after = await night.ask(`GET /reservations/${held.id}`, { token: held.token });
  assert.deepEqual(after.body, held);
});

function choose(night: PaidNight, one: ReservationBody, slot: number | string, key?: string) {
  return night.ask(`POST /reservations/${one.id}/alternative`, {
    token: one.token,
    body: { slot_id: typeof slot === "string" ? slot : night.slots[slot] },
    ...(key !== undefined && { key }),
  });
}

async function accept(night: PaidNight, one: ReservationBody, slot: number | string) {
  const { status, body } = await choose(night, one, slot);
  return [status, body.code];
}
