import assert from "node:assert/strict";
import { before, type TestContext, test } from "node:test";
import { aPaidEvent, hold, PAYMENTS, pay, settle, settled } from "#test/journeys/paying.ts";
import { type TestServer, testServer } from "#test/server.ts";

// What anybody may send to the routes of payments, right or wrong, and the answer it must get.

let server: TestServer;
let event: Awaited<ReturnType<typeof aPaidEvent>>;

before(async (t) => {
  server = await testServer(t as TestContext);
  event = await aPaidEvent(server, {
    slots: [
      { starts_at: "2090-06-15T19:00", ends_at: "2090-06-15T19:30", capacity: 1_000 },
      { starts_at: "2090-06-15T20:00", ends_at: "2090-06-15T20:30", capacity: 1_000 },
    ],
  });
});

const OK = { provider: "test", method_token: "ok" } as const;

interface Answer {
  readonly status: number;
  readonly code: string;
  readonly fields: readonly string[];
}

/** Sends what no typed client would. */
async function post(path: string, token: string | null, body?: unknown): Promise<Answer> {
  const answer = await fetch(`${server.url}/v1/${path}`, {
    method: "POST",
    headers: {
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(token !== null && { authorization: `Bearer ${token}` }),
    },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const said = (await answer.json()) as {
    code?: string;
    errors?: { path: string; code: string }[];
  };
  return {
    status: answer.status,
    code: said.code ?? "",
    fields: (said.errors ?? []).map(({ path, code }) => `${path} ${code}`),
  };
}

/** A payment of something that is held, refused: as it was, nothing is under way. */
async function refusedOf(body: unknown): Promise<Answer> {
  const { id, token } = await hold(server, event, 1);
  const answer = await post(`reservations/${id}/payments`, token, body);
  const { data } = await server.client.payments.listOf(id, { token });
  assert.deepEqual(data, [], `${JSON.stringify(body)} has begun nothing`);
  return answer;
}

test("a payment that does not fit names the field and begins nothing: 422", async () => {
  const eur = (amount_minor: number) => ({ amount_minor, currency: "EUR" });
  const cases: readonly (readonly [body: unknown, field: string])[] = [
    [{ provider: "stripe", method_token: "pm_card_visa" }, "/provider not_offered"],
    [{ provider: "offline" }, "/provider not_offered"],
    [{ provider: "test" }, "/method_token required"],
    [{ provider: "cash" }, "/provider not_allowed"],
    [{}, "/provider required"],
    [{ ...OK, amount: eur(1_999) }, "/amount not_the_price"],
    [{ ...OK, amount: eur(2_001) }, "/amount not_the_price"],
    [{ ...OK, amount: { amount_minor: 2_000, currency: "CZK" } }, "/amount not_the_price"],
    [{ ...OK, amount: eur(-2_000) }, "/amount/amount_minor too_small"],
    [{ ...OK, amount: eur(0.5) }, "/amount/amount_minor wrong_type"],
    [{ ...OK, price: eur(1) }, "/price unknown_field"],
    [{ ...OK, total: eur(1) }, "/total unknown_field"],
    [{ ...OK, amount_minor: 1 }, "/amount_minor unknown_field"],
    [{ ...OK, state: "succeeded" }, "/state unknown_field"],
    [{ ...OK, method_token: "" }, "/method_token too_short"],
    [{ ...OK, method_token: "x".repeat(256) }, "/method_token too_long"],
    [{ ...OK, method_token: 1 }, "/method_token wrong_type"],
    [{ ...OK, method_token: "a\0b" }, "/method_token not_text"],
    [{ ...OK, method_token: "a\nb" }, "/method_token bad_format"],
    [{ ...OK, method_token: "\ud800" }, "/method_token not_text"],
    [{ ...OK, return_url: "javascript:alert(1)" }, "/return_url bad_format"],
    [{ ...OK, return_url: "tickets" }, "/return_url bad_format"],
  ];
  for (const [body, field] of cases) {
    const { status, code, fields } = await refusedOf(body);
    assert.deepEqual([status, code], [422, "invalid_field"], JSON.stringify(body));
    assert.ok(fields.includes(field), `${field} expected, ${fields.join()} said`);
  }
});

test("odd characters in a token fail the payment at most, and never the server", async () => {
  for (const method_token of ["ok ", "' or 1=1 --", "🎫", "%00", "../..", "ok\u200b"]) {
    const held = await hold(server, event, 1);
    const begun = await pay(server, held, { provider: "test", method_token });
    const { state, error } = await settled(server, held, begun);
    assert.deepEqual([state, error?.code], ["failed", "payment_error"], method_token);
  }
});

test("what is not JSON, or not an object, is refused: 400 and 422", async () => {
  for (const [body, status] of [
    ["{", 400],
    ["[]", 422],
    ['{"provider":"test","provider":"test","method_token":"ok"}', 400],
    [undefined, 422],
  ] as const) {
    assert.equal((await refusedOf(body)).status, status, String(body));
  }
});

test("what was released or cancelled is not paid for: 409; what has expired: 410", async () => {
  const released = await hold(server, event, 1);
  await server.client.reservations.release(released.id, { token: released.token });
  const cancelled = await hold(server, event, 1);
  await settled(server, cancelled, await pay(server, cancelled, OK));
  await server.client.reservations.cancel(cancelled.id, { token: cancelled.token });
  const expired = await hold(server, event, 1);
  await server.advance(601);
  for (const [{ id, token }, status, code] of [
    [released, 409, "reservation_released"],
    [cancelled, 409, "reservation_cancelled"],
    [expired, 410, "reservation_expired"],
  ] as const) {
    const answer = await post(`reservations/${id}/payments`, token, OK);
    assert.deepEqual([answer.status, answer.code], [status, code]);
  }
});

test("what costs nothing, is paid for, or is being paid for is not paid for: 409", async () => {
  const free = await aPaidEvent(server, {
    ticket_types: [{ name: "Guest" }, { name: "Friend" }],
  });
  const guest = await hold(server, free, 1);
  const paid = await hold(server, event, 1);
  await settled(server, paid, await pay(server, paid, OK));
  const waiting = await hold(server, event, 1);
  await pay(server, waiting, { provider: "test", method_token: "never" });
  const confirmed = await server.client.reservations.create({
    lines: [{ slot_id: free.first, ticket_type_id: free.adult, quantity: 1 }],
    confirm: true,
  });
  for (const [{ id, token }, code] of [
    [guest, "nothing_to_pay"],
    [confirmed, "nothing_to_pay"],
    [paid, "already_paid"],
    [waiting, "payment_in_progress"],
  ] as const) {
    const answer = await post(`reservations/${id}/payments`, token ?? null, OK);
    assert.deepEqual([answer.status, answer.code], [409, code]);
  }
});

test("of many who pay for one reservation at the same moment one does", async () => {
  const held = await hold(server, event, 1);
  const all = await Promise.allSettled(Array.from({ length: 8 }, () => pay(server, held, OK)));
  assert.equal(all.filter(({ status }) => status === "fulfilled").length, 1);
  await settle(server);
  const { data } = await server.client.payments.listOf(held.id, { token: held.token });
  assert.deepEqual(
    data.map(({ state }) => state),
    ["succeeded"],
  );
});

test("somebody else's reservation and payment are not there: 404; without credentials: 401", async () => {
  const [own, other] = [await hold(server, event, 1), await hold(server, event, 1)];
  const payment = await pay(server, own, { provider: "test", method_token: "never" });
  for (const path of [`reservations/${own.id}/payments`, `payments/${payment.id}/cancel`]) {
    assert.equal((await post(path, other.token, OK)).status, 404);
    assert.equal((await post(path, null, OK)).status, 401);
  }
  const nothing = "pay_00000000000000000000000001";
  assert.equal((await post(`payments/${nothing}/cancel`, own.token)).status, 404);
  assert.equal((await post("payments/pay_1/cancel", own.token)).code, "malformed_id");
  const { client } = server;
  const strangers = { token: other.token };
  await assert.rejects(client.payments.read(payment.id, strangers), { status: 404 });
  await assert.rejects(client.payments.listOf(own.id, strangers), { status: 404 });
  await assert.rejects(client.payments.options("evt_00000000000000000000000001"), { status: 404 });
});

test("a payment that is decided is not cancelled: 409", async () => {
  const held = await hold(server, event, 1);
  const { id } = await settled(server, held, await pay(server, held, OK));
  const answer = await post(`payments/${id}/cancel`, held.token);
  assert.deepEqual([answer.status, answer.code], [409, "payment_decided"]);
});

test("money off line needs no token, and an event that offers it: 422", async (t) => {
  const own = await testServer(t, { payments: { ...PAYMENTS, isTest: false } });
  const offline = await aPaidEvent(own, { offline_hold_hours: 24 });
  const held = await hold(own, offline, 1);
  const tokens = pay(own, held, { provider: "offline", method_token: "ok" });
  await assert.rejects(tokens, { status: 422, code: "invalid_field" });
  await assert.rejects(pay(own, held, OK), { status: 422, code: "invalid_field" });
  const { data } = await own.client.payments.options(offline.id);
  assert.deepEqual(
    data.map(({ provider }) => provider),
    ["offline"],
  );
});
