import assert from "node:assert/strict";
import { test } from "node:test";
import { createTessera, TesseraProblem, TesseraUnreachable } from "../src/index.ts";
import { cut, json, problem, scriptedServer, silent } from "./scripted-server.ts";

const LINES = { lines: [{ slot_id: "slt_1", quantity: 1 }] };
const RESERVATION = { id: "rsv_1", token: "secret", state: "held" };

test("a write is sent again under the same key after a fault, and its answer comes through", async (t) => {
  const { client, received } = await scriptedServer(t, [
    cut,
    problem(503, "overloaded"),
    json(201, RESERVATION),
  ]);
  const reservation = await client.reservations.create(LINES);
  assert.equal(reservation.id, "rsv_1");
  assert.equal(received.length, 3);
  const keys = new Set(received.map(({ headers }) => headers["idempotency-key"]));
  assert.equal(keys.size, 1);
  assert.match([...keys][0] as string, /^[0-9a-f]{32}$/);
  assert.equal(new Set(received.map(({ body }) => body)).size, 1);
});

test("two writes have two keys, and a key that is given is the one that is sent", async (t) => {
  const { client, received } = await scriptedServer(
    t,
    Array.from({ length: 3 }, () => json(200, RESERVATION)),
  );
  await client.reservations.cancel("rsv_1");
  await client.reservations.cancel("rsv_1");
  await client.reservations.cancel("rsv_1", { idempotencyKey: "my own" });
  const [first, second, third] = received.map(({ headers }) => headers["idempotency-key"]);
  assert.notEqual(first, second);
  assert.equal(third, "my own");
});

test("a read carries no idempotency key and is sent again too", async (t) => {
  const { client, received } = await scriptedServer(t, [cut, json(200, RESERVATION)]);
  await client.reservations.read("rsv_1");
  assert.deepEqual(
    received.map(({ method, headers }) => [method, headers["idempotency-key"]]),
    [
      ["GET", undefined],
      ["GET", undefined],
    ],
  );
});

test("Retry-After is waited for in full, in seconds or as a date", async (t) => {
  const { client, waits } = await scriptedServer(t, [
    problem(429, "too_many_requests", {}, { "retry-after": "7" }),
    problem(503, "overloaded", {}, { "retry-after": new Date(Date.now() + 20_000).toUTCString() }),
    json(200, RESERVATION),
  ]);
  await client.reservations.read("rsv_1");
  const [seconds = 0, date = 0] = waits;
  assert.ok(seconds >= 7000 && seconds < 8000, `${seconds} ms`);
  assert.ok(date >= 15_000 && date < 21_000, `${date} ms`);
});

test("a server that wants to be left alone for long is: the caller is told at once", async (t) => {
  const { client, received } = await scriptedServer(t, [
    problem(503, "unavailable", {}, { "retry-after": "3600" }),
  ]);
  const error = await client.reservations.create(LINES).catch((caught: unknown) => caught);
  assert.ok(error instanceof TesseraProblem);
  assert.equal(error.retryAfterSeconds, 3600);
  assert.equal(received.length, 1);
});

test("waits grow and stay below their limit", async (t) => {
  const { client, waits } = await scriptedServer(
    t,
    Array.from({ length: 8 }, () => cut),
    { retries: 7 },
  );
  await assert.rejects(client.reservations.create(LINES), TesseraUnreachable);
  assert.equal(waits.length, 7);
  waits.forEach((wait, index) => {
    const limit = Math.min(200 * 2 ** index, 10_000);
    assert.ok(wait >= 0 && wait <= limit, `${wait} ms after failure ${index + 1}`);
  });
});

for (const status of [400, 401, 403, 404, 409, 410, 413, 415, 422, 500]) {
  test(`${status} is never sent again`, async (t) => {
    const { client, received, waits } = await scriptedServer(t, [problem(status, "refused")]);
    await assert.rejects(client.reservations.create(LINES), { status, code: "refused" });
    assert.equal(received.length, 1);
    assert.equal(waits.length, 0);
  });
}

test("retries end: the last refusal is thrown, and with none allowed it is the first", async (t) => {
  const overloaded = problem(503, "overloaded", {}, { "retry-after": "1" });
  const patient = await scriptedServer(t, [overloaded, overloaded, overloaded], { retries: 2 });
  await assert.rejects(patient.client.reservations.create(LINES), { status: 503 });
  assert.equal(patient.received.length, 3);
  const impatient = await scriptedServer(t, [overloaded], { retries: 0 });
  await assert.rejects(impatient.client.reservations.create(LINES), { status: 503 });
  assert.equal(impatient.received.length, 1);
});

test("an attempt that takes too long counts as unanswered", async (t) => {
  const { client, received } = await scriptedServer(t, [silent, json(201, RESERVATION)], {
    timeoutMs: 100,
  });
  await client.reservations.create(LINES, { timeoutMs: 100 });
  assert.equal(received.length, 2);
  assert.equal(received[0]?.headers["idempotency-key"], received[1]?.headers["idempotency-key"]);
});

test("an aborted call ends with the signal's reason and is not sent again", async (t) => {
  const controller = new AbortController();
  const { client, received } = await scriptedServer(t, [() => controller.abort(new Error("left"))]);
  const call = client.reservations.create(LINES, { signal: controller.signal });
  await assert.rejects(call, { message: "left" });
  assert.equal(received.length, 1);
});

test("a wait between attempts ends when the call is aborted", async (t) => {
  const controller = new AbortController();
  const { client } = await scriptedServer(
    t,
    [
      (response) => {
        problem(503, "overloaded", {}, { "retry-after": "50" })(response);
        response.once("close", () => controller.abort(new Error("left")));
      },
    ],
    { delay: undefined },
  );
  await assert.rejects(client.reservations.create(LINES, { signal: controller.signal }), {
    message: "left",
  });
});

test("nobody listens: unreachable, with the cause", async () => {
  const client = createTessera({ baseUrl: "http://127.0.0.1:1", retries: 0 });
  const error = await client.reservations.read("rsv_1").catch((caught: unknown) => caught);
  assert.ok(error instanceof TesseraUnreachable);
  assert.ok(error.cause instanceof Error);
});

test("a base URL that is none is refused at once", () => {
  for (const baseUrl of ["", "localhost:8080", "ftp://example.org", "/api", "http://"]) {
    assert.throws(() => createTessera({ baseUrl }), TypeError, baseUrl);
  }
});
