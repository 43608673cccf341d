import assert from "node:assert/strict";
import { test } from "node:test";
import { testServer } from "#test/server.ts";
import { anEvent, CAPACITY } from "./an-event.ts";

test("a transfer gives a new token and new codes; the old ones stop working", async (t) => {
  const { client } = await testServer(t);
  const event = await anEvent(client);
  const before = await client.reservations.create({
    lines: [event.places(event.first, 2)],
    attendee: { name: "Ada Lovelace" },
    confirm: true,
  });
  const { id } = before;

  const after = await client.reservations.transfer(
    id,
    { attendee: { name: "Grace Hopper" } },
    { token: before.token },
  );
  assert.notEqual(after.token, before.token);
  assert.equal(after.attendee.name, "Grace Hopper");
  const oldCodes = new Set(before.tickets.map(({ code }) => code));
  const valid = after.tickets.filter(({ state }) => state === "valid");
  assert.equal(valid.length, 2);
  assert.ok(valid.every(({ code }) => code !== "" && !oldCodes.has(code)));

  for (const call of [
    () => client.reservations.read(id, { token: before.token }),
    () => client.reservations.cancel(id, { token: before.token }),
  ]) {
    await assert.rejects(call(), { status: 401 });
  }
  assert.equal((await client.reservations.read(id, { token: after.token })).state, "confirmed");
  assert.equal(await event.left(event.first), CAPACITY - 2);
});

test("a reservation is for whoever has its token, and for the event's manager", async (t) => {
  const { client } = await testServer(t);
  const event = await anEvent(client);
  const other = await anEvent(client);
  const { id, token } = await client.reservations.create({
    lines: [event.places(event.first, 1)],
    confirm: true,
  });
  const stranger = await client.reservations.create({ lines: [event.places(event.first, 1)] });

  await assert.rejects(client.reservations.read(id), { status: 401 });
  await assert.rejects(client.reservations.read(id, { token: "forged" }), { status: 401 });
  await assert.rejects(client.reservations.read(id, { token: `${token}x` }), { status: 401 });
  await assert.rejects(client.reservations.read(id, { token: stranger.token }), { status: 404 });
  await assert.rejects(client.reservations.read(id, { token: other.token }), { status: 404 });

  const managed = await client.reservations.read(id, { token: event.token });
  assert.equal(managed.token, undefined);
  const { data } = await client.reservations.list(
    event.id,
    { state: "confirmed" },
    { token: event.token },
  );
  assert.deepEqual(
    data.map((reservation) => reservation.id),
    [id],
  );
});
