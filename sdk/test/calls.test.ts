import assert from "node:assert/strict";
import { test } from "node:test";
import { TesseraProblem, UNREADABLE_ANSWER } from "../src/index.ts";
import { json, problem, type Step, scriptedServer } from "./scripted-server.ts";

const LINES = { lines: [{ slot_id: "slt_1", quantity: 1 }] };

async function problemFrom(call: Promise<unknown>): Promise<TesseraProblem> {
  const error = await call.catch((caught: unknown) => caught);
  assert.ok(error instanceof TesseraProblem, String(error));
  return error;
}

function text(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Step {
  return (response) => response.writeHead(status, headers).end(body);
}

test("a refusal is an error with everything the server said", async (t) => {
  const reasons = [{ code: "sold_out", message: "1 is left", slot_id: "slt_1", available: 1 }];
  const { client } = await scriptedServer(t, [
    problem(409, "sold_out", { detail: "Too few are left.", instance: "req-1", reasons }),
  ]);
  const error = await problemFrom(client.reservations.create(LINES));
  assert.equal(error.name, "TesseraProblem");
  assert.equal(error.message, "Too few are left.");
  assert.deepEqual(
    [error.status, error.code, error.detail, error.instance, error.retryAfterSeconds],
    [409, "sold_out", "Too few are left.", "req-1", null],
  );
  assert.equal(error.type, "/problems/sold_out");
  assert.deepEqual(error.reasons, reasons);
  assert.deepEqual(error.errors, []);
});

test("wrong fields are named", async (t) => {
  const errors = [{ path: "/lines/0/quantity", code: "too_small", message: "must be at least 1" }];
  const { client } = await scriptedServer(t, [problem(422, "invalid_field", { errors })]);
  assert.deepEqual((await problemFrom(client.reservations.create(LINES))).errors, errors);
});

test("an answer that is not of the API is a problem too", async (t) => {
  const page = { "content-type": "text/html", "x-request-id": "req-2" };
  for (const [status, body] of [
    [500, "<h1>Bad gateway</h1>"],
    [404, ""],
    [400, "null"],
    [400, "[1]"],
    [400, '{"error":"no"}'],
    [400, '{"code":7}'],
    [200, "<h1>Log in to the hotel's network</h1>"],
    [200, '{"id":"rsv_'],
  ] as const) {
    const { client } = await scriptedServer(t, [text(status, body, page)]);
    const error = await problemFrom(client.reservations.read("rsv_1"));
    assert.equal(error.code, UNREADABLE_ANSWER, body);
    assert.equal(error.status, status);
    assert.equal(error.instance, "req-2");
    assert.match(error.message, new RegExp(`${status} \\(text/html\\)`));
  }
});

test("a problem with members of the wrong type keeps what can be kept", async (t) => {
  const { client } = await scriptedServer(t, [
    json(409, { code: "odd", title: 1, detail: null, reasons: "many", errors: [1, null, {}] }),
  ]);
  const error = await problemFrom(client.reservations.read("rsv_1"));
  assert.equal(error.code, "odd");
  assert.deepEqual(error.reasons, []);
  assert.deepEqual(error.errors, [{}]);
});

test("path, query and body arrive as they were given", async (t) => {
  const { client, received } = await scriptedServer(t, [
    json(200, { data: [], next_cursor: null }),
    json(200, {}),
  ]);
  await client.reservations.list("evt_/?#é", { q: "Ada & co", limit: 5, state: undefined });
  await client.reservations.change("rsv_1", { attendee: { name: "Ada" } });
  assert.equal(
    received[0]?.url,
    "/v1/events/evt_%2F%3F%23%C3%A9/reservations?q=Ada+%26+co&limit=5",
  );
  assert.equal(received[1]?.headers["content-type"], "application/json");
  assert.deepEqual(JSON.parse(received[1]?.body ?? ""), { attendee: { name: "Ada" } });
});

test("what has no body is sent without one, and without a content type", async (t) => {
  const { client, received } = await scriptedServer(t, [json(200, {})]);
  await client.reservations.confirm("rsv_1");
  assert.equal(received[0]?.body, "");
  assert.equal(received[0]?.headers["content-type"], undefined);
});

test("the token of a call goes before the client's, and null sends none", async (t) => {
  const { client, received } = await scriptedServer(
    t,
    Array.from({ length: 3 }, () => json(200, {})),
    { token: "mine" },
  );
  await client.reservations.read("rsv_1");
  await client.reservations.read("rsv_1", { token: "theirs" });
  await client.reservations.read("rsv_1", { token: null });
  assert.deepEqual(
    received.map(({ headers }) => headers.authorization),
    ["Bearer mine", "Bearer theirs", undefined],
  );
});

test("the language of a call goes before the client's", async (t) => {
  const steps = [json(200, {}), json(200, {})];
  const { client, received } = await scriptedServer(t, steps, { language: "cs" });
  await client.reservations.read("rsv_1");
  await client.reservations.read("rsv_1", { language: "de-AT, en;q=0.5" });
  assert.deepEqual(
    received.map(({ headers }) => headers["accept-language"]),
    ["cs", "de-AT, en;q=0.5"],
  );
});

test("a call tells status, request id and whether the answer was replayed", async (t) => {
  const { client } = await scriptedServer(t, [
    json(201, { id: "rsv_1" }, { "x-request-id": "req-1" }),
    json(201, { id: "rsv_1" }, { "idempotent-replayed": "true" }),
  ]);
  const first = await client.call("reserve", { body: LINES });
  assert.deepEqual(first, {
    data: { id: "rsv_1" },
    status: 201,
    replayed: false,
    requestId: "req-1",
  });
  assert.equal((await client.call("reserve", { body: LINES })).replayed, true);
});

test("an answer without a body gives undefined", async (t) => {
  const { client } = await scriptedServer(t, [text(204, "")]);
  assert.equal(
    (await client.call("releaseReservation", { path: { id: "rsv_1" } })).data,
    undefined,
  );
});
