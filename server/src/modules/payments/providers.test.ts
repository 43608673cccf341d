import assert from "node:assert/strict";
import { registerHooks } from "node:module";
import { before, type TestContext, test } from "node:test";
import { TestClock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import { newId } from "#platform/id.ts";
import { testDatabase } from "#test/database.ts";
import type { Providers, ProvidersParts } from "./providers.ts";
import { createProviders } from "./providers.ts";
import { anAttempt } from "./testing-conformance.ts";

const clock = new TestClock();
const KEYS = [Buffer.alloc(32, "old"), Buffer.alloc(32, "new")] as const;
const STRIPE = {
  secretKey: "sk_test_of_the_double",
  webhookSecrets: ["whsec_1"],
  apiUrl: null,
};
const tokens = { pays: "ok", declined: "card_error", slow: "slow" };

let database: Database;

before(async (t) => {
  database = await testDatabase(t as TestContext);
});

function providersOf(
  payments: Partial<ProvidersParts["payments"]> = {},
  secretKeys: readonly Buffer[] = [KEYS[0]],
): Providers {
  const all = { stripe: null, isTest: false, ...payments };
  return createProviders({ clock, database, secretKeys, payments: all });
}

function testOf(providers: Providers): NonNullable<Providers["test"]> {
  assert.ok(providers.test);
  return providers.test;
}

test("there are the providers that the configuration asks for, and offline always", () => {
  const names = (payments: Partial<ProvidersParts["payments"]>) =>
    [...providersOf(payments).byName].map(([name, provider]) => {
      assert.equal(provider.name, name);
      return name;
    });
  assert.deepEqual(names({}), ["offline"]);
  assert.deepEqual(names({ isTest: true }), ["offline", "test"]);
  assert.deepEqual(names({ isTest: true, stripe: STRIPE }), ["offline", "test", "stripe"]);
  assert.equal(providersOf().test, null);
  const providers = providersOf({ isTest: true });
  assert.equal(providers.byName.get("offline"), providers.offline);
  assert.equal(providers.byName.get("test"), providers.test);
});

test("Stripe's library is loaded when Stripe is asked for the first time, and only once", async (t) => {
  let loads = 0;
  const hooks = registerHooks({
    load(url, context, next) {
      if (/node_modules\/stripe\/[^/]*\/?stripe\.\w+\.node\.js$/.test(url)) loads++;
      return next(url, context);
    },
  });
  t.after(() => hooks.deregister());
  const stripe = providersOf({ stripe: STRIPE }).byName.get("stripe");
  const euros = { amountMinor: 4_500, currency: "EUR" };
  assert.equal(stripe?.refusalOf(euros), null);
  assert.equal(stripe?.refusalOf({ ...euros, amountMinor: 1e9 }), "amount_out_of_range");
  assert.equal(loads, 0);
  const unsigned = { headers: {}, body: Buffer.from("{}") };
  const readings = await Promise.all([stripe, stripe].map((one) => one?.readWebhook(unsigned)));
  assert.deepEqual(readings, Array(2).fill({ kind: "refused", reason: "unsigned" }));
  assert.equal(loads, 1);
});

test("Stripe is asked where the configuration says it is", async (t) => {
  const { startStripeDouble } = await import("./testing-stripe-double.ts");
  const double = await startStripeDouble(t, clock);
  const apiUrl = `http://127.0.0.1:${double.server.port}`;
  const stripe = providersOf({ stripe: { ...STRIPE, apiUrl } }).byName.get("stripe");
  const attempt = anAttempt({ clock, tokens: { ...tokens, pays: "pm_card_visa" } });
  assert.equal((await stripe?.create(attempt))?.outcome.state, "authorized");
  assert.equal((await stripe?.confirm(attempt))?.outcome.state, "succeeded");
  assert.equal(double.account.intents.size, 1);
});

test("payments without money and their webhooks are there for another process", async () => {
  const attempt = anAttempt({ clock, tokens });
  const { test: first } = providersOf({ isTest: true });
  await first?.create(attempt);
  const second = testOf(providersOf({ isTest: true }));
  assert.equal((await second.confirm(attempt))?.outcome.state, "succeeded");
  const told = await second.takeWebhooks();
  assert.equal(told.length, 2);
  assert.equal((await first?.takeWebhooks())?.length, 0);
});

test("what managers said of a payment is there for another process", async () => {
  const attempt = anAttempt({ clock, tokens });
  await providersOf().offline.create(attempt);
  await providersOf().offline.settle(attempt, "received");
  const refund = { attempt, refundId: newId<"rfd">(clock), amount: attempt.amount };
  await providersOf().offline.refund(refund);
  const payment = await providersOf().offline.lookUp(attempt);
  assert.deepEqual(payment?.outcome, { state: "succeeded" });
  assert.deepEqual(payment?.refunded, attempt.amount);
  assert.equal(await testOf(providersOf({ isTest: true })).lookUp(attempt), null);
});

test("one payment that is created, confirmed and refunded by many at once is one", async () => {
  const attempt = anAttempt({ clock, tokens });
  const providers = Array.from({ length: 5 }, () => testOf(providersOf({ isTest: true })));
  await Promise.all(providers.map((provider) => provider.create(attempt)));
  await Promise.all(providers.map((provider) => provider.confirm(attempt)));
  const amount = { amountMinor: 1_000, currency: "EUR" };
  const results = await Promise.all(
    providers.map((provider) => provider.refund({ attempt, refundId: newId(clock), amount })),
  );
  assert.equal(results.filter((result) => "refund" in result).length, 4);
  assert.equal((await providers[0]?.lookUp(attempt))?.refunded.amountMinor, 4_000);
});

test("webhooks of the test provider count while the key they were signed with does", async () => {
  const [old, fresh] = KEYS;
  const sends = testOf(providersOf({ isTest: true }, [old]));
  await sends.create(anAttempt({ clock, tokens }));
  const [delivery] = await sends.takeWebhooks();
  assert.ok(delivery);
  const read = async (...keys: readonly Buffer[]) =>
    (await testOf(providersOf({ isTest: true }, keys)).readWebhook(delivery)).kind;
  assert.equal(await read(old), "event");
  assert.equal(await read(fresh, old), "event");
  assert.equal(await read(fresh), "refused");
});
