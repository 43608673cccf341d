import assert from "node:assert/strict";
import type { WebhookDelivery, WebhookReading } from "./provider.ts";
import {
  aPaidAttempt,
  type Guarantee,
  lookedUp,
  type ProviderUnderTest,
  type WebhooksUnderTest,
} from "./testing-conformance.ts";

/** What every provider that sends webhooks promises about them. */
export const WEBHOOK_GUARANTEES: readonly Guarantee[] = [
  {
    name: "what happens to a payment is told by a webhook that names the attempt",
    needs: "webhooks",
    async prove(subject) {
      const attempt = await aPaidAttempt(subject);
      const { providerPaymentId } = await lookedUp(subject, attempt);
      const sent = await all(subject).taken();
      const readings = await Promise.all(sent.map(subject.provider.readWebhook));
      assert.ok(readings.length > 1);
      for (const reading of readings) {
        assert.ok(reading.kind === "event");
        assert.equal(reading.attemptId, attempt.attemptId);
        assert.equal(reading.providerPaymentId, providerPaymentId);
      }
    },
  },
  {
    name: "webhooks may come again and in any order: each has its own id and leads to the present state",
    needs: "webhooks",
    async prove(subject) {
      const attempt = await aPaidAttempt(subject);
      const sent = await all(subject).taken();
      const ids = await Promise.all(sent.map((delivery) => eventIdOf(subject, delivery)));
      assert.equal(new Set(ids).size, sent.length);
      for (const delivery of [...sent.toReversed(), ...sent]) {
        assert.ok(ids.includes(await eventIdOf(subject, delivery)));
        assert.deepEqual((await lookedUp(subject, attempt)).outcome, { state: "succeeded" });
      }
    },
  },
  {
    name: "a webhook that nobody signed is refused",
    needs: "webhooks",
    async prove(subject) {
      const { body } = await aDelivery(subject);
      const reading = await subject.provider.readWebhook({ headers: {}, body });
      assert.deepEqual(reading, { kind: "refused", reason: "unsigned" });
    },
  },
  {
    name: "a webhook of which one byte was altered is refused, whichever byte it is",
    needs: "webhooks",
    async prove(subject) {
      const delivery = await aDelivery(subject);
      for (let index = 0; index < delivery.body.length; index++) {
        const body = Buffer.from(delivery.body);
        body[index] = (body[index] ?? 0) ^ 1;
        const reading = await subject.provider.readWebhook({ ...delivery, body });
        assert.deepEqual(reading, { kind: "refused", reason: "wrong_signature" });
      }
    },
  },
  {
    name: "a webhook signed with another secret, or with none that is like one, is refused",
    needs: "webhooks",
    async prove(subject) {
      const { body } = await aDelivery(subject);
      for (const secret of [all(subject).foreignSecret, "whsec_", "x"]) {
        assert.deepEqual(await signedAt(subject, { body, secret, offsetMs: 0 }), {
          kind: "refused",
          reason: "wrong_signature",
        });
      }
    },
  },
  {
    name: "while secrets are rotated, both sign",
    needs: "webhooks",
    async prove(subject) {
      const { body } = await aDelivery(subject);
      for (const secret of all(subject).secrets) {
        assert.equal((await signedAt(subject, { body, secret, offsetMs: 0 })).kind, "event");
      }
    },
  },
  {
    name: "a webhook may be five minutes old or ahead, and no more",
    needs: "webhooks",
    async prove(subject) {
      const { body } = await aDelivery(subject);
      const [secret] = all(subject).secrets;
      // The clock goes on between signing and reading, and times are whole seconds.
      for (const offsetMs of [-298_000, 298_000]) {
        assert.equal((await signedAt(subject, { body, secret, offsetMs })).kind, "event");
      }
      for (const offsetMs of [-302_000, 302_000, -86_400_000, 86_400_000]) {
        assert.deepEqual(await signedAt(subject, { body, secret, offsetMs }), {
          kind: "refused",
          reason: "too_old_or_new",
        });
      }
    },
  },
  {
    name: "a webhook that was good once is refused when it is replayed later",
    needs: "webhooks",
    async prove(subject) {
      const delivery = await aDelivery(subject);
      subject.clock.advance(302_000);
      assert.deepEqual(await subject.provider.readWebhook(delivery), {
        kind: "refused",
        reason: "too_old_or_new",
      });
    },
  },
  {
    name: "a webhook says when it was signed: its copy the same time, the event told again a later one",
    needs: "webhooks",
    async prove(subject) {
      const { provider, clock } = subject;
      const sent = await aDelivery(subject);
      const said = await provider.readWebhook(sent);
      assert.ok(said.kind === "event");
      assert.ok(Math.abs(said.signedAtSeconds - clock.now() / 1000) < 10);
      assert.deepEqual(await provider.readWebhook(sent), said);

      const [secret] = all(subject).secrets;
      const told = async (atMs: number) =>
        provider.readWebhook(all(subject).signed(sent.body, { atMs, secret }));
      const atSeconds = Math.floor(clock.now() / 1000);
      const first = await told(atSeconds * 1000);
      assert.ok(first.kind === "event");
      assert.equal(first.signedAtSeconds, atSeconds);
      const again = { ...first, signedAtSeconds: atSeconds + 60 };
      assert.deepEqual(await told((atSeconds + 60) * 1000), again);
    },
  },
  {
    name: "a signed body that is not an event is refused",
    needs: "webhooks",
    async prove(subject) {
      const [secret] = all(subject).secrets;
      for (const text of ["{", "null", "[]", "{}", '"text"', '{"data":null}', '{"payment":1}']) {
        assert.deepEqual(
          await signedAt(subject, { body: Buffer.from(text), secret, offsetMs: 0 }),
          {
            kind: "refused",
            reason: "malformed",
          },
        );
      }
    },
  },
];

function all({ webhooks }: ProviderUnderTest): WebhooksUnderTest {
  assert.ok(webhooks);
  return webhooks;
}

/** One that the provider really sent. */
async function aDelivery(subject: ProviderUnderTest): Promise<WebhookDelivery> {
  await aPaidAttempt(subject);
  const [delivery] = await all(subject).taken();
  assert.ok(delivery);
  assert.equal((await subject.provider.readWebhook(delivery)).kind, "event");
  return delivery;
}

async function eventIdOf(
  { provider }: ProviderUnderTest,
  delivery: WebhookDelivery,
): Promise<string> {
  const reading = await provider.readWebhook(delivery);
  assert.ok(reading.kind === "event");
  return reading.eventId;
}

function signedAt(
  subject: ProviderUnderTest,
  { body, secret, offsetMs }: { body: Buffer; secret: string; offsetMs: number },
): Promise<WebhookReading> {
  const atMs = subject.clock.now() + offsetMs;
  return subject.provider.readWebhook(all(subject).signed(body, { atMs, secret }));
}
