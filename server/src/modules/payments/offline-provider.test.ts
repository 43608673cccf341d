import assert from "node:assert/strict";
import { test } from "node:test";
import { TestClock } from "#platform/clock.ts";
import { type Id, newId } from "#platform/id.ts";
import { createOfflineProvider } from "./offline-provider.ts";
import { anAttempt, type ProviderUnderTest, provesThePort } from "./testing-conformance.ts";

const tokens = { pays: "", declined: "", slow: "" };

provesThePort("offline", [], async (): Promise<ProviderUnderTest> => {
  const clock = new TestClock();
  const provider = createOfflineProvider({ clock });
  const received = async (attempt: Parameters<typeof provider.settle>[0]) => {
    await provider.settle(attempt, "received");
  };
  return {
    provider,
    clock,
    isAuthorizedFirst: false,
    tokens,
    payer: {
      pays: received,
      isDone: received,
      isDeclined: async (attempt) => {
        await provider.settle(attempt, "not_received");
      },
    },
    connection: null,
    webhooks: null,
  };
});

test("a payment waits for what a manager says, who says it once", async () => {
  const clock = new TestClock();
  const provider = createOfflineProvider({ clock });
  const attempt = anAttempt({ clock, tokens });
  assert.equal(await provider.settle(attempt, "received"), null);
  await provider.create(attempt);
  clock.advance(30 * 86_400_000);
  assert.equal((await provider.lookUp(attempt))?.outcome.state, "processing");
  assert.equal((await provider.settle(attempt, "received"))?.outcome.state, "succeeded");
  assert.equal((await provider.settle(attempt, "not_received"))?.outcome.state, "succeeded");
});

test("a refund is noted, to be made by hand", async () => {
  const clock = new TestClock();
  const provider = createOfflineProvider({ clock });
  const attempt = anAttempt({ clock, tokens });
  await provider.create(attempt);
  await provider.settle(attempt, "received");
  const refundId: Id<"rfd"> = newId(clock);
  const amount = { amountMinor: 500, currency: "EUR" };
  const result = await provider.refund({ attempt, refundId, amount });
  assert.deepEqual(result, { refund: { refundId, amount, state: "by_hand" } });
});

test("nobody sends webhooks for it", async () => {
  const provider = createOfflineProvider({ clock: new TestClock() });
  const reading = await provider.readWebhook({ headers: {}, body: Buffer.from("{}") });
  assert.deepEqual(reading, { kind: "refused", reason: "unsigned" });
});
