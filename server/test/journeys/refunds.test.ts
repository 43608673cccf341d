import assert from "node:assert/strict";
import { test } from "node:test";
import { testServer } from "#test/server.ts";
import {
  aPaidEvent,
  nothingIsOpen,
  paidFor,
  settle,
  settled,
  stateOf,
  switchesOf,
} from "./paying.ts";

const euros = (amount: number) => ({ amount_minor: amount * 100, currency: "EUR" });

test("its holder cancels what is paid for in time: all of the money goes back, by itself", async (t) => {
  const server = await testServer(t);
  const event = await aPaidEvent(server);
  const { held, payment } = await paidFor(server, event);
  await server.client.reservations.cancel(held.id, { token: held.token });
  const done = await settled(server, held, payment);
  assert.deepEqual([done.state, done.outcome], ["refunded", "confirmed"]);
  assert.deepEqual(done.refunded, held.total);
  assert.deepEqual(
    done.refunds.map(({ reason, state }) => [reason, state]),
    [["worth_less", "succeeded"]],
  );
  assert.equal(await event.left(event.first), 10);
  await nothingIsOpen(server);
});

test("what is exchanged for something cheaper gives the difference back", async (t) => {
  const server = await testServer(t);
  const event = await aPaidEvent(server);
  const { held, payment } = await paidFor(server, event);
  const lines = [{ slot_id: event.second, ticket_type_id: event.child, quantity: 1 }];
  await server.client.reservations.change(held.id, { lines }, { token: held.token });
  const done = await settled(server, held, payment);
  assert.deepEqual([done.state, done.refunded], ["succeeded", euros(35)]);
  assert.ok(await event.addsUp());
  await nothingIsOpen(server);
});

test("an event is cancelled: everybody has their money back, and its organizer sees how far that is", async (t) => {
  const server = await testServer(t);
  const { client, app } = server;
  const event = await aPaidEvent(server);
  const buyers = [await paidFor(server, event), await paidFor(server, event)];
  const { token } = event;
  const switches = switchesOf(server);
  switches.isAway = true;
  await client.events.cancel(event.id, { token });
  await app.tasks.get("reservations.settle")?.runNow();
  await settle(server);
  const before = await client.payments.listRefunds(event.id, {}, { token });
  assert.deepEqual(before.progress.pending, { count: 2, amount: euros(80) });
  assert.deepEqual(before.progress.succeeded, { count: 0, amount: euros(0) });

  switches.isAway = false;
  await server.advance(300);
  await settle(server);
  const { data, progress, next_cursor } = await client.payments.listRefunds(
    event.id,
    {},
    { token },
  );
  assert.deepEqual(progress.succeeded, { count: 2, amount: euros(80) });
  assert.deepEqual(progress.pending, { count: 0, amount: euros(0) });
  assert.deepEqual([data.length, next_cursor], [2, null]);
  for (const { held, payment } of buyers) {
    const { state, refunded } = await settled(server, held, payment);
    assert.deepEqual([state, refunded], ["refunded", held.total]);
    assert.equal(await stateOf(server, held), "cancelled");
  }
  assert.ok(await event.addsUp());
  await nothingIsOpen(server);
});

test("a manager gives a part back, then the rest, and no more than there is", async (t) => {
  const server = await testServer(t);
  const { client } = server;
  const event = await aPaidEvent(server);
  const { held, payment } = await paidFor(server, event);
  const { token } = event;
  const part = await client.payments.refund(payment.id, { amount: euros(10) }, { token });
  assert.deepEqual([part.state, part.reason, part.amount], ["pending", "goodwill", euros(10)]);
  const after = await settled(server, held, payment);
  assert.deepEqual([after.state, after.refunded], ["succeeded", euros(10)]);
  await assert.rejects(client.payments.refund(payment.id, { amount: euros(31) }, { token }), {
    status: 409,
    code: "refund_too_large",
    reasons: [
      {
        code: "refund_too_large",
        message: "Of this payment 3000 EUR in minor units are left.",
        left: euros(30),
      },
    ],
  });
  await client.payments.refund(payment.id, {}, { token });
  const done = await settled(server, held, payment);
  assert.deepEqual([done.state, done.refunded], ["refunded", held.total]);
  await assert.rejects(client.payments.refund(payment.id, {}, { token }), {
    code: "refund_too_large",
  });
  assert.equal(await stateOf(server, held), "confirmed", "goodwill takes no places");

  await client.reservations.cancel(held.id, { token: held.token });
  assert.deepEqual((await settled(server, held, payment)).refunded, held.total);
  await nothingIsOpen(server);
});

