import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type TestServer, testServer } from "#test/server.ts";
import { aPaidEvent, hold, nothingIsOpen, pay, settle, settled } from "./paying.ts";

async function paidFor(t: TestContext, quantity: number) {
  const server = await testServer(t);
  const event = await aPaidEvent(server);
  const held = await hold(server, event, quantity);
  const payment = await pay(server, held, { provider: "test", method_token: "ok" });
  await settled(server, held, payment);
  const { id, token } = held;
  const { tickets } = await server.client.reservations.read(id, { token });
  return { server, event, held, payment, tickets, read: () => reservationOf(server, held) };
}

function reservationOf(
  { client }: TestServer,
  { id, token }: { id: string; token?: string | undefined },
) {
  return client.reservations.read(id, { token });
}

test("a manager takes one ticket back: its money goes back, and the codes of the others stay", async (t) => {
  const { server, event, held, payment, tickets, read } = await paidFor(t, 3);
  const [first, second, third] = tickets;
  assert.ok(first !== undefined && second !== undefined && third !== undefined);
  const { client } = server;
  const asManager = { token: event.token, idempotencyKey: "take one back" };
  const after = await client.reservations.returnTickets(
    held.id,
    { tickets: [second.id] },
    asManager,
  );
  assert.deepEqual(after.total, { amount_minor: 4000, currency: "EUR" });
  assert.deepEqual((await read()).tickets, [first, third]);
  assert.equal(await event.left(event.first), 8);

  const again = await client.call("returnTickets", {
    path: { id: held.id },
    body: { tickets: [second.id] },
    ...asManager,
  });
  assert.equal(again.replayed, true);
  await settle(server);
  const { refunded, state, refunds } = await client.payments.read(payment.id, {
    token: held.token,
  });
  assert.deepEqual(
    [state, refunded, refunds.map((refund) => refund.state)],
    ["succeeded", { amount_minor: 2000, currency: "EUR" }, ["succeeded"]],
  );
  assert.ok(await event.addsUp());
  await nothingIsOpen(server);
});

test("taking all tickets back cancels the reservation and gives all of the money back", async (t) => {
  const { server, event, held, payment, tickets, read } = await paidFor(t, 2);
  const body = { tickets: tickets.map(({ id }) => id) };
  await server.client.reservations.returnTickets(held.id, body, { token: event.token });
  assert.equal((await read()).state, "cancelled");
  await settle(server);
  const { state } = await server.client.payments.read(payment.id, { token: held.token });
  assert.equal(state, "refunded");
  assert.equal(await event.left(event.first), 10);
});

test("a ticket that is not its own, and one that is void, is not taken back", async (t) => {
  const { server, event, held, tickets } = await paidFor(t, 2);
  const other = await hold(server, event);
  const [ticket] = tickets;
  assert.ok(ticket !== undefined);
  const take = (id: string, token = event.token) =>
    server.client.reservations.returnTickets(id, { tickets: [ticket.id] }, { token });
  await assert.rejects(take(other.id), { status: 404 });
  await take(held.id);
  await assert.rejects(take(held.id), { status: 404, code: "not_found" });
});

test("holders do not take single tickets back", async (t) => {
  const { server, held, tickets } = await paidFor(t, 2);
  const body = { tickets: tickets.map(({ id }) => id) };
  const asHolder = { token: held.token };
  await assert.rejects(server.client.reservations.returnTickets(held.id, body, asHolder), {
    status: 404,
    code: "not_found",
  });
});
