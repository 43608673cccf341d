import assert from "node:assert/strict";
import { test } from "node:test";
import { testServer } from "#test/server.ts";
import { aPaidEvent, hold, nothingIsOpen, pay, settled } from "./paying.ts";

test("held, paid for, confirmed: the tickets are there", async (t) => {
  const server = await testServer(t);
  const event = await aPaidEvent(server);
  const held = await hold(server, event);
  const payment = await pay(server, held, { provider: "test", method_token: "ok" });
  assert.equal(payment.state, "not_started");
  const done = await settled(server, held, payment);
  assert.deepEqual([done.state, done.outcome, done.amount], ["succeeded", "confirmed", held.total]);
  const { id, token } = held;
  const confirmed = await server.client.reservations.read(id, { token });
  assert.equal(confirmed.state, "confirmed");
  assert.equal(confirmed.tickets.length, 2);
  assert.ok(await event.addsUp());
  await nothingIsOpen(server);
});
