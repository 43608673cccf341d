import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import type { TestServer } from "#test/server.ts";
import {
  aPaidEvent,
  type Held,
  hold,
  nothingIsOpen,
  pay,
  settle,
  settled,
  stateOf,
} from "./paying.ts";
import { aShop, OLD_SECRET, SECRET, type Shop } from "./stripe-shop.ts";

/** What was asked of Stripe to be done, without what only reads. */
function done({ stripe }: Shop): readonly string[] {
  return stripe.requests
    .filter(({ line }) => line.startsWith("POST "))
    .map(({ line }) => line.replace(/pi_\w+/, "ID"));
}

/** What was done to reservations because of payments. */
async function entriesOf({ app }: TestServer) {
  const { rows } = await sql<{ action: string; at: number }>`
    select action, at from reservations.entry where reason = 'payment' order by version
  `.execute(app.database.kysely);
  return rows;
}

async function ticketsOf({ client }: TestServer, { id, token }: Held): Promise<number> {
  const { tickets } = await client.reservations.read(id, { token });
  return tickets.filter(({ state }) => state === "valid").length;
}

test("held, charged by a token, captured when the places are sure, confirmed: the tickets are there", async (t) => {
  const shop = await aShop(t);
  const { server, stripe, tells } = shop;
  const event = await aPaidEvent(server);
  const held = await hold(server, event);
  const capturedAt: number[] = [];
  stripe.faultOf = (line) => {
    if (line.endsWith("/capture")) capturedAt.push(server.app.clock.now());
    return null;
  };
  const begun = await pay(server, held, { provider: "stripe", method_token: "pm_card_visa" });
  const paid = await settled(server, held, begun);
  assert.deepEqual([paid.state, paid.outcome, paid.amount], ["succeeded", "confirmed", held.total]);
  assert.equal(await ticketsOf(server, held), 2);
  assert.deepEqual(
    [...new Set(done(shop))],
    [
      "POST /v1/payment_intents",
      "POST /v1/payment_intents/ID/confirm",
      "POST /v1/payment_intents/ID/capture",
    ],
  );
  const [waited, confirmed] = await entriesOf(server);
  const [captured = 0, ...more] = capturedAt;
  assert.deepEqual([waited?.action, confirmed?.action, more], ["await_payment", "confirm", []]);
  assert.ok((waited?.at ?? 0) <= captured && captured <= (confirmed?.at ?? 0));
  const [intent] = stripe.account.intents.values();
  assert.deepEqual(
    [intent?.amount, intent?.currency, intent?.amount_received],
    [4000, "eur", 4000],
  );
  const statuses = await tells();
  assert.ok(statuses.length >= 3);
  assert.ok(statuses.every((status) => status === 204));
  await settle(server);
  assert.equal(await ticketsOf(server, held), 2);
  assert.ok(await event.addsUp());
  await nothingIsOpen(server);
});

test("money is captured while the hold waits for it, and not where the hold has ended", async (t) => {
  const shop = await aShop(t);
  const { server, stripe } = shop;
  const event = await aPaidEvent(server);
  const held = await hold(server, event);
  // Authorized, and then Stripe is away for longer than the hold waits.
  stripe.faultOf = (line) => (line.endsWith("/capture") ? "cut" : null);
  const begun = await pay(server, held, { provider: "stripe", method_token: "pm_card_visa" });
  assert.equal((await settled(server, held, begun)).state, "processing");
  const { expires_at } = await server.client.reservations.read(held.id, { token: held.token });
  assert.ok((expires_at ?? "") > (held.expires_at ?? ""), "it waited before it was to be captured");
  stripe.faultOf = () => "cut";
  await server.advance(1_800 + 300 + 1);
  await settle(server);
  assert.equal(await stateOf(server, held), "expired");
  stripe.faultOf = () => null;
  await server.advance(300);
  const ended = await settled(server, held, begun);
  assert.deepEqual([ended.state, ended.outcome], ["failed", "none"]);
  const [intent] = stripe.account.intents.values();
  assert.deepEqual([intent?.status, intent?.amount_received], ["canceled", 0]);
  await nothingIsOpen(server);
});

test("what takes Stripe some days is told by a webhook, signed with either secret", async (t) => {
  const { server, stripe, tells } = await aShop(t);
  const event = await aPaidEvent(server);
  for (const secret of [SECRET, OLD_SECRET]) {
    const held = await hold(server, event);
    const body = { provider: "stripe", method_token: "pm_usBankAccount" } as const;
    const begun = await pay(server, held, body);
    assert.equal((await settled(server, held, begun)).state, "processing");
    await tells(secret);
    stripe.account.finish(begun.id);
    assert.deepEqual(await tells(secret), [204]);
    await server.app.jobs.work();
    const paid = await server.client.payments.read(begun.id, { token: held.token });
    assert.deepEqual([paid.state, paid.outcome], ["succeeded", "confirmed"]);
  }
  await nothingIsOpen(server);
});