test("what was given out of goodwill is not given once more when all of it goes back", async (t) => {
  const server = await testServer(t);
  const event = await aPaidEvent(server);
  const { held, payment } = await paidFor(server, event);
  const { token } = event;
  await server.client.payments.refund(payment.id, { amount: euros(10) }, { token });
  await server.client.reservations.cancel(held.id, { token: held.token });
  const done = await settled(server, held, payment);
  assert.deepEqual(
    done.refunds.map(({ reason, amount }) => [reason, amount]),
    [
      ["goodwill", euros(10)],
      ["worth_less", euros(30)],
    ],
  );
  assert.deepEqual([done.state, done.refunded], ["refunded", held.total]);
  await nothingIsOpen(server);
});

test("the same refund asked for twice under one key is given once", async (t) => {
  const server = await testServer(t);
  const event = await aPaidEvent(server);
  const { held, payment } = await paidFor(server, event);
  const options = { token: event.token, idempotencyKey: "a refund, once" };
  const ask = () => server.client.payments.refund(payment.id, { amount: euros(5) }, options);
  const [one, two] = await Promise.all([ask(), ask()]);
  assert.equal(one.id, two.id);
  assert.deepEqual((await settled(server, held, payment)).refunded, euros(5));
});

test("a refund that the provider refuses is seen, counted, and tried again", async (t) => {
  const server = await testServer(t);
  const { client } = server;
  const event = await aPaidEvent(server);
  const { held, payment } = await paidFor(server, event);
  const { token } = event;
  const switches = switchesOf(server);
  switches.refusesRefunds = true;
  await client.reservations.cancel(held.id, { token: held.token });
  await settle(server);
  const { data, progress } = await client.payments.listRefunds(event.id, {}, { token });
  const [refused] = data;
  assert.ok(refused !== undefined);
  assert.equal(refused.state, "failed");
  assert.match(refused.error?.message ?? "", /closed/);
  assert.deepEqual(progress.failed, { count: 1, amount: held.total });
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  assert.match(metrics, /^tessera_refunds_refused 1$/m);
  assert.match(metrics, /^tessera_payments_without_outcome 0$/m);
  const { refunded, state } = await settled(server, held, payment);
  assert.deepEqual([state, refunded], ["succeeded", euros(0)]);
  await assert.rejects(client.payments.refund(payment.id, {}, { token }), {
    code: "refund_too_large",
  });

  switches.refusesRefunds = false;
  const again = await client.payments.retryRefund(refused.id, { token });
  assert.deepEqual([again.id, again.state, again.error], [refused.id, "pending", null]);
  const done = await settled(server, held, payment);
  assert.deepEqual([done.state, done.refunded], ["refunded", held.total]);
  await assert.rejects(client.payments.retryRefund(refused.id, { token }), {
    status: 409,
    code: "refund_not_failed",
  });
  await nothingIsOpen(server);
});

test("a refund that the provider refuses for good is handed back in another way, once", async (t) => {
  const server = await testServer(t);
  const { client } = server;
  const event = await aPaidEvent(server);
  const { held, payment } = await paidFor(server, event);
  const { token } = event;
  switchesOf(server).refusesRefunds = true;
  await client.reservations.cancel(held.id, { token: held.token });
  await settle(server);
  const { data } = await client.payments.listRefunds(event.id, {}, { token });
  const refused = data[0]?.id ?? "";
  await assert.rejects(client.payments.handBackRefund(refused, { token: held.token }), {
    status: 404,
  });
  assert.equal((await client.payments.handBackRefund(refused, { token })).state, "by_hand");
  const done = await settled(server, held, payment);
  assert.deepEqual([done.state, done.refunded], ["refunded", held.total]);
  for (const again of [client.payments.handBackRefund, client.payments.retryRefund]) {
    await assert.rejects(again(refused, { token }), { status: 409, code: "refund_not_failed" });
  }
  await nothingIsOpen(server);
});
