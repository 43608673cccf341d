import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { sql } from "kysely";
import {
  aPaidEvent,
  hold,
  type Payment,
  pay,
  settle,
  settled,
  stateOf,
  switchesOf,
} from "#test/journeys/paying.ts";
import { aShop, type Delivery, postWebhook, type Shop } from "#test/journeys/stripe-shop.ts";
import { type TestServer, testServer } from "#test/server.ts";

// What anybody may send to where providers tell, and that nothing comes of what is not theirs.

interface Told extends Shop {
  readonly payment: Payment;
  /** What Stripe told of the payment, all of it taken. */
  readonly deliveries: readonly Delivery[];
  post(
    delivery: Pick<Delivery, "headers" | "body">,
    provider?: string,
  ): ReturnType<typeof postWebhook>;
}

/** Paid by Stripe, and told. */
async function aToldPayment(t: TestContext): Promise<Told> {
  const shop = await aShop(t, { isTest: false });
  const { server } = shop;
  const event = await aPaidEvent(server);
  const held = await hold(server, event);
  const begun = await pay(server, held, { provider: "stripe", method_token: "pm_card_visa" });
  const payment = await settled(server, held, begun);
  assert.equal(payment.outcome, "confirmed");
  const post: Told["post"] = (delivery, provider = "stripe") =>
    postWebhook(server.url, provider, delivery);
  const deliveries = shop.taken();
  for (const delivery of deliveries) assert.equal((await post(delivery)).status, 204);
  await settle(server);
  return { ...shop, payment, deliveries, post };
}

/** All that is known of payments, and how places stand. */
async function everything({ app }: TestServer, ...but: string[]): Promise<Record<string, string>> {
  const tables = ["payments.payment", "payments.refund", "payments.webhook"];
  const all = [...tables, "reservations.reservation", "reservations.entry", "reservations.pool"];
  const digests: Record<string, string> = {};
  for (const name of all.filter((one) => !but.includes(one))) {
    const { rows } = await sql<{ digest: string }>`
      select md5(coalesce(string_agg(t::text, e'\n' order by t::text), '')) as digest
        from ${sql.raw(name)} t
    `.execute(app.database.kysely);
    digests[name] = rows[0]?.digest ?? "";
  }
  return digests;
}

const told = (payment: string, id: string) => ({
  id,
  object: "event",
  type: "payment_intent.succeeded",
  data: { object: { id: "pi_1", object: "payment_intent", metadata: { attempt_id: payment } } },
});

test("a webhook that is not signed, wrongly, too early, too late or once more is refused, and nothing changes: 400", async (t) => {
  const { server, payment, deliveries, post, signed } = await aToldPayment(t);
  const [delivery] = deliveries;
  assert.ok(delivery !== undefined);
  const { headers, body } = delivery;
  const signature = String(headers["stripe-signature"]);
  const event = told(payment.id, "evt_new");
  const altered = Buffer.from(body.toString().replace('"id":"evt_', '"id":"evt_x'));
  const before = await everything(server);
  const cases: readonly (readonly [Pick<Delivery, "headers" | "body">, reason: string])[] = [
    [{ headers: {}, body }, "unsigned"],
    [{ headers: { "stripe-signature": "" }, body }, "unsigned"],
    [{ headers: { "stripe-signature": "nonsense" }, body }, "malformed"],
    [{ headers: { "stripe-signature": signature.replace("v1=", "v0=") }, body }, "wrong_signature"],
    [{ headers: { "stripe-signature": `${signature},t=1` }, body }, "malformed"],
    [{ headers: { "stripe-signature": signature.replace(/.$/, "g") }, body }, "wrong_signature"],
    [{ headers, body: altered }, "wrong_signature"],
    [{ headers, body: Buffer.alloc(0) }, "wrong_signature"],
    [signed(event, 0, "whsec_of_somebody_else"), "wrong_signature"],
    [signed(event, -330), "too_old_or_new"],
    [signed(event, 330), "too_old_or_new"],
    [signed(null), "malformed"],
    [signed([]), "malformed"],
    [signed({}), "malformed"],
    [signed({ ...event, id: 1 }), "malformed"],
    [signed({ ...event, data: null }), "malformed"],
    [delivery, "replayed"],
  ];
  for (const [given, reason] of cases) {
    const { status, code, reason: said } = await post(given);
    assert.deepEqual([status, code, said], [400, "webhook_refused", reason]);
  }
  await settle(server);
  assert.deepEqual(await everything(server), before);
});

