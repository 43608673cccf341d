import assert from "node:assert/strict";
import { test } from "node:test";
import { testServer } from "#test/server.ts";
import { anEvent, CAPACITY } from "./an-event.ts";

test("places move with a reservation from slot to slot and come back when it is cancelled", async (t) => {
  const { client } = await testServer(t);
  const event = await anEvent(client);

  const reserved = await client.reservations.create({
    lines: [event.places(event.first, 3)],
    attendee: { name: "Ada Lovelace", email: "ada@example.org" },
    confirm: true,
  });
  const { id, token } = reserved;
  assert.equal(reserved.state, "confirmed");
  assert.equal(reserved.tickets.length, 3);
  assert.deepEqual(await both(event), [CAPACITY - 3, CAPACITY]);

  const moved = await client.reservations.change(
    id,
    { lines: [event.places(event.second, 4)] },
    { token },
  );
  assert.equal(moved.state, "confirmed");
  assert.deepEqual(
    moved.lines.map(({ slot_id, quantity }) => [slot_id, quantity]),
    [[event.second, 4]],
  );
  assert.equal(moved.attendee.name, "Ada Lovelace");
  const valid = moved.tickets.filter(({ state }) => state === "valid");
  assert.deepEqual(
    valid.map(({ slot_id }) => slot_id),
    Array.from({ length: 4 }, () => event.second),
  );
  assert.deepEqual(await both(event), [CAPACITY, CAPACITY - 4]);
  assert.ok(await event.addsUp());

  const cancelled = await client.reservations.cancel(id, { token });
  assert.equal(cancelled.state, "cancelled");
  assert.ok(cancelled.tickets.every(({ state }) => state === "void"));
  assert.deepEqual(await both(event), [CAPACITY, CAPACITY]);
  assert.ok(await event.addsUp());
});

test("an exchange that does not fit changes nothing", async (t) => {
  const { client } = await testServer(t);
  const event = await anEvent(client);
  await client.reservations.create({ lines: [event.places(event.second, 9)], confirm: true });
  const { id, token } = await client.reservations.create({
    lines: [event.places(event.first, 2)],
    confirm: true,
  });
  await assert.rejects(
    client.reservations.change(id, { lines: [event.places(event.second, 2)] }, { token }),
    { status: 409, code: "sold_out" },
  );
  const still = await client.reservations.read(id, { token });
  assert.deepEqual(
    still.lines.map(({ slot_id, quantity }) => [slot_id, quantity]),
    [[event.first, 2]],
  );
  assert.deepEqual(await both(event), [CAPACITY - 2, CAPACITY - 9]);
  assert.ok(await event.addsUp());
});

test("places move within an event only, whoever asks", async (t) => {
  const { client } = await testServer(t);
  const event = await anEvent(client);
  const other = await anEvent(client);
  const { id, token } = await client.reservations.create({
    lines: [event.places(event.first, 2)],
    confirm: true,
  });
  const lines = [other.places(other.first, 2)];
  for (const asker of [token, event.token, other.token]) {
    await assert.rejects(client.reservations.change(id, { lines }, { token: asker }), {
      status: 404,
      code: "not_found",
    });
  }
  await assert.rejects(
    client.reservations.change(
      id,
      { lines: [event.places(event.second, 2)] },
      { token: other.token },
    ),
    { status: 404, code: "not_found" },
  );
  assert.deepEqual(await both(event), [CAPACITY - 2, CAPACITY]);
  assert.deepEqual(await both(other), [CAPACITY, CAPACITY]);
  assert.ok(await event.addsUp());
});

test("cancelling an event cancels its reservations and ends its sales", async (t) => {
  const { client } = await testServer(t);
  const event = await anEvent(client);
  const reservations = await Promise.all(
    [event.first, event.second].map((slotId) =>
      client.reservations.create({ lines: [event.places(slotId, 2)], confirm: true }),
    ),
  );
  const held = await client.reservations.create({ lines: [event.places(event.first, 1)] });

  await client.events.cancel(event.id, { token: event.token });

  for (const { id, token } of [...reservations, held]) {
    assert.equal((await client.reservations.read(id, { token })).state, "cancelled");
  }
  await assert.rejects(client.reservations.create({ lines: [event.places(event.first, 1)] }), {
    status: 409,
    code: "event_not_published",
  });
  assert.ok(await event.addsUp());
});

async function both(event: Awaited<ReturnType<typeof anEvent>>): Promise<number[]> {
  return [await event.left(event.first), await event.left(event.second)];
}
