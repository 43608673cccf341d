import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { testServer } from "#test/server.ts";
import { aPaidEvent, hold, nothingIsOpen, pay, settle, settled, stateOf } from "./paying.ts";

const DAY = 24 * 3600;

/** Held, and to be paid at the till within two days. */
async function anOfflinePayment(t: TestContext) {
  const server = await testServer(t);
  const event = await aPaidEvent(server, { offline_hold_hours: 48 });
  const held = await hold(server, event);
  const payment = await pay(server, held, { provider: "offline" });
  await settle(server);
  return { server, client: server.client, event, held, payment, token: event.token };
}

test("money that is paid at the till confirms when a manager says that it came", async (t) => {
  const { server, client, event, held, payment, token } = await anOfflinePayment(t);
  await server.advance(2 * DAY - 60);
  await settle(server);
  assert.equal(await stateOf(server, held), "held", "the hold waits as long as the event says");
  const done = await client.payments.settle(payment.id, { received: true }, { token });
  assert.deepEqual([done.state, done.outcome, done.amount], ["succeeded", "confirmed", held.total]);
  assert.equal(await stateOf(server, held), "confirmed");
  const { entries } = await auditOf(server.url, event);
  assert.ok(entries.includes("settlePayment done"));
  await nothingIsOpen(server);

  await client.reservations.cancel(held.id, { token: held.token });
  const { refunds } = await settled(server, held, payment);
  assert.deepEqual(
    refunds.map(({ state, amount }) => [state, amount]),
    [["by_hand", held.total]],
  );
});

test("what a manager says twice is said once; the opposite is refused", async (t) => {
  const { client, payment, token } = await anOfflinePayment(t);
  const say = (received: boolean) => client.payments.settle(payment.id, { received }, { token });
  const [one, two] = await Promise.all([say(true), say(true)]);
  assert.deepEqual([one.state, two.state], ["succeeded", "succeeded"]);
  assert.equal((await say(true)).outcome, "confirmed");
  await assert.rejects(say(false), { status: 409, code: "payment_decided" });
});

test("money that did not come gives the places back", async (t) => {
  const { server, client, event, held, payment, token } = await anOfflinePayment(t);
  await server.advance(DAY);
  const done = await client.payments.settle(payment.id, { received: false }, { token });
  assert.deepEqual([done.state, done.outcome, done.amount], ["failed", "none", null]);
  assert.equal(await stateOf(server, held), "expired");
  assert.equal(await event.left(event.first), 10);
  await nothingIsOpen(server);
});

test("where nobody says anything in time, the payment is ended and the places are free", async (t) => {
  const { server, client, event, held, payment, token } = await anOfflinePayment(t);
  await server.advance(2 * DAY + 1);
  const done = await settled(server, held, payment);
  assert.deepEqual([done.state, done.error?.code, done.outcome], ["failed", "timed_out", "none"]);
  assert.equal(await stateOf(server, held), "expired");
  assert.equal(await event.left(event.first), 10);
  await assert.rejects(client.payments.settle(payment.id, { received: true }, { token }), {
    status: 409,
    code: "payment_decided",
  });
  await nothingIsOpen(server);
});

test("nobody waits for money beyond the start of what it is for", async (t) => {
  const server = await testServer(t);
  const soon = new Date(server.app.clock.now() + 3 * 3600 * 1000).toISOString().slice(0, 16);
  const later = new Date(server.app.clock.now() + 4 * 3600 * 1000).toISOString().slice(0, 16);
  const event = await aPaidEvent(server, {
    time_zone: "UTC",
    offline_hold_hours: 48,
    slots: [
      { starts_at: soon, ends_at: later, capacity: 10 },
      { starts_at: "2090-06-15T20:00", ends_at: "2090-06-15T20:30", capacity: 10 },
    ],
  });
  const held = await hold(server, event);
  const payment = await pay(server, held, { provider: "offline" });
  assert.ok(payment.wait_ends_at <= `${soon}:00Z`, payment.wait_ends_at);
});

async function auditOf(url: string, event: { readonly id: string; readonly token: string }) {
  const answer = await fetch(`${url}/v1/events/${event.id}/audit`, {
    headers: { authorization: `Bearer ${event.token}` },
  });
  const { data } = (await answer.json()) as { data: { action: string; outcome: string }[] };
  return { entries: data.map(({ action, outcome }) => `${action} ${outcome}`) };
}
