import { type TestContext, test } from "node:test";
import type { TestClock } from "#platform/clock.ts";
import { type Id, newId } from "#platform/id.ts";
import type { Attempt, PaymentProvider, ProviderPayment, WebhookDelivery } from "./provider.ts";
import { PAYMENT_GUARANTEES } from "./testing-payments.ts";
import { REFUND_GUARANTEES } from "./testing-refunds.ts";
import { WEBHOOK_GUARANTEES } from "./testing-webhooks.ts";

/** A provider, and the world around it as far as a guarantee is about it. */
export interface ProviderUnderTest {
  readonly provider: PaymentProvider;
  readonly clock: TestClock;
  /** False where money that comes is taken at once, without `confirm`. */
  readonly isAuthorizedFirst: boolean;
  /** Tokens of a payer who pays, who is declined, and whose payment takes long. */
  readonly tokens: Readonly<Record<"pays" | "declined" | "slow", string>>;
  /** What happens outside of us after `create`. */
  readonly payer: {
    pays(attempt: Attempt): Promise<void>;
    isDeclined(attempt: Attempt): Promise<void>;
    isDone(attempt: Attempt): Promise<void>;
  };
  /** Null for a provider that nothing lies between. */
  readonly connection: {
    /** What is asked from now on is not done; done, and not answered; done and answered. */
    becomes(state: "cut" | "losing_answers" | "good"): void;
  } | null;
  /** Null for a provider that sends none. */
  readonly webhooks: WebhooksUnderTest | null;
}

export interface WebhooksUnderTest {
  /** What was sent since the last call. */
  taken(): Promise<readonly WebhookDelivery[]>;
  /** A body signed as the provider would sign it. */
  signed(body: Buffer, by: { atMs: number; secret: string }): WebhookDelivery;
  /** Both are good while the second takes the place of the first. */
  readonly secrets: readonly [string, string];
  /** A secret of the right form that is somebody else's. */
  readonly foreignSecret: string;
}

/** What every provider promises, as a test. */
export interface Guarantee {
  readonly name: string;
  readonly needs?: "connection" | "webhooks";
  prove(subject: ProviderUnderTest): Promise<void>;
}

/** Every guarantee of the port, against one provider. Those about a part that it does not have are left out. */
export function provesThePort(
  provider: string,
  has: readonly ("connection" | "webhooks")[],
  make: (t: TestContext) => Promise<ProviderUnderTest>,
): void {
  const all = [...PAYMENT_GUARANTEES, ...REFUND_GUARANTEES, ...WEBHOOK_GUARANTEES];
  for (const { name, needs, prove } of all) {
    if (needs !== undefined && !has.includes(needs)) continue;
    test(`${provider}: ${name}`, async (t) => prove(await make(t)));
  }
}

/** An attempt that no provider has heard of. */
export function anAttempt(
  { clock, tokens }: Pick<ProviderUnderTest, "clock" | "tokens">,
  payer: "pays" | "declined" | "slow" = "pays",
): Attempt {
  return {
    attemptId: newId<"pay">(clock),
    madeAt: clock.now(),
    amount: { amountMinor: 4_500, currency: "EUR" },
    methodToken: tokens[payer],
    providerPaymentId: null,
  };
}

/** An attempt whose money was taken. */
export async function aPaidAttempt(subject: ProviderUnderTest): Promise<Attempt> {
  const attempt = anAttempt(subject);
  await subject.provider.create(attempt);
  await subject.payer.pays(attempt);
  if (subject.isAuthorizedFirst) await subject.provider.confirm(attempt);
  return attempt;
}

/** The payment as the provider has it; there must be one. */
export async function lookedUp(
  { provider }: ProviderUnderTest,
  attempt: Attempt,
): Promise<ProviderPayment> {
  const payment = await provider.lookUp(attempt);
  if (payment === null) throw new Error("the provider does not know the attempt");
  return payment;
}

export function aRefundId({ clock }: ProviderUnderTest): Id<"rfd"> {
  return newId(clock);
}
