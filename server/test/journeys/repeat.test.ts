import assert from "node:assert/strict";
import { test } from "node:test";
import { testServer } from "#test/server.ts";
import { anEvent, CAPACITY } from "./an-event.ts";

test("the same request under the same key is done once and answered the same", async (t) => {
  const { client } = await testServer(t);
  const event = await anEvent(client);
  const request = {
    body: { lines: [event.places(event.first, 2)], confirm: true },
    idempotencyKey: "visitor 7, step 3",
  };
  const first = await client.call("reserve", request);
  const second = await client.call("reserve", request);
  assert.equal(first.replayed, false);
  assert.equal(second.replayed, true);
  assert.equal(second.status, 201);
  assert.deepEqual(second.data, first.data);
  assert.equal(await event.left(event.first), CAPACITY - 2);

  await assert.rejects(
    client.call("reserve", { ...request, body: { lines: [event.places(event.first, 3)] } }),
    { status: 422, code: "idempotency_key_reused" },
  );
  assert.equal(await event.left(event.first), CAPACITY - 2);
});

test("a repeat of what was sent at the same time takes no more places", async (t) => {
  const { client } = await testServer(t);
  const event = await anEvent(client);
  const request = { body: { lines: [event.places(event.first, 1)] }, idempotencyKey: "together" };
  const replies = await Promise.all(
    Array.from({ length: 8 }, () => client.call("reserve", request)),
  );
  assert.equal(new Set(replies.map(({ data }) => data.id)).size, 1);
  assert.equal(replies.filter(({ replayed }) => !replayed).length, 1);
  assert.equal(await event.left(event.first), CAPACITY - 1);
});

test("creating an event twice under one key makes one event with one token", async (t) => {
  const { client } = await testServer(t);
  const request = { body: { name: "Once", slots: [] }, idempotencyKey: "event 1" };
  const first = await client.call("createEvent", request);
  const second = await client.call("createEvent", request);
  assert.equal(second.replayed, true);
  assert.deepEqual(second.data, first.data);
});
