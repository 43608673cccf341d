import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type TestServer, testServer } from "#test/server.ts";

// What anybody may send, right or wrong, and the answer it must get: a status and a code, never a 500, and nothing
// taken where it is refused.

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

interface Sent {
  readonly method?: string;
  readonly token?: string;
  readonly key?: string;
  readonly body?: unknown;
  /** Instead of a body: bytes as they are. */
  readonly raw?: string | Uint8Array<ArrayBuffer>;
  readonly type?: string;
}

async function send({ url }: TestServer, path: string, sent: Sent = {}): Promise<Answer> {
  const payload = sent.raw ?? (sent.body === undefined ? undefined : JSON.stringify(sent.body));
  const response = await fetch(`${url}${path}`, {
    method: sent.method ?? (payload === undefined ? "GET" : "POST"),
    headers: {
      ...(payload !== undefined && { "content-type": sent.type ?? "application/json" }),
      ...(sent.token !== undefined && { authorization: `Bearer ${sent.token}` }),
      ...(sent.key !== undefined && { "idempotency-key": sent.key }),
    },
    ...(payload !== undefined && { body: payload }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === "" ? {} : JSON.parse(text),
  };
}

async function setUp(t: TestContext) {
  return anEventOn(await testServer(t));
}

async function anEventOn(server: TestServer) {
  const event = await send(server, "/v1/events", {
    body: {
      name: "Night",
      time_zone: "Europe/Prague",
      currency: "EUR",
      publish: true,
      slots: [
        { starts_at: "2090-06-15T19:00", ends_at: "2090-06-15T19:30", capacity: 5 },
        { starts_at: "2090-06-15T20:00", ends_at: "2090-06-15T20:30", capacity: 5 },
      ],
      ticket_types: [
        { name: "Free" },
        { name: "Adult", price: { amount_minor: 1200, currency: "EUR" }, max_per_reservation: 2 },
      ],
    },
  });
  assert.equal(event.status, 201, JSON.stringify(event.body));
  const { id, event_token, slots, ticket_types } = event.body as {
    id: string;
    event_token: string;
    slots: { id: string }[];
    ticket_types: { id: string }[];
  };
  const [slot = "", other = ""] = slots.map((one) => one.id);
  const [free = "", adult = ""] = ticket_types.map((one) => one.id);
  const line = (quantity: unknown, more: object = {}) => ({
    slot_id: slot,
    ticket_type_id: free,
    quantity,
    ...more,
  });
  const left = async () => {
    const { body } = await send(server, `/v1/events/${id}/availability`);
    return (body["slots"] as { available: number }[]).map(({ available }) => available);
  };
  return { server, id, token: event_token, slot, other, free, adult, line, left };
}

/** An id of the same kind that nothing has. */
function unlike(id: string): string {
  return `${id.slice(0, -1)}${id.endsWith("0") ? "1" : "0"}`;
}

/** What may be wrong with the body of a reservation, and the answer it gets. */
function wrongBodies({
  line,
  slot,
  id,
}: {
  line: (quantity: unknown, more?: object) => object;
  slot: string;
  id: string;
}): [string, Sent, number, string][] {
  const deep = `${'{"lines":'.repeat(60)}1${"}".repeat(60)}`;
  return [
    ["no body", { method: "POST" }, 422, "invalid_field"],
    ["not JSON", { raw: "{" }, 400, "malformed_request"],
    ["not UTF-8", { raw: new Uint8Array([0x7b, 0xff, 0x7d]) }, 400, "malformed_request"],
    ["deep", { raw: deep }, 400, "malformed_request"],
    ["huge", { raw: JSON.stringify({ lines: "x".repeat(2_000_000) }) }, 413, "body_too_large"],
    ["text", { raw: "lines=1", type: "text/plain" }, 415, "unsupported_media_type"],
    [
      "form",
      { raw: "lines=1", type: "application/x-www-form-urlencoded" },
      415,
      "unsupported_media_type",
    ],
    ["a list", { body: [] }, 422, "invalid_field"],
    ["no lines", { body: {} }, 422, "invalid_field"],
    ["empty lines", { body: { lines: [] } }, 422, "invalid_field"],
    ["unknown field", { body: { lines: [line(1)], price: 0 } }, 422, "invalid_field"],
    [
      "unknown field of a line",
      { body: { lines: [line(1, { unit_price: 0 })] } },
      422,
      "invalid_field",
    ],
    ["a number as a string", { body: { lines: [line("1")] } }, 422, "invalid_field"],
    ["zero", { body: { lines: [line(0)] } }, 422, "invalid_field"],
    ["negative", { body: { lines: [line(-1)] } }, 422, "invalid_field"],
    ["half a place", { body: { lines: [line(1.5)] } }, 422, "invalid_field"],
    ["2^53", { body: { lines: [line(2 ** 53)] } }, 422, "invalid_field"],
    ["true", { body: { lines: [line(true)] } }, 422, "invalid_field"],
    ["an empty name", { body: { lines: [line(1)], attendee: { name: "" } } }, 422, "invalid_field"],
    [
      "a long name",
      { body: { lines: [line(1)], attendee: { name: "x".repeat(10_000) } } },
      422,
      "invalid_field",
    ],
    [
      "NUL",
      { raw: `{"lines":[${JSON.stringify(line(1))}],"attendee":{"name":"a\\u0000b"}}` },
      422,
      "invalid_field",
    ],
    [
      "a lone surrogate",
      { raw: `{"lines":[${JSON.stringify(line(1))}],"attendee":{"name":"\\ud800"}}` },
      422,
      "invalid_field",
    ],
    [
      "no e-mail",
      { body: { lines: [line(1)], attendee: { email: "nobody" } } },
      422,
      "invalid_field",
    ],
    ["no seconds", { body: { lines: [line(1)], hold_seconds: 0 } }, 422, "invalid_field"],
    [
      "too many seconds",
      { body: { lines: [line(1)], hold_seconds: 86_401 } },
      422,
      "invalid_field",
    ],
    ["no language", { body: { lines: [line(1)], language: "x" } }, 422, "invalid_field"],
    ["an id of another kind", { body: { lines: [line(1, { slot_id: id })] } }, 400, "malformed_id"],
    ["a malformed id", { body: { lines: [line(1, { slot_id: "slt_1" })] } }, 400, "malformed_id"],
    [
      "an unknown slot",
      { body: { lines: [line(1, { slot_id: unlike(slot) })] } },
      404,
      "not_found",
    ],
    [
      "no ticket type",
      { body: { lines: [{ slot_id: slot, quantity: 1 }] } },
      422,
      "ticket_type_needed",
    ],
  ];
}

test("a wrong body is told field by field, and takes nothing", async (t) => {
  const { server, line, left, slot, id } = await setUp(t);
  const cases = wrongBodies({ line, slot, id });
  for (const [name, sent, status, code] of cases) {
    const answer = await send(server, "/v1/reservations", { method: "POST", ...sent });
    assert.deepEqual(
      [answer.status, answer.body["code"]],
      [status, code],
      `${name}: ${JSON.stringify(answer.body)}`,
    );
    assert.match(answer.headers.get("content-type") ?? "", /^application\/problem\+json/);
    assert.equal(answer.body["instance"], answer.headers.get("x-request-id"));
  }
  assert.deepEqual(await left(), [5, 5]);
});

test("what stands in the way is said per line, with what would change it", async (t) => {
  const { server, line, left, adult, free, slot } = await setUp(t);
  const soldOut = await send(server, "/v1/reservations", { body: { lines: [line(6)] } });
  assert.deepEqual([soldOut.status, soldOut.body["code"]], [409, "sold_out"]);
  const [reason] = soldOut.body["reasons"] as Record<string, unknown>[];
  assert.deepEqual(
    [
      reason?.["code"],
      reason?.["slot_id"],
      reason?.["ticket_type_id"],
      reason?.["wanted"],
      reason?.["available"],
    ],
    ["sold_out", slot, free, 6, 5],
  );
  const limited = await send(server, "/v1/reservations", {
    body: { lines: [line(3, { ticket_type_id: adult })] },
  });
  assert.deepEqual([limited.status, limited.body["code"]], [409, "limit_exceeded"]);
  const costs = await send(server, "/v1/reservations", {
    body: { lines: [line(1, { ticket_type_id: adult })], confirm: true },
  });
  assert.deepEqual([costs.status, costs.body["code"]], [409, "payment_required"]);
  assert.deepEqual(await left(), [5, 5]);
});

test("a repeat with its key has one effect and one answer, for what is done and for what is refused", async (t) => {
  const { server, line, left } = await setUp(t);
  const request = {
    body: { lines: [line(5)], attendee: { name: "Ada" }, confirm: true },
    key: "one",
  };
  const first = await send(server, "/v1/reservations", request);
  assert.equal(first.status, 201);
  const again = await send(server, "/v1/reservations", request);
  assert.deepEqual([again.status, again.body], [first.status, first.body]);
  assert.equal(again.headers.get("idempotent-replayed"), "true");
  assert.equal(first.headers.get("idempotent-replayed"), null);

  const refused = await send(server, "/v1/reservations", {
    body: { lines: [line(1)] },
    key: "two",
  });
  assert.equal(refused.status, 409);
  const token = String(first.body["token"]);
  const cancelled = await send(server, `/v1/reservations/${first.body["id"]}/cancel`, {
    method: "POST",
    token,
    key: "one",
  });
  assert.deepEqual([cancelled.status, cancelled.body["state"]], [200, "cancelled"]);
  const refusedAgain = await send(server, "/v1/reservations", {
    body: { lines: [line(1)] },
    key: "two",
  });
  assert.equal(refusedAgain.status, 409);
  assert.equal(refusedAgain.headers.get("idempotent-replayed"), "true");
  assert.deepEqual({ ...refusedAgain.body, instance: "" }, { ...refused.body, instance: "" });

  const other = await send(server, "/v1/reservations", { body: { lines: [line(2)] }, key: "one" });
  assert.deepEqual([other.status, other.body["code"]], [422, "idempotency_key_reused"]);
  assert.deepEqual(await left(), [5, 5]);
});

test("only the holder and the event's manager reach a reservation", async (t) => {
  const { server, line, token, id } = await setUp(t);
  const mine = await send(server, "/v1/reservations", {
    body: { lines: [line(1)], confirm: true },
  });
  const hers = await send(server, "/v1/reservations", {
    body: { lines: [line(1)], confirm: true },
  });
  const elsewhere = await anEventOn(server);
  const path = `/v1/reservations/${mine.body["id"]}`;
  const myToken = String(mine.body["token"]);
  const forged = `${myToken.slice(0, -2)}${myToken.endsWith("AA") ? "BB" : "AA"}`;
  const cases: [string, string | undefined, number][] = [
    ["nobody", undefined, 401],
    ["the holder", myToken, 200],
    ["the manager", token, 200],
    ["another holder", String(hers.body["token"]), 404],
    ["a manager of another event", elsewhere.token, 404],
    ["a forged token", forged, 401],
    ["a cut token", myToken.slice(0, 30), 401],
  ];
  for (const [name, who, status] of cases) {
    const answer = await send(server, path, who === undefined ? {} : { token: who });
    assert.equal(answer.status, status, name);
    if (status === 401) assert.match(answer.headers.get("www-authenticate") ?? "", /^Bearer/);
    assert.equal(
      (
        await send(server, `${path}/extend`, {
          method: "POST",
          ...(who !== undefined && { token: who }),
        })
      ).status,
      status === 200 ? 409 : status,
      name,
    );
  }
  const managed = await send(server, path, { token });
  assert.equal(managed.body["token"], undefined);
  const listed = await send(server, `/v1/events/${id}/reservations?limit=1&state=confirmed`, {
    token,
  });
  assert.equal((listed.body["data"] as unknown[]).length, 1);
  const next = await send(
    server,
    `/v1/events/${id}/reservations?cursor=${listed.body["next_cursor"]}`,
    { token },
  );
  assert.deepEqual(
    (next.body["data"] as { id: string }[]).map((one) => one.id),
    [mine.body["id"]],
  );
  assert.equal((await send(server, `/v1/events/${id}/reservations`)).status, 401);
  assert.equal(
    (await send(server, `/v1/events/${id}/reservations`, { token: elsewhere.token })).status,
    404,
  );
});

test("after a transfer the old token is told so, and the new one works", async (t) => {
  const { server, line } = await setUp(t);
  const mine = await send(server, "/v1/reservations", {
    body: { lines: [line(2)], confirm: true },
  });
  const path = `/v1/reservations/${mine.body["id"]}`;
  const token = String(mine.body["token"]);
  const given = await send(server, `${path}/transfer`, {
    token,
    body: { attendee: { name: "Grace" } },
  });
  assert.equal(given.status, 200);
  assert.notEqual(given.body["token"], token);
  const codes = (body: Record<string, unknown>) =>
    (body["tickets"] as { code: string }[]).map(({ code }) => code);
  assert.equal(new Set([...codes(mine.body), ...codes(given.body)]).size, 4);
  assert.equal((await send(server, path, { token })).status, 401);
  assert.equal((await send(server, `${path}/cancel`, { method: "POST", token })).status, 401);
  const read = await send(server, path, { token: String(given.body["token"]) });
  assert.deepEqual(
    [read.status, read.body["attendee"]],
    [200, { name: "Grace", email: null, phone: null }],
  );
});
