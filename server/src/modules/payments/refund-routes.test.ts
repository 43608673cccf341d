import assert from "node:assert/strict";
import { before, type TestContext, test } from "node:test";
import { aPaidEvent, hold, paidFor, pay, settle } from "#test/journeys/paying.ts";
import { type TestServer, testServer } from "#test/server.ts";

// What managers may send about money, right or wrong, and the answer it must get.

let server: TestServer;
let event: Awaited<ReturnType<typeof aPaidEvent>>;
let paid: Awaited<ReturnType<typeof paidFor>>;

before(async (t) => {
  server = await testServer(t as TestContext);
  event = await aPaidEvent(server, { offline_hold_hours: 24 });
  paid = await paidFor(server, event);
});

async function post(path: string, token: string, body?: unknown) {
  const answer = await fetch(`${server.url}/v1/${path}`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const { code } = (await answer.json()) as { code: string };
  return [answer.status, code];
}

test("a refund that does not fit is refused, and nothing goes back: 422", async () => {
  const refunds = `payments/${paid.payment.id}/refunds`;
  for (const body of [
    { amount: { amount_minor: 100, currency: "CZK" } },
    { amount: { amount_minor: 0, currency: "EUR" } },
    { amount: { amount_minor: -1, currency: "EUR" } },
    { amount: { amount_minor: 1.5, currency: "EUR" } },
    { amount: { amount_minor: "100", currency: "EUR" } },
    { amount: { amount_minor: 100, currency: "eur" } },
    { amount: { amount_minor: Number.MAX_SAFE_INTEGER + 1, currency: "EUR" } },
    { amount: 100 },
    { amount: { amount_minor: 100 } },
    { amount_minor: 100 },
    { reason: "outside" },
  ]) {
    assert.deepEqual(await post(refunds, event.token, body), [422, "invalid_field"], String(body));
  }
  const { data } = await server.client.payments.listRefunds(event.id, {}, { token: event.token });
  assert.deepEqual(data, []);
});

test("only a payment that took money is given back: 409", async () => {
  for (const method_token of ["card_error", "never"]) {
    const held = await hold(server, event, 1);
    const { id } = await pay(server, held, { provider: "test", method_token });
    await settle(server);
    const answer = await post(`payments/${id}/refunds`, event.token);
    assert.deepEqual(answer, [409, "payment_not_succeeded"]);
  }
});

test("what one gave back and a stranger asks for is not there: 404", async () => {
  const others = await aPaidEvent(server);
  const { payment } = await paidFor(server, others);
  const refund = await server.client.payments.refund(payment.id, {}, { token: others.token });
  const nothing = "00000000000000000000000001";
  for (const path of [
    `payments/${payment.id}/refunds`,
    `refunds/${refund.id}/retry`,
    `payments/pay_${nothing}/refunds`,
    `refunds/rfd_${nothing}/retry`,
  ]) {
    assert.deepEqual(await post(path, event.token), [404, "not_found"], path);
  }
  const settlement = await post(`payments/${payment.id}/settlement`, event.token, {
    received: true,
  });
  assert.deepEqual(settlement, [404, "not_found"]);
  assert.deepEqual(await post("refunds/rfd_1/retry", event.token), [400, "malformed_id"]);
  const { payments } = server.client;
  await assert.rejects(payments.list(others.id, {}, { token: event.token }), { status: 404 });
  await assert.rejects(payments.listRefunds(others.id, {}, { token: event.token }), {
    status: 404,
  });
});

test("a holder gives nothing back and says of no money that it came: 404", async () => {
  const held = await hold(server, event, 1);
  const { id } = await pay(server, held, { provider: "offline" });
  await settle(server);
  const body = { received: true };
  assert.deepEqual(await post(`payments/${id}/settlement`, held.token, body), [404, "not_found"]);
  const { payment } = paid;
  const refund = await post(`payments/${payment.id}/refunds`, paid.held.token);
  assert.deepEqual(refund, [404, "not_found"]);
  const still = await server.client.payments.read(id, { token: held.token });
  assert.equal(still.state, "processing");
});

test("what a provider takes is settled by the provider: 409; and by a yes or a no: 422", async () => {
  const settlement = `payments/${paid.payment.id}/settlement`;
  assert.deepEqual(await post(settlement, event.token, { received: true }), [
    409,
    "paid_elsewhere",
  ]);
  for (const body of [{}, { received: "yes" }, { received: 1 }, { received: true, amount: 1 }]) {
    assert.deepEqual(await post(settlement, event.token, body), [422, "invalid_field"]);
  }
});

test("a cursor or limit that is none is refused: 422", async () => {
  const options = { token: event.token };
  for (const query of [{ cursor: "nonsense" }, { limit: 0 }, { limit: 100_000 }]) {
    for (const list of [server.client.payments.list, server.client.payments.listRefunds]) {
      await assert.rejects(list(event.id, query, options), { code: "invalid_field" });
    }
  }
});
