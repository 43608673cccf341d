import assert from "node:assert/strict";
import { InvariantBroken } from "#platform/assert.ts";
import { ProviderAway } from "./provider.ts";
import { anAttempt, aPaidAttempt, type Guarantee, lookedUp } from "./testing-conformance.ts";

/** What every provider promises about beginning, taking and ending a payment. */
export const PAYMENT_GUARANTEES: readonly Guarantee[] = [
  {
    name: "an attempt that is created twice, also at once, is one payment",
    async prove({ provider, clock, tokens }) {
      const attempt = anAttempt({ clock, tokens });
      const first = await provider.create(attempt);
      const again = await Promise.allSettled([provider.create(attempt), provider.create(attempt)]);
      assert.notEqual(first.providerPaymentId, null);
      for (const one of again) {
        // A provider may say that it is busy with the same attempt; then there is no second one either.
        if (one.status === "rejected") assert.ok(one.reason instanceof ProviderAway);
        else assert.deepEqual(one.value, first);
      }
    },
  },
  {
    name: "an attempt that comes back with another amount is our bug, and changes nothing",
    async prove(subject) {
      const attempt = anAttempt(subject);
      const first = await subject.provider.create(attempt);
      const dearer = { ...attempt, amount: { amountMinor: 9_900, currency: "EUR" } };
      await assert.rejects(subject.provider.create(dearer), InvariantBroken);
      assert.deepEqual(await lookedUp(subject, attempt), first);
    },
  },
  {
    name: "a payment is found by our own id when the answer to create was lost",
    needs: "connection",
    async prove(subject) {
      const attempt = anAttempt(subject);
      subject.connection?.becomes("losing_answers");
      await assert.rejects(subject.provider.create(attempt), ProviderAway);
      subject.connection?.becomes("good");
      const created = await subject.provider.create(attempt);
      assert.deepEqual(await lookedUp(subject, attempt), created);
      const { providerPaymentId } = created;
      assert.deepEqual(await lookedUp(subject, { ...attempt, providerPaymentId }), created);
    },
  },
  {
    name: "a provider that cannot be reached is away, and nothing has begun",
    needs: "connection",
    async prove(subject) {
      const attempt = anAttempt(subject);
      subject.connection?.becomes("cut");
      const { provider } = subject;
      for (const ask of [provider.create, provider.lookUp, provider.cancel, provider.confirm]) {
        await assert.rejects(ask(attempt), ProviderAway);
      }
      subject.connection?.becomes("good");
      assert.equal(await provider.lookUp(attempt), null);
    },
  },
  {
    name: "an attempt that the provider never heard of is null, and cannot be confirmed",
    async prove(subject) {
      assert.equal(await subject.provider.lookUp(anAttempt(subject)), null);
      const confirmed = await subject.provider.confirm(anAttempt(subject));
      assert.notEqual(confirmed?.outcome.state, "succeeded");
    },
  },
  {
    name: "money is taken whole and once, however often it is confirmed",
    async prove(subject) {
      const { provider, payer, isAuthorizedFirst } = subject;
      const attempt = anAttempt(subject);
      const created = await provider.create(attempt);
      assert.equal(created.captured.amountMinor, 0);
      await payer.pays(attempt);
      const paid = await lookedUp(subject, attempt);
      assert.equal(paid.outcome.state, isAuthorizedFirst ? "authorized" : "succeeded");
      for (const _ of [1, 2]) {
        const confirmed = await provider.confirm(attempt);
        assert.deepEqual(confirmed?.outcome, { state: "succeeded" });
        assert.deepEqual(confirmed.captured, attempt.amount);
      }
      assert.deepEqual((await lookedUp(subject, attempt)).captured, attempt.amount);
    },
  },
  {
    name: "what was confirmed is found taken when the answer was lost",
    needs: "connection",
    async prove(subject) {
      const attempt = anAttempt(subject);
      await subject.provider.create(attempt);
      await subject.payer.pays(attempt);
      const { providerPaymentId } = await lookedUp(subject, attempt);
      const known = { ...attempt, providerPaymentId };
      subject.connection?.becomes("losing_answers");
      await assert.rejects(subject.provider.confirm(known), ProviderAway);
      subject.connection?.becomes("good");
      assert.deepEqual((await subject.provider.confirm(known))?.captured, attempt.amount);
    },
  },
  {
    name: "a payment that was cancelled takes no money any more",
    async prove(subject) {
      const { provider, payer } = subject;
      const attempt = anAttempt(subject);
      await provider.create(attempt);
      if (subject.isAuthorizedFirst) await payer.pays(attempt);
      assert.deepEqual((await provider.cancel(attempt)).outcome, { state: "cancelled" });
      if (!subject.isAuthorizedFirst) await payer.pays(attempt);
      const after = [
        await provider.confirm(attempt),
        await provider.cancel(attempt),
        await provider.create(attempt),
        await provider.lookUp(attempt),
      ];
      for (const payment of after) {
        assert.deepEqual(payment?.outcome, { state: "cancelled" });
        assert.equal(payment.captured.amountMinor, 0);
      }
    },
  },
  {
    name: "a payment that succeeded cannot be cancelled, and says so",
    async prove(subject) {
      const attempt = await aPaidAttempt(subject);
      const cancelled = await subject.provider.cancel(attempt);
      assert.deepEqual(cancelled.outcome, { state: "succeeded" });
      assert.deepEqual(cancelled.captured, attempt.amount);
    },
  },
  {
    name: "an attempt that is cancelled before it arrives finds itself cancelled",
    async prove(subject) {
      const attempt = anAttempt(subject);
      const cancelled = await subject.provider.cancel(attempt);
      assert.deepEqual(cancelled.outcome, { state: "cancelled" });
      const late = await subject.provider.create(attempt);
      assert.deepEqual(late.outcome, { state: "cancelled" });
      assert.deepEqual((await lookedUp(subject, attempt)).outcome, { state: "cancelled" });
    },
  },
  {
    name: "what was declined says why in words for the payer, and stays failed",
    async prove(subject) {
      const { provider, payer } = subject;
      const attempt = anAttempt(subject, "declined");
      await provider.create(attempt);
      await payer.isDeclined(attempt);
      const failed = await lookedUp(subject, attempt);
      assert.equal(failed.outcome.state, "failed");
      assert.ok(failed.outcome.state === "failed" && failed.outcome.message.length > 10);
      assert.equal(failed.captured.amountMinor, 0);
      await payer.pays(attempt);
      for (const again of [provider.create, provider.confirm, provider.cancel, provider.lookUp]) {
        assert.deepEqual((await again(attempt))?.outcome, failed.outcome);
      }
    },
  },
  {
    name: "a payment that takes long is processing until it succeeds",
    async prove(subject) {
      const attempt = anAttempt(subject, "slow");
      const created = await subject.provider.create(attempt);
      assert.deepEqual(created.outcome, { state: "processing" });
      assert.equal(created.captured.amountMinor, 0);
      await subject.payer.isDone(attempt);
      const done = await lookedUp(subject, attempt);
      assert.deepEqual(done.outcome, { state: "succeeded" });
      assert.deepEqual(done.captured, attempt.amount);
    },
  },
];