test("a declined card is told to the payer in Stripe's words, and another one pays", async (t) => {
  const { server, stripe } = await aShop(t);
  const event = await aPaidEvent(server);
  const held = await hold(server, event);
  const declined = { provider: "stripe", method_token: "pm_card_visa_chargeDeclined" } as const;
  const failed = await settled(server, held, await pay(server, held, declined));
  assert.deepEqual(
    [failed.state, failed.amount, failed.error],
    ["failed", null, { code: "card_error", message: "Your card was declined." }],
  );
  const again = await pay(server, held, { provider: "stripe", method_token: "pm_card_visa" });
  assert.equal((await settled(server, held, again)).outcome, "confirmed");
  const received = [...stripe.account.intents.values()].map((one) => one.amount_received);
  assert.deepEqual(received, [0, 4000]);
  await nothingIsOpen(server);
});

test("who pays in the browser is the only one to get what it takes, and is confirmed by a webhook", async (t) => {
  const { server, stripe, tells } = await aShop(t);
  const { client } = server;
  const event = await aPaidEvent(server);
  const { data: options } = await client.payments.options(event.id);
  const option = options.find(({ provider }) => provider === "stripe");
  assert.equal(option?.publishable_key, "pk_test_of_the_double");
  const held = await hold(server, event);
  const begun = await pay(server, held, { provider: "stripe" });
  const waiting = await settled(server, held, begun);
  assert.equal(waiting.state, "processing");
  const secret = waiting.next_action?.client_secret ?? "";
  assert.match(secret, /^pi_\w+_secret_\w+$/);
  assert.equal(waiting.next_action?.kind, "confirm_in_browser");
  const own = await client.payments.listOf(held.id, { token: held.token });
  assert.equal(own.data[0]?.next_action?.client_secret, secret);

  // Whoever manages the event sees the payment, and nothing to pay it with.
  const { token } = event;
  for (const seen of [
    await client.payments.read(begun.id, { token }),
    (await client.payments.listOf(held.id, { token })).data[0],
    (await client.payments.list(event.id, {}, { token })).data[0],
  ]) {
    assert.deepEqual([seen?.id, seen?.next_action], [begun.id, null]);
  }
  const rows = await server.app.database.prepared(
    "kept",
    "select to_jsonb(p)::text as row from payments.payment p",
    [],
  );
  assert.ok(!JSON.stringify(rows).includes(secret), "what is kept of it is sealed");

  stripe.account.confirmInBrowser(secret, "pm_card_visa");
  assert.ok((await tells()).every((status) => status === 204));
  await settle(server);
  const paid = await client.payments.read(begun.id, { token: held.token });
  assert.deepEqual([paid.state, paid.outcome, paid.next_action], ["succeeded", "confirmed", null]);
  assert.equal(await ticketsOf(server, held), 2);
  await nothingIsOpen(server);
});

test("a card that wants its holder to sign in is finished in the browser; where they come back to is passed on", async (t) => {
  const { server, stripe } = await aShop(t);
  const event = await aPaidEvent(server);
  const held = await hold(server, event);
  const begun = await pay(server, held, {
    provider: "stripe",
    method_token: "pm_card_authenticationRequired",
    return_url: "https://tickets.example.org/thanks?order=1",
  });
  const waiting = await settled(server, held, begun);
  assert.ok(waiting.next_action !== null);
  const confirm = stripe.requests.find(({ line }) => line.endsWith("/confirm"));
  assert.equal(confirm?.form["return_url"], "https://tickets.example.org/thanks?order=1");
  stripe.account.confirmInBrowser(waiting.next_action.client_secret, "pm_card_visa");
  await server.advance(10);
  assert.equal((await settled(server, held, begun)).outcome, "confirmed");
  await nothingIsOpen(server);
});

test("what is cancelled goes back by Stripe, and what was given back in its dashboard is not given twice", async (t) => {
  const shop = await aShop(t);
  const { server, stripe, tells } = shop;
  const { client } = server;
  const event = await aPaidEvent(server);
  const held = await hold(server, event);
  const begun = await pay(server, held, { provider: "stripe", method_token: "pm_card_visa" });
  await settle(server);
  const [intent] = stripe.account.intents.values();
  assert.ok(intent !== undefined);
  stripe.account.handle("POST /v1/refunds", { payment_intent: intent.id, amount: "1500" });
  await tells();
  const seen = await settled(server, held, begun);
  assert.deepEqual(
    seen.refunds.map(({ reason, state, amount }) => [reason, state, amount.amount_minor]),
    [["outside", "succeeded", 1500]],
  );
  await client.reservations.cancel(held.id, { token: held.token });
  const paidBack = await settled(server, held, begun);
  assert.deepEqual([paidBack.state, paidBack.refunded], ["refunded", held.total]);
  const asked = stripe.requests.filter(({ line }) => line === "POST /v1/refunds");
  assert.deepEqual(
    asked.map(({ form }) => form["amount"]),
    ["2500"],
  );
  await nothingIsOpen(server);
});

