import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { InvariantBroken } from "#platform/assert.ts";
import { TestClock } from "#platform/clock.ts";
import { formatId, newId } from "#platform/id.ts";
import { type Attempt, type PaymentProvider, ProviderAway } from "./provider.ts";
import { KEY_REMEMBERED_MS } from "./stripe-intents.ts";
import { createStripeProvider } from "./stripe-provider.ts";
import { anAttempt, type ProviderUnderTest, provesThePort } from "./testing-conformance.ts";
import {
  STRIPE_DOUBLE_KEY,
  type StripeDouble,
  signStripeWebhook,
  startStripeDouble,
} from "./testing-stripe-double.ts";

const SECRETS = ["whsec_of_the_old_endpoint", "whsec_of_the_new_endpoint"] as const;
const tokens = {
  pays: "pm_card_visa",
  declined: "pm_card_visa_chargeDeclined",
  slow: "pm_usBankAccount",
};

interface Stripes {
  readonly clock: TestClock;
  readonly double: StripeDouble;
  readonly provider: PaymentProvider;
}

async function stripeOf(t: TestContext, requestTimeoutMs = 10_000): Promise<Stripes> {
  const clock = new TestClock();
  const double = await startStripeDouble(t, clock);
  const provider = await createStripeProvider({
    clock,
    secretKey: STRIPE_DOUBLE_KEY,
    webhookSecrets: SECRETS,
    requestTimeoutMs,
    server: double.server,
  });
  return { clock, double, provider };
}

provesThePort("stripe", ["connection", "webhooks"], async (t): Promise<ProviderUnderTest> => {
  const { clock, double, provider } = await stripeOf(t);
  return {
    provider,
    clock,
    isAuthorizedFirst: true,
    tokens,
    payer: {
      pays: async () => {},
      isDeclined: async () => {},
      isDone: async ({ attemptId }) => double.account.finish(formatId("pay", attemptId)),
    },
    connection: {
      becomes(state) {
        const fault = { cut: "cut", losing_answers: "lost_answer", good: null } as const;
        // What only reads is answered: else no operation would get as far as doing anything.
        double.faultOf = (request) =>
          state === "losing_answers" && request.startsWith("GET ") ? null : fault[state];
      },
    },
    webhooks: {
      taken: async () => double.takeWebhooks(SECRETS[0]),
      signed: signStripeWebhook,
      secrets: SECRETS,
      foreignSecret: "whsec_of_somebody_else",
    },
  };
});

test("who pays in the browser gets a client secret, and may try again there after a decline", async (t) => {
  const { clock, double, provider } = await stripeOf(t);
  const attempt = { ...anAttempt({ clock, tokens }), methodToken: null };
  const { outcome } = await provider.create(attempt);
  assert.ok(outcome.state === "needs_action");
  const { clientSecret } = outcome.nextAction;
  double.account.confirmInBrowser(clientSecret, tokens.declined);
  assert.equal((await provider.lookUp(attempt))?.outcome.state, "needs_action");
  double.account.confirmInBrowser(clientSecret, tokens.pays);
  assert.equal((await provider.lookUp(attempt))?.outcome.state, "authorized");
  assert.equal((await provider.confirm(attempt))?.outcome.state, "succeeded");
});

test("a card that wants its holder to sign in needs an action, and can be cancelled", async (t) => {
  const { clock, provider } = await stripeOf(t);
  const attempt = {
    ...anAttempt({ clock, tokens }),
    methodToken: "pm_card_authenticationRequired",
  };
  assert.equal((await provider.create(attempt)).outcome.state, "needs_action");
  assert.equal((await provider.lookUp(attempt))?.outcome.state, "needs_action");
  assert.equal((await provider.cancel(attempt)).outcome.state, "cancelled");
});

test("what is processing at Stripe cannot be stopped, and cancel says so", async (t) => {
  const { clock, provider } = await stripeOf(t);
  const attempt = anAttempt({ clock, tokens }, "slow");
  await provider.create(attempt);
  assert.equal((await provider.cancel(attempt)).outcome.state, "processing");
});

test("a token or an amount that Stripe does not take fails, and leaves nothing open there", async (t) => {
  const { clock, double, provider } = await stripeOf(t);
  const failed = { state: "failed", reason: "payment_error" } as const;
  const unknown = { ...anAttempt({ clock, tokens }), methodToken: "pm_of_nobody" };
  assert.partialDeepStrictEqual((await provider.create(unknown)).outcome, failed);
  const small = {
    ...anAttempt({ clock, tokens }),
    amount: { amountMinor: 1, currency: "EUR" },
  };
  assert.partialDeepStrictEqual(await provider.create(small), {
    providerPaymentId: null,
    outcome: failed,
  });
  assert.equal(await provider.lookUp(small), null);
  assert.equal((await provider.cancel(small)).outcome.state, "cancelled");
  const states = [...double.account.intents.values()].map(({ status }) => status);
  assert.deepEqual(states, ["canceled"]);
});

