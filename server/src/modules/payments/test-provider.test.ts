import assert from "node:assert/strict";
import { test } from "node:test";
import { TestClock } from "#platform/clock.ts";
import type { KeptPayment } from "./kept-payment.ts";
import { createMapQueue, createMapStore } from "./record-store.ts";
import { signWebhook } from "./standard-webhooks.ts";
import { createTestProvider, type QueuedWebhook, SLOW_MS } from "./test-provider.ts";
import { anAttempt, type ProviderUnderTest, provesThePort } from "./testing-conformance.ts";

const [OLD, NEW, FOREIGN] = ["old", "new", "foreign"].map(
  (text) => `whsec_${Buffer.from(`${text} secret of webhooks`).toString("base64")}`,
) as [string, string, string];
const tokens = { pays: "ok", declined: "card_error", slow: "slow" };

provesThePort("test", ["connection", "webhooks"], async (): Promise<ProviderUnderTest> => {
  const clock = new TestClock();
  const provider = createTestProvider({ clock, secrets: [OLD, NEW] });
  return {
    provider,
    clock,
    isAuthorizedFirst: true,
    tokens,
    payer: {
      pays: async () => {},
      isDeclined: async () => {},
      isDone: async () => clock.advance(SLOW_MS),
    },
    connection: {
      becomes(state) {
        provider.switches.isAway = state === "cut";
        provider.switches.losesAnswers = state === "losing_answers";
      },
    },
    webhooks: {
      taken: provider.takeWebhooks,
      signed: (body, { atMs, secret }) =>
        signWebhook({ id: "evt_signed", atSeconds: Math.floor(atMs / 1000), body, secret }),
      secrets: [OLD, NEW],
      foreignSecret: FOREIGN,
    },
  };
});

test("each token has its outcome, and an unknown one is a payment error", async () => {
  const clock = new TestClock();
  const provider = createTestProvider({ clock, secrets: [OLD] });
  const outcomeOf = async (methodToken: string | null) => {
    const { outcome } = await provider.create({ ...anAttempt({ clock, tokens }), methodToken });
    return outcome.state === "failed" ? outcome.reason : outcome.state;
  };
  assert.equal(await outcomeOf("ok"), "authorized");
  assert.equal(await outcomeOf("card_error"), "card_error");
  assert.equal(await outcomeOf("payment_error"), "payment_error");
  assert.equal(await outcomeOf("slow"), "processing");
  assert.equal(await outcomeOf("never"), "processing");
  assert.equal(await outcomeOf("of nobody"), "payment_error");
  assert.equal(await outcomeOf(null), "payment_error");
});

test("one that never ends is processing after a year, until it is cancelled", async () => {
  const clock = new TestClock();
  const provider = createTestProvider({ clock, secrets: [OLD] });
  const attempt = { ...anAttempt({ clock, tokens }), methodToken: "never" };
  await provider.create(attempt);
  clock.advance(365 * 86_400_000);
  assert.equal((await provider.lookUp(attempt))?.outcome.state, "processing");
  assert.equal((await provider.cancel(attempt)).outcome.state, "cancelled");
});

test("a slow payment that was cancelled in time does not succeed later", async () => {
  const clock = new TestClock();
  const provider = createTestProvider({ clock, secrets: [OLD] });
  const attempt = anAttempt({ clock, tokens }, "slow");
  await provider.create(attempt);
  assert.equal((await provider.cancel(attempt)).outcome.state, "cancelled");
  clock.advance(SLOW_MS);
  assert.equal((await provider.lookUp(attempt))?.outcome.state, "cancelled");
});

test("payments and webhooks outlive the process where their stores do", async () => {
  const clock = new TestClock();
  const parts = {
    clock,
    secrets: [OLD] as const,
    payments: createMapStore<KeptPayment>(),
    webhooks: createMapQueue<QueuedWebhook>(),
  };
  const attempt = anAttempt({ clock, tokens });
  await createTestProvider(parts).create(attempt);
  const restarted = createTestProvider(parts);
  assert.equal((await restarted.confirm(attempt))?.outcome.state, "succeeded");
  assert.equal((await restarted.takeWebhooks()).length, 2);
});

test("webhooks are dropped, repeated, reordered and delayed as the switches say", async () => {
  const clock = new TestClock();
  const provider = createTestProvider({ clock, secrets: [OLD] });
  const { switches } = provider;
  const idsOfTwo = async () => {
    await provider.create(anAttempt({ clock, tokens }));
    await provider.create(anAttempt({ clock, tokens }));
    return idsTaken();
  };
  const idsTaken = async () =>
    (await provider.takeWebhooks()).map(({ headers }) => String(headers["webhook-id"]));

  assert.equal((await idsOfTwo()).length, 2);
  assert.equal((await idsTaken()).length, 0);
  switches.webhookDeliveries = 3;
  const thrice = await idsOfTwo();
  assert.equal(thrice.length, 6);
  assert.equal(new Set(thrice).size, 2);
  switches.webhookDeliveries = 1;

  switches.webhookDelayMs = 60_000;
  assert.equal((await idsOfTwo()).length, 0);
  clock.advance(60_000);
  assert.equal((await idsTaken()).length, 2);
  switches.webhookDelayMs = 0;

  const seen: string[] = [];
  switches.dropsWebhook = (eventId) => {
    seen.push(eventId);
    return false;
  };
  switches.reordersWebhooks = true;
  assert.deepEqual((await idsOfTwo()).toReversed(), seen);
  switches.dropsWebhook = () => true;
  assert.equal((await idsOfTwo()).length, 0);
});

test("a webhook that comes more than once is signed anew each time, the later ones later", async () => {
  const clock = new TestClock();
  const provider = createTestProvider({ clock, secrets: [OLD] });
  provider.switches.webhookDeliveries = 3;
  await provider.create(anAttempt({ clock, tokens }));
  const sent = await provider.takeWebhooks();
  const readings = await Promise.all(sent.map(provider.readWebhook));
  const times = readings.map((reading) => {
    assert.ok(reading.kind === "event");
    return reading.signedAtSeconds;
  });
  const [first = 0] = times;
  assert.deepEqual(times, [first, first + 1, first + 2]);
});