test("a refund that fails at Stripe days later stands as failed when Stripe says so", async (t) => {
  const { server, stripe, tells } = await aShop(t);
  const event = await aPaidEvent(server);
  const held = await hold(server, event);
  await pay(server, held, { provider: "stripe", method_token: "pm_card_visa" });
  await settle(server);
  stripe.account.refundStatus = "failed";
  await server.client.reservations.cancel(held.id, { token: held.token });
  await settle(server);
  await tells();
  await settle(server);
  const { progress } = await server.client.payments.listRefunds(
    event.id,
    {},
    { token: event.token },
  );
  assert.deepEqual(progress.failed, { count: 1, amount: held.total });
});

for (const [currency, price, asked] of [
  ["JPY", 2_500, 5_000],
  ["KWD", 1_250, 2_500],
  ["ISK", 900, 180_000],
] as const) {
  test(`${currency} is charged and given back in Stripe's unit of it`, async (t) => {
    const { server, stripe } = await aShop(t);
    const money = (amount_minor: number) => ({ amount_minor, currency });
    const types = [
      { name: "Adult", price: money(price) },
      { name: "Child", price: money(10) },
    ];
    const event = await aPaidEvent(server, { currency, ticket_types: types });
    const held = await hold(server, event);
    const body = { provider: "stripe", method_token: "pm_card_visa", amount: held.total } as const;
    const paid = await settled(server, held, await pay(server, held, body));
    assert.deepEqual([paid.outcome, paid.amount], ["confirmed", money(2 * price)]);
    const [intent] = stripe.account.intents.values();
    assert.deepEqual([intent?.amount_received, intent?.currency], [asked, currency.toLowerCase()]);
    await server.client.reservations.cancel(held.id, { token: held.token });
    const back = await settled(server, held, paid);
    assert.deepEqual([back.state, back.refunded], ["refunded", money(2 * price)]);
    await nothingIsOpen(server);
  });
}

test("an amount that Stripe cannot take is refused before anything is begun", async (t) => {
  const { server, stripe } = await aShop(t);
  const money = (amount_minor: number) => ({ amount_minor, currency: "KWD" });
  const types = [
    { name: "Adult", price: money(1_251) },
    { name: "Child", price: money(999_999_990) },
  ];
  const event = await aPaidEvent(server, { currency: "KWD", ticket_types: types });
  for (const adult of [event.adult, event.child]) {
    const held = await hold(server, { ...event, adult }, 1);
    const begun = pay(server, held, { provider: "stripe", method_token: "pm_card_visa" });
    await assert.rejects(begun, { status: 422, code: "invalid_field" });
    // Another way to pay takes it.
    const other = await pay(server, held, { provider: "test", method_token: "ok" });
    assert.equal((await settled(server, held, other)).outcome, "confirmed");
  }
  assert.deepEqual(stripe.requests, []);
});

test("who leaves the browser and cancels cannot pay there any more", async (t) => {
  const { server, stripe } = await aShop(t);
  const event = await aPaidEvent(server);
  const held = await hold(server, event);
  const begun = await pay(server, held, { provider: "stripe" });
  const waiting = await settled(server, held, begun);
  await server.client.payments.cancel(begun.id, { token: held.token });
  const ended = await settled(server, held, begun);
  assert.deepEqual(
    [ended.state, ended.error?.code, ended.next_action],
    ["failed", "cancelled", null],
  );
  stripe.account.confirmInBrowser(waiting.next_action?.client_secret ?? "", "pm_card_visa");
  const [intent] = stripe.account.intents.values();
  assert.deepEqual([intent?.status, intent?.amount_received], ["canceled", 0]);
  const again = await pay(server, held, { provider: "stripe", method_token: "pm_card_visa" });
  assert.equal((await settled(server, held, again)).outcome, "confirmed");
  await nothingIsOpen(server);
});

test("with Stripe away payments wait, are counted as that, and go on when it is back", async (t) => {
  const { server, stripe } = await aShop(t);
  const event = await aPaidEvent(server);
  const held = await hold(server, event);
  stripe.faultOf = () => "rate_limited";
  const begun = await pay(server, held, { provider: "stripe", method_token: "pm_card_visa" });
  const waiting = await settled(server, held, begun);
  assert.deepEqual([waiting.state, waiting.error], ["processing", null]);
  stripe.faultOf = (line) => (line.endsWith("/confirm") ? "lost_answer" : null);
  await server.advance(60);
  await settle(server);
  stripe.faultOf = () => null;
  await server.advance(120);
  assert.equal((await settled(server, held, begun)).outcome, "confirmed");
  const received = [...stripe.account.intents.values()].map((one) => one.amount_received);
  assert.deepEqual(received, [4000]);
  await nothingIsOpen(server);
});
