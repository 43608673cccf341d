import assert from "node:assert/strict";
import { test } from "node:test";
import { testServer } from "#test/server.ts";
import {
  aPaidEvent,
  hold,
  nothingIsOpen,
  pay,
  settle,
  settled,
  stateOf,
  switchesOf,
} from "./paying.ts";

const NEVER = { provider: "test", method_token: "never" } as const;
const OK = { provider: "test", method_token: "ok" } as const;

test("while it is being paid for, a hold is not given back, extended or exchanged", async (t) => {
  const server = await testServer(t);
  const { reservations } = server.client;
  const event = await aPaidEvent(server);
  const { id, token } = await hold(server, event);
  await pay(server, { id, token }, NEVER);
  await settle(server);
  const lines = [{ slot_id: event.second, ticket_type_id: event.adult, quantity: 2 }];
  for (const change of [
    () => reservations.release(id, { token }),
    () => reservations.extend(id, {}, { token }),
    () => reservations.change(id, { lines }, { token }),
  ]) {
    await assert.rejects(change(), { status: 409, code: "payment_in_progress" });
  }
  await assert.rejects(reservations.confirm(id, { token }), { code: "payment_required" });
  const held = await reservations.change(id, { attendee: { name: "Ada" } }, { token });
  assert.deepEqual([held.state, held.attendee.name], ["held", "Ada"]);
});

test("an event is cancelled while somebody pays: the payment is ended and no money is taken", async (t) => {
  const server = await testServer(t);
  const { client, app } = server;
  const event = await aPaidEvent(server, { offline_hold_hours: 24 });
  const payments = [];
  for (const body of [NEVER, { provider: "offline" } as const]) {
    const held = await hold(server, event);
    payments.push({ held, begun: await pay(server, held, body) });
  }
  await settle(server);
  await client.events.cancel(event.id, { token: event.token });
  await app.tasks.get("reservations.settle")?.runNow();
  await server.advance(300);
  for (const { held, begun } of payments) {
    const ended = await settled(server, held, begun);
    assert.deepEqual(
      [ended.state, ended.error?.code, ended.outcome],
      ["failed", "hold_ended", "none"],
    );
    assert.equal(await stateOf(server, held), "cancelled");
  }
  assert.ok(await event.addsUp());
  await nothingIsOpen(server);
});

test("money that came just when the event was cancelled goes back", async (t) => {
  const server = await testServer(t);
  const { client, app } = server;
  const switches = switchesOf(server);
  const event = await aPaidEvent(server);
  const held = await hold(server, event);
  const begun = await pay(server, held, { provider: "test", method_token: "slow" });
  await settle(server);
  switches.isAway = true;
  await server.advance(31);
  await client.events.cancel(event.id, { token: event.token });
  await app.tasks.get("reservations.settle")?.runNow();
  await settle(server);
  switches.isAway = false;
  await server.advance(300);
  await settle(server);
  const back = await settled(server, held, begun);
  assert.deepEqual([back.state, back.outcome], ["refunded", "returned"]);
  assert.deepEqual(back.refunded, held.total);
  await nothingIsOpen(server);
});

test("a manager pays in a holder's place, and it is noted who did", async (t) => {
  const server = await testServer(t);
  const { client } = server;
  const event = await aPaidEvent(server);
  const held = await hold(server, event);
  const { token } = event;
  const begun = await client.payments.create(held.id, OK, { token });
  assert.equal((await settled(server, held, begun)).outcome, "confirmed");
  const { data } = await client.call("readEventAudit", { path: { id: event.id }, token });
  const acts = data.data.filter(({ action }) => action === "createPayment");
  assert.deepEqual(
    acts.map(({ subject, outcome }) => [subject, outcome]),
    [[held.id, "done"]],
  );
});

test("a payment is begun however many wait to be served, and nobody is told that it was not", async (t) => {
  const server = await testServer(t, { batchItemsMax: 1, queueItemsMax: 1 });
  const event = await aPaidEvent(server, { offline_hold_hours: 24 });
  const held = [];
  for (let index = 0; index < 10; index++) held.push(await hold(server, event, 1));
  const body = { provider: "offline" } as const;
  const statuses = await Promise.all(
    held.map(async ({ id, token }) => {
      const answer = await fetch(`${server.url}/v1/reservations/${id}/payments`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
        body: JSON.stringify(body),
      });
      const payment = (await answer.json()) as { id: string };
      return { status: answer.status, id: payment.id };
    }),
  );
  assert.deepEqual(
    statuses.map(({ status }) => status),
    held.map(() => 201),
  );
  const said = await Promise.all(
    statuses.map(async ({ id }) => {
      const answer = await fetch(`${server.url}/v1/payments/${id}/settlement`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${event.token}` },
        body: JSON.stringify({ received: true }),
      });
      return answer.status;
    }),
  );
  assert.ok(
    said.every((status) => status === 200 || status === 503),
    said.join(),
  );
  // Whoever was told to come again does, and one after the other is served.
  for (const { id } of statuses) {
    const options = { token: event.token };
    await server.client.payments.settle(id, { received: true }, options);
  }
  for (const one of held) assert.equal(await stateOf(server, one), "confirmed");
  await nothingIsOpen(server);
});
