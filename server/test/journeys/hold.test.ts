import assert from "node:assert/strict";
import { test } from "node:test";
import { testServer } from "#test/server.ts";
import { anEvent, CAPACITY } from "./an-event.ts";

test("a hold is extended, confirmed, and then it stays", async (t) => {
  const { client, advance } = await testServer(t);
  const event = await anEvent(client);
  const held = await client.reservations.create({ lines: [event.places(event.first, 2)] });
  const { id, token } = held;
  assert.equal(held.state, "held");
  assert.deepEqual(held.tickets, []);
  assert.equal(await event.left(event.first), CAPACITY - 2);

  await advance(500);
  const extended = await client.reservations.extend(id, {}, { token });
  assert.equal(extended.state, "held");
  assert.ok(instant(extended.expires_at) > instant(held.expires_at));

  await advance(500);
  const confirmed = await client.reservations.confirm(id, { token });
  assert.equal(confirmed.state, "confirmed");
  assert.equal(confirmed.expires_at, null);
  assert.equal(confirmed.tickets.length, 2);

  await advance(5000);
  assert.equal((await client.reservations.read(id, { token })).state, "confirmed");
  assert.equal(await event.left(event.first), CAPACITY - 2);
  assert.ok(await event.addsUp());
});

test("a hold is never extended past its longest life", async (t) => {
  const { client, advance } = await testServer(t);
  const event = await anEvent(client);
  const held = await client.reservations.create({ lines: [event.places(event.first, 1)] });
  const { id, token } = held;
  await advance(590);
  await client.reservations.extend(id, {}, { token });
  await advance(590);
  const last = await client.reservations.extend(id, {}, { token });
  const lifeSeconds = (instant(last.expires_at) - instant(held.created_at)) / 1000;
  assert.ok(lifeSeconds > 1190 && lifeSeconds <= 1200.001, `${lifeSeconds} s`);

  await assert.rejects(client.reservations.extend(id, {}, { token }), {
    status: 409,
    code: "hold_life_exhausted",
  });
  await advance(30);
  assert.equal((await client.reservations.read(id, { token })).state, "expired");
});

test("a hold that expires gives its places back and cannot be confirmed", async (t) => {
  const { client, advance } = await testServer(t);
  const event = await anEvent(client);
  const { id, token } = await client.reservations.create({
    lines: [event.places(event.first, 10)],
    hold_seconds: 60,
  });
  assert.equal(await event.left(event.first), 0);

  await advance(61);
  assert.equal(await event.left(event.first), CAPACITY);
  await assert.rejects(client.reservations.confirm(id, { token }), {
    status: 410,
    code: "reservation_expired",
  });
  assert.equal((await client.reservations.read(id, { token })).state, "expired");
  const next = await client.reservations.create({
    lines: [event.places(event.first, 10)],
    confirm: true,
  });
  assert.equal(next.state, "confirmed");
  assert.ok(await event.addsUp());
});

test("a hold that is released gives its places back, and releasing again says the same", async (t) => {
  const { client } = await testServer(t);
  const event = await anEvent(client);
  const { id, token } = await client.reservations.create({
    lines: [event.places(event.first, 4)],
  });
  const released = await client.reservations.release(id, { token });
  assert.equal(released.state, "released");
  assert.deepEqual(await client.reservations.release(id, { token }), released);
  assert.equal(await event.left(event.first), CAPACITY);
});

function instant(text: string | null): number {
  return Date.parse(text ?? "");
}