test("a decline whose answer was lost is closed by whoever looks", async (t) => {
  const { clock, double, provider } = await stripeOf(t);
  const attempt = anAttempt({ clock, tokens }, "declined");
  double.faultOf = (request) => (request.endsWith("/confirm") ? "lost_answer" : null);
  await assert.rejects(provider.create(attempt), ProviderAway);
  double.faultOf = () => null;
  const failed = await provider.lookUp(attempt);
  assert.deepEqual(failed?.outcome, {
    state: "failed",
    reason: "card_error",
    message: "Your card was declined.",
  });
  assert.deepEqual(await provider.create(attempt), failed);
  assert.equal(double.account.intents.size, 1);
});

test("every way of not knowing is its own kind of away", async (t) => {
  const { clock, double, provider } = await stripeOf(t, 200);
  const kinds = {
    cut: "unreachable",
    lost_answer: "unreachable",
    no_answer: "timed_out",
    rate_limited: "rate_limited",
    error_500: "failing",
  } as const;
  for (const [fault, kind] of Object.entries(kinds)) {
    double.faultOf = () => fault as keyof typeof kinds;
    await assert.rejects(provider.create(anAttempt({ clock, tokens })), {
      name: "ProviderAway",
      kind,
    });
  }
  const wrongKey = await createStripeProvider({
    clock,
    secretKey: "sk_test_of_nobody",
    webhookSecrets: SECRETS,
    requestTimeoutMs: 10_000,
    server: double.server,
  });
  double.faultOf = () => null;
  const away = { name: "ProviderAway", kind: "misconfigured" };
  await assert.rejects(wrongKey.create(anAttempt({ clock, tokens })), away);
  const elsewhere = { ...anAttempt({ clock, tokens }), providerPaymentId: "pi_elsewhere" };
  await assert.rejects(provider.lookUp(elsewhere), away);
});

test("what is thrown and may be logged tells nothing of the payment but Stripe's request id", async (t) => {
  const { clock, double, provider } = await stripeOf(t);
  const attempt = anAttempt({ clock, tokens });
  const { providerPaymentId } = await provider.create(attempt);
  double.faultOf = () => "error_500";
  const known = { ...attempt, providerPaymentId };
  await assert.rejects(provider.lookUp(known), (error) => {
    assert.ok(error instanceof ProviderAway);
    assert.equal(error.cause, "StripeAPIError 500 req_double");
    return true;
  });
});

test("a payment whose key met a fault is found by the search once that has caught up", async (t) => {
  const { clock, double, provider } = await stripeOf(t);
  const attempt = anAttempt({ clock, tokens });
  await provider.create(attempt);
  // The intent is there; the key is answered with a fault.
  double.forgetKeys();
  double.faultOf = (request) => (request === "POST /v1/payment_intents" ? "error_500" : null);
  double.account.isSearchUpToDate = false;
  await assert.rejects(provider.lookUp(attempt), { name: "ProviderAway", kind: "failing" });
  double.faultOf = () => null;
  double.account.isSearchUpToDate = true;
  assert.equal((await provider.lookUp(attempt))?.outcome.state, "authorized");
  assert.equal(double.account.intents.size, 1);
});

test("a payment is found after Stripe forgot its key, and not made again", async (t) => {
  const { clock, double, provider } = await stripeOf(t);
  const attempt = anAttempt({ clock, tokens });
  await provider.create(attempt);
  double.forgetKeys();
  clock.advance(KEY_REMEMBERED_MS);
  assert.equal((await provider.lookUp(attempt))?.outcome.state, "authorized");
  assert.equal((await provider.create(attempt)).outcome.state, "authorized");
  assert.equal((await provider.confirm(attempt))?.outcome.state, "succeeded");
  assert.equal(await provider.lookUp({ ...attempt, attemptId: newId(clock) }), null);
  assert.equal(double.account.intents.size, 1);
});

test("what makes something carries a key of ours, and what an intent does once by itself does not", async (t) => {
  const { clock, double, provider } = await stripeOf(t);
  const attempt = anAttempt({ clock, tokens });
  const { providerPaymentId } = await provider.create(attempt);
  const known = { ...attempt, providerPaymentId };
  await provider.confirm(known);
  await provider.refund({ attempt: known, refundId: newId(clock), amount: attempt.amount });
  const keys = double.requests
    .filter(({ line }) => line.startsWith("POST "))
    .map(({ line, key = "" }) => [line.split("/").at(-1), key.replace(/^[\da-f-]{36}/, "id")])
    // The library makes one up where none is given, anew for each request.
    .map(([line, key = ""]) => [line, key.replace(/^stripe-node-retry-.+/, "made up")]);
  assert.deepEqual(keys, [
    ["payment_intents", "id:create"],
    ["confirm", "id:confirm"],
    ["capture", "made up"],
    ["refunds", "id"],
  ]);
});

