import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { testServer } from "#test/server.ts";
import {
  aPaidEvent,
  chargesOf,
  hold,
  nothingIsOpen,
  PAYMENTS,
  pay,
  settle,
  settled,
  stateOf,
  switchesOf,
} from "./paying.ts";

test("held, paid for, confirmed: the tickets are there", async (t) => {
  const server = await testServer(t);
  const event = await aPaidEvent(server);
  const held = await hold(server, event);
  const payment = await pay(server, held, { provider: "test", method_token: "ok" });
  assert.equal(payment.state, "not_started");
  const done = await settled(server, held, payment);
  assert.deepEqual([done.state, done.outcome, done.amount], ["succeeded", "confirmed", held.total]);
  assert.deepEqual([done.error, done.next_action, done.refunds], [null, null, []]);
  const { id, token } = held;
  const confirmed = await server.client.reservations.read(id, { token });
  assert.equal(confirmed.state, "confirmed");
  assert.equal(confirmed.tickets.length, 2);
  assert.ok(await event.addsUp());
  await nothingIsOpen(server);
});

test("how one can pay is said before anything is held", async (t) => {
  const server = await testServer(t);
  const plain = await aPaidEvent(server);
  const offline = await aPaidEvent(server, { offline_hold_hours: 48 });
  const { data } = await server.client.payments.options(plain.id);
  assert.deepEqual(data, [{ provider: "test", publishable_key: null, hold_seconds: 1800 }]);
  const withOffline = await server.client.payments.options(offline.id);
  assert.deepEqual(
    withOffline.data.map(({ provider, hold_seconds }) => [provider, hold_seconds]).sort(),
    [
      ["offline", 48 * 3600],
      ["test", 1800],
    ],
  );
});

test("a declined card says so, the hold has its own time back, and another card pays for it", async (t) => {
  const server = await testServer(t);
  const event = await aPaidEvent(server);
  const held = await hold(server, event);
  const { id, token } = held;
  const begun = await pay(server, held, { provider: "test", method_token: "card_error" });
  const declined = await settled(server, held, begun);
  assert.deepEqual(
    [declined.state, declined.outcome, declined.amount, declined.error],
    ["failed", "none", null, { code: "card_error", message: "The card was declined." }],
  );
  const after = await server.client.reservations.read(id, { token });
  assert.deepEqual([after.state, after.expires_at], ["held", held.expires_at]);

  const again = await pay(server, held, { provider: "test", method_token: "ok" });
  assert.equal((await settled(server, held, again)).outcome, "confirmed");
  const { data } = await server.client.payments.listOf(id, { token });
  assert.deepEqual(
    data.map(({ state }) => state),
    ["failed", "succeeded"],
  );
  assert.ok(await event.addsUp());
  await nothingIsOpen(server);
});

test("what takes its time is told by a webhook", async (t) => {
  const server = await testServer(t);
  const event = await aPaidEvent(server);
  const held = await hold(server, event);
  const begun = await pay(server, held, { provider: "test", method_token: "slow" });
  assert.equal((await settled(server, held, begun)).state, "processing");
  await server.advance(31);
  await server.app.tasks.get("payments.test-webhooks")?.runNow();
  await server.app.jobs.work();
  const done = await server.client.payments.read(begun.id, { token: held.token });
  assert.deepEqual([done.state, done.outcome], ["succeeded", "confirmed"]);
  await nothingIsOpen(server);
});

test("with every webhook lost the reconciler finds what happened", async (t) => {
  const server = await testServer(t);
  switchesOf(server).dropsWebhook = () => true;
  const event = await aPaidEvent(server);
  const held = await hold(server, event);
  const begun = await pay(server, held, { provider: "test", method_token: "slow" });
  assert.equal((await settled(server, held, begun)).state, "processing");
  await server.advance(31);
  const done = await settled(server, held, begun);
  assert.deepEqual([done.state, done.outcome], ["succeeded", "confirmed"]);
  await nothingIsOpen(server);
});

test("one payment that cannot be looked at keeps nobody else waiting", async (t) => {
  const server = await testServer(t);
  switchesOf(server).dropsWebhook = () => true;
  const event = await aPaidEvent(server);
  const spoilt = await hold(server, event, 1);
  await pay(server, spoilt, { provider: "test", method_token: "slow" });
  await settle(server);
  const { kysely } = server.app.database;
  await sql`update payments.provider_record set value = '{}'`.execute(kysely);
  await sql`
    insert into payments.webhook (provider, provider_event_id, signed_at, payment_id, received_at)
    select 'test', 'told', clock_timestamp(), payment_id, clock_timestamp() from payments.payment
  `.execute(kysely);
  const held = await hold(server, event);
  const begun = await pay(server, held, { provider: "test", method_token: "slow" });
  await settle(server);
  await server.advance(31);
  assert.equal((await settled(server, held, begun)).outcome, "confirmed");
});

test("with every webhook twice and the last one first it is paid for once", async (t) => {
  const server = await testServer(t);
  Object.assign(switchesOf(server), { webhookDeliveries: 2, reordersWebhooks: true });
  const event = await aPaidEvent(server);
  const held = await hold(server, event);
  const begun = await pay(server, held, { provider: "test", method_token: "ok" });
  assert.equal((await settled(server, held, begun)).outcome, "confirmed");
  await settle(server);
  assert.equal(await chargesOf(server), 1);
  assert.ok(await event.addsUp());
  await nothingIsOpen(server);
});