test("an event that is told again, signed anew, is taken and changes nothing: 204", async (t) => {
  const { server, deliveries, post, signed } = await aToldPayment(t);
  await server.advance(10);
  const before = await everything(server, "payments.webhook");
  const rows = async () => {
    const { rows: all } = await sql<object>`
      select provider_event_id, received_at, applied_at from payments.webhook order by 1
    `.execute(server.app.database.kysely);
    return all;
  };
  const known = await rows();
  for (const { body } of deliveries) {
    const event: unknown = JSON.parse(body.toString());
    const again = signed(event);
    assert.equal((await post(again)).status, 204);
    assert.equal((await post(again)).reason, "replayed");
    assert.equal((await post(signed(event, -5))).reason, "replayed", "an older copy");
  }
  await settle(server);
  assert.deepEqual(await everything(server, "payments.webhook"), before);
  assert.deepEqual(await rows(), known);
});

test("what Stripe tells of what is not ours is taken, and nothing comes of it: 204", async (t) => {
  const { server, post, signed } = await aToldPayment(t);
  const event = await aPaidEvent(server, { offline_hold_hours: 24 });
  const held = await hold(server, event);
  const offline = await pay(server, held, { provider: "offline" });
  await settle(server);
  const before = await everything(server, "payments.webhook");
  const events = [
    told("pay_00000000000000000000000001", "evt_of_nothing"),
    told("not an id", "evt_of_nonsense"),
    told(offline.id, "evt_of_another_provider"),
    { ...told("", "evt_of_a_customer"), type: "customer.created" },
  ];
  for (const one of events) assert.equal((await post(signed(one))).status, 204, one.id);
  await settle(server);
  assert.deepEqual(await everything(server, "payments.webhook"), before);
  assert.equal(await stateOf(server, held), "held");
});

test("a webhook of nobody that is used here goes nowhere: 404; one that is too large is not read: 413", async (t) => {
  const { server, post, signed } = await aToldPayment(t);
  const event = signed(told("pay_00000000000000000000000001", "evt_new"));
  const before = await everything(server);
  for (const provider of ["test", "paypal", "Stripe", "__proto__", "stripe%2F.."]) {
    const { status, code } = await post(event, provider);
    assert.deepEqual([status, code], [404, "not_found"], provider);
  }
  const offline = await post(event, "offline");
  assert.deepEqual([offline.status, offline.reason], [400, "unsigned"]);
  const large = await post({ ...event, body: Buffer.alloc(256 * 1024 + 1, " ") });
  assert.deepEqual([large.status, large.code], [413, "body_too_large"]);
  const full = await post({ ...event, body: Buffer.alloc(256 * 1024, " ") });
  assert.deepEqual([full.status, full.code], [400, "webhook_refused"]);
  const answer = await fetch(`${server.url}/v1/payment-webhooks/stripe`);
  assert.equal(answer.status, 405);
  assert.deepEqual(await everything(server), before);
});

test("whatever type and credentials it says it has, a webhook counts by its signature", async (t) => {
  const { post, signed, server } = await aToldPayment(t);
  for (const [index, headers] of [
    { "content-type": "text/plain" },
    { "content-type": "application/json; charset=utf-8", authorization: "Bearer nobody" },
    { "content-type": "application/octet-stream", "idempotency-key": "the same" },
    { "content-type": "application/json", "idempotency-key": "the same" },
  ].entries()) {
    const event = signed(told("pay_00000000000000000000000001", `evt_${index}`));
    const { status } = await post({ ...event, headers: { ...event.headers, ...headers } });
    assert.equal(status, 204, JSON.stringify(headers));
  }
  await settle(server);
});

test("the test provider's webhooks are taken over HTTP like any other's: once, for five minutes", async (t) => {
  const server = await testServer(t);
  const { testPayments } = server.app;
  const switches = switchesOf(server);
  switches.webhookDelayMs = 3_600_000;
  const event = await aPaidEvent(server);
  const held = await hold(server, event);
  await pay(server, held, { provider: "test", method_token: "ok" });
  await settle(server);
  switches.webhookDelayMs = 0;
  const taking = testPayments?.takeWebhooks() ?? [];
  switches.webhookDelayMs = 3_600_000;
  const [one, other] = await taking;
  assert.ok(one !== undefined && other !== undefined);
  const post = (delivery: Pick<Delivery, "headers" | "body">) =>
    postWebhook(server.url, "test", delivery);
  assert.equal((await post(one)).status, 204);
  assert.equal((await post(one)).reason, "replayed");
  assert.equal((await post({ ...other, headers: one.headers })).status, 400);
  const unsigned = { headers: {}, body: other.body };
  assert.equal((await post(unsigned)).reason, "unsigned");
  await server.advance(301);
  assert.equal((await post(other)).reason, "too_old_or_new");
});