test("a refund that is on its way counts as given, one that failed does not and can be tried anew", async (t) => {
  const { clock, double, provider } = await stripeOf(t);
  const attempt = anAttempt({ clock, tokens });
  await provider.create(attempt);
  await provider.confirm(attempt);
  const refund = () => provider.refund({ attempt, refundId: newId(clock), amount: attempt.amount });
  double.account.refundStatus = "failed";
  assert.partialDeepStrictEqual(await refund(), { refund: { state: "failed" } });
  assert.equal((await provider.lookUp(attempt))?.refunded.amountMinor, 0);
  double.account.refundStatus = "pending";
  assert.partialDeepStrictEqual(await refund(), { refund: { state: "pending" } });
  assert.deepEqual((await provider.lookUp(attempt))?.refunded, attempt.amount);
});

test("a refund that is asked for again after Stripe forgot its key is given once", async (t) => {
  const { clock, double, provider } = await stripeOf(t);
  const attempt = anAttempt({ clock, tokens });
  await provider.create(attempt);
  await provider.confirm(attempt);
  const amount = { amountMinor: 1_000, currency: "EUR" };
  const request = { attempt, refundId: newId<"rfd">(clock), amount };
  const first = await provider.refund(request);
  double.forgetKeys();
  clock.advance(KEY_REMEMBERED_MS);
  assert.deepEqual(await provider.refund(request), first);
  assert.deepEqual((await provider.lookUp(attempt))?.refunded, amount);
});

test("a payment that is cancelled in the middle of its creation is cancelled", async (t) => {
  const { clock, double, provider } = await stripeOf(t);
  double.faultOf = (request) => {
    const cancel = request.replace("/confirm", "/cancel");
    if (cancel !== request) {
      double.account.handle(cancel, { cancellation_reason: "requested_by_customer" });
    }
    return null;
  };
  const created = await provider.create(anAttempt({ clock, tokens }));
  assert.deepEqual(created.outcome, { state: "cancelled" });
});

test("money of currencies with no or three decimals is taken and given back as it was priced", async (t) => {
  const { clock, double, provider } = await stripeOf(t);
  const atStripe: [string, number, number][] = [
    ["JPY", 500, 500],
    ["ISK", 500, 50_000],
    ["UGX", 500, 50_000],
    ["MGA", 500_000, 5_000],
    ["KWD", 5_120, 5_120],
  ];
  for (const [currency, amountMinor, amount] of atStripe) {
    const attempt: Attempt = { ...anAttempt({ clock, tokens }), amount: { amountMinor, currency } };
    const { providerPaymentId } = await provider.create(attempt);
    assert.equal(double.account.intents.get(providerPaymentId ?? "")?.amount, amount);
    await provider.confirm(attempt);
    await provider.refund({ attempt, refundId: newId(clock), amount: attempt.amount });
    const payment = await provider.lookUp(attempt);
    assert.deepEqual(payment?.captured, attempt.amount);
    assert.deepEqual(payment?.refunded, attempt.amount);
  }
  const uneven = {
    ...anAttempt({ clock, tokens }),
    amount: { amountMinor: 5_124, currency: "KWD" },
  };
  await assert.rejects(provider.create(uneven), InvariantBroken);
});

test("an event that is about no payment is ignored, and one of two times is refused", async (t) => {
  const { clock, provider } = await stripeOf(t);
  const body = Buffer.from(
    JSON.stringify({ id: "evt_1", object: "event", type: "payout.paid", data: { object: {} } }),
  );
  const atMs = clock.now();
  const delivery = signStripeWebhook(body, { atMs, secret: SECRETS[0] });
  assert.deepEqual(await provider.readWebhook(delivery), {
    kind: "ignored",
    eventId: "evt_1",
    signedAtSeconds: Math.floor(atMs / 1000),
  });
  const old = signStripeWebhook(body, { atMs: clock.now() - 600_000, secret: SECRETS[0] });
  const fresh = `t=${Math.floor(clock.now() / 1000)},${old.headers["stripe-signature"]}`;
  assert.deepEqual(await provider.readWebhook({ headers: { "stripe-signature": fresh }, body }), {
    kind: "refused",
    reason: "malformed",
  });
});