test("with every answer lost it is paid for once, and found", async (t) => {
  const server = await testServer(t);
  const switches = switchesOf(server);
  switches.losesAnswers = true;
  const event = await aPaidEvent(server);
  const held = await hold(server, event);
  const begun = await pay(server, held, { provider: "test", method_token: "ok" });
  assert.equal((await settled(server, held, begun)).state, "processing");
  switches.losesAnswers = false;
  await server.advance(10);
  assert.equal((await settled(server, held, begun)).outcome, "confirmed");
  assert.equal(await chargesOf(server), 1);
  await nothingIsOpen(server);
});

test("a payment that never ends is ended: it has failed, and the hold is over", async (t) => {
  const server = await testServer(t);
  const event = await aPaidEvent(server);
  const held = await hold(server, event);
  const begun = await pay(server, held, { provider: "test", method_token: "never" });
  assert.equal((await settled(server, held, begun)).state, "processing");
  await server.advance(1_801);
  const done = await settled(server, held, begun);
  assert.deepEqual([done.state, done.error?.code, done.outcome], ["failed", "timed_out", "none"]);
  assert.equal(await stateOf(server, held), "expired");
  assert.equal(await event.left(event.first), 10);
  assert.ok(await event.addsUp());
  await nothingIsOpen(server);
});

test("where the hold would stand longer than the wait, it has its own end back", async (t) => {
  const server = await testServer(t, { payments: { ...PAYMENTS, waitSeconds: 60 } });
  const event = await aPaidEvent(server);
  const held = await hold(server, event);
  const { id, token } = held;
  const begun = await pay(server, held, { provider: "test", method_token: "never" });
  await settle(server);
  await server.advance(61);
  const done = await settled(server, held, begun);
  assert.deepEqual([done.state, done.error?.code], ["failed", "timed_out"]);
  const after = await server.client.reservations.read(id, { token });
  assert.deepEqual([after.state, after.expires_at], ["held", held.expires_at]);
  await nothingIsOpen(server);
});

test("a payment outlives the end of its hold, and nobody else gets the places", async (t) => {
  const server = await testServer(t);
  const switches = switchesOf(server);
  const event = await aPaidEvent(server);
  const held = await hold(server, event, 10);
  const begun = await pay(server, held, { provider: "test", method_token: "slow" });
  await settle(server);
  switches.isAway = true;
  await server.advance(1_200);
  await settle(server);
  assert.equal(await stateOf(server, held), "held");
  await assert.rejects(hold(server, event, 1), { status: 409, code: "sold_out" });
  switches.isAway = false;
  await server.advance(300);
  assert.equal((await settled(server, held, begun)).outcome, "confirmed");
  assert.equal(await stateOf(server, held), "confirmed");
  assert.ok(await event.addsUp());
  await nothingIsOpen(server);
});

test("its holder cancels a payment: no money is taken, and the hold has its own end", async (t) => {
  const server = await testServer(t);
  const event = await aPaidEvent(server);
  const held = await hold(server, event);
  const { id, token } = held;
  const begun = await pay(server, held, { provider: "test", method_token: "never" });
  await settle(server);
  await server.client.payments.cancel(begun.id, { token });
  const done = await settled(server, held, begun);
  assert.deepEqual([done.state, done.error?.code, done.amount], ["failed", "cancelled", null]);
  const after = await server.client.reservations.read(id, { token });
  assert.deepEqual([after.state, after.expires_at], ["held", held.expires_at]);
  const again = await pay(server, held, { provider: "test", method_token: "ok" });
  assert.equal((await settled(server, held, again)).outcome, "confirmed");
  await nothingIsOpen(server);
});

test("a payment that took the money before it was cancelled has succeeded", async (t) => {
  const server = await testServer(t);
  const switches = switchesOf(server);
  const event = await aPaidEvent(server);
  const held = await hold(server, event);
  const begun = await pay(server, held, { provider: "test", method_token: "slow" });
  await settle(server);
  switches.isAway = true;
  await server.advance(31);
  await server.client.payments.cancel(begun.id, { token: held.token });
  await settle(server);
  switches.isAway = false;
  await server.advance(300);
  const done = await settled(server, held, begun);
  assert.deepEqual([done.state, done.outcome], ["succeeded", "confirmed"]);
  await nothingIsOpen(server);
});

test("the same request again is the same payment, and one charge", async (t) => {
  const server = await testServer(t);
  const event = await aPaidEvent(server);
  const { id, token } = await hold(server, event);
  const body = { provider: "test", method_token: "ok" } as const;
  const options = { token, idempotencyKey: "once and for all" };
  const create = () => server.client.payments.create(id, body, options);
  const [one, two] = await Promise.all([create(), create()]);
  assert.equal(one.id, two.id);
  await settle(server);
  assert.equal((await create()).id, one.id);
  await settle(server);
  const { data } = await server.client.payments.listOf(id, { token });
  assert.deepEqual(
    data.map((payment) => payment.id),
    [one.id],
  );
  assert.equal(await chargesOf(server), 1);
  await nothingIsOpen(server);
});

test("a manager sees the payments of an event, newest first, page by page", async (t) => {
  const server = await testServer(t);
  const event = await aPaidEvent(server);
  const ids: string[] = [];
  for (const method_token of ["ok", "card_error", "ok"]) {
    const held = await hold(server, event, 1);
    ids.push((await pay(server, held, { provider: "test", method_token })).id);
    await settle(server);
  }
  const { token } = event;
  const first = await server.client.payments.list(event.id, { limit: 2 }, { token });
  const cursor = first.next_cursor ?? "";
  const rest = await server.client.payments.list(event.id, { limit: 2, cursor }, { token });
  assert.deepEqual(
    [...first.data, ...rest.data].map(({ id }) => id),
    ids.toReversed(),
  );
  assert.equal(rest.next_cursor, null);
});
