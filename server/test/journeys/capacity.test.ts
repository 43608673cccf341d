import assert from "node:assert/strict";
import { test } from "node:test";
import { TesseraProblem } from "@tessera/sdk";
import { testServer } from "#test/server.ts";
import { anEvent } from "./an-event.ts";

test("sold out says what is left of what was asked for", async (t) => {
  const { client } = await testServer(t);
  const event = await anEvent(client);
  await client.reservations.create({ lines: [event.places(event.first, 8)], confirm: true });

  const error = await client.reservations
    .create({ lines: [event.places(event.first, 3)], confirm: true })
    .catch((caught: unknown) => caught);
  assert.ok(error instanceof TesseraProblem);
  assert.equal(error.status, 409);
  assert.equal(error.code, "sold_out");
  const [reason] = error.reasons;
  assert.equal(reason?.code, "sold_out");
  assert.equal(reason?.["slot_id"], event.first);
  assert.equal(reason?.["available"], 2);

  await client.reservations.create({ lines: [event.places(event.first, 2)], confirm: true });
  assert.equal(await event.left(event.first), 0);
  assert.ok(await event.addsUp());
});

test("of many who come at once exactly as many get in as there are places", async (t) => {
  const { client } = await testServer(t);
  const event = await anEvent(client);
  const outcomes = await Promise.allSettled(
    Array.from({ length: 30 }, () =>
      client.reservations.create({ lines: [event.places(event.first, 1)], confirm: true }),
    ),
  );
  assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 10);
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") assert.equal(outcome.reason.code, "sold_out");
  }
  assert.equal(await event.left(event.first), 0);
  assert.ok(await event.addsUp());
});

test("a capacity goes up and down, but not below what is held and sold", async (t) => {
  const { client } = await testServer(t);
  const event = await anEvent(client);
  const { token } = event;
  await client.reservations.create({ lines: [event.places(event.first, 4)], confirm: true });
  await client.reservations.create({ lines: [event.places(event.first, 2)] });

  const error = await client.slots
    .change(event.first, { capacity: 5 }, { token })
    .catch((caught: unknown) => caught);
  assert.ok(error instanceof TesseraProblem);
  assert.equal(error.status, 409);
  assert.equal(error.code, "capacity_below_sold");
  assert.ok(error.reasons.length > 0);
  assert.equal(await event.left(event.first), 4);

  await client.slots.change(event.first, { capacity: 6 }, { token });
  assert.equal(await event.left(event.first), 0);
  await client.slots.change(event.first, { capacity: 20 }, { token });
  assert.equal(await event.left(event.first), 14);
  assert.ok(await event.addsUp());
});

test("availability streams each change to whoever watches", async (t) => {
  const { client } = await testServer(t);
  const event = await anEvent(client);
  const seen: number[] = [];
  for await (const { slots } of client.availability.stream(event.id)) {
    seen.push(slots.find((slot) => slot.id === event.first)?.available ?? Number.NaN);
    if (seen.length === 2) break;
    await client.reservations.create({ lines: [event.places(event.first, 3)], confirm: true });
  }
  assert.deepEqual(seen, [10, 7]);
});
