import {
  httpOrigin,
  integer,
  onOff,
  secretText,
  secretTexts,
} from "#platform/configuration/readers.ts";
import type { Values, Variable } from "#platform/configuration/variables.ts";

/** What can be set about payments. */
export const PAYMENT_VARIABLES = {
  stripeSecretKey: {
    name: "STRIPE_SECRET_KEY",
    unit: "key",
    fallback: null,
    defaultText: "none: nobody can pay by Stripe",
    range: "a secret or a restricted key; together with STRIPE_WEBHOOK_SECRET",
    sentence: "With it tickets can be paid by Stripe: docs/operating/payments.md.",
    isSecret: true,
    read: secretText,
  },
  stripeWebhookSecrets: {
    name: "STRIPE_WEBHOOK_SECRET",
    unit: "signing secrets, comma separated",
    fallback: null,
    defaultText: "none",
    range: "as Stripe shows them; together with STRIPE_SECRET_KEY",
    sentence:
      "What Stripe signs its webhooks with. Each of them is accepted: have the old and the new one while they are rotated.",
    isSecret: true,
    read: secretTexts,
  },
  stripePublishableKey: {
    name: "STRIPE_PUBLISHABLE_KEY",
    unit: "key",
    fallback: null,
    defaultText: "none: a payer cannot enter a card in the browser",
    range: "the publishable key of the same account",
    sentence: "Shown to every browser that pays by Stripe.",
    read: secretText,
  },
  stripeApiUrl: {
    name: "STRIPE_API_URL",
    unit: "URL",
    fallback: null,
    defaultText: "none: Stripe itself",
    range: "http or https, without a path",
    sentence: "What is asked in Stripe's place, for trying things out. It is sent the secret key.",
    read: httpOrigin,
  },
  testPayments: {
    name: "TEST_PAYMENTS",
    unit: "",
    fallback: null,
    defaultText: "with TEST_CLOCK: on; otherwise off",
    range: "on, off",
    sentence:
      "Whether payments can be made by the provider `test`, which gives tickets without money. Never where tickets are sold.",
    read: onOff,
  },
  paymentWaitSeconds: {
    name: "PAYMENT_WAIT_SECONDS",
    unit: "seconds",
    fallback: 1800,
    range: "60 to 86400",
    sentence: "How long a hold waits at most for a payment that is under way.",
    read: integer(60, 86_400),
  },
  paymentOfferHours: {
    name: "PAYMENT_OFFER_HOURS",
    unit: "hours",
    fallback: 24,
    range: "1 to 168",
    sentence:
      "How long somebody who paid too late is offered other places before the money goes back.",
    read: integer(1, 168),
  },
} as const satisfies Record<string, Variable<unknown>>;

/** How tickets can be paid. Frozen; secrets are in here, so it is never logged. */
export interface PaymentConfig {
  /** Null: nobody can pay by Stripe. */
  readonly stripe: {
    readonly secretKey: string;
    /** All are accepted. */
    readonly webhookSecrets: readonly [string, ...string[]];
    /** For browsers; null: none is shown. */
    readonly publishableKey: string | null;
    /** Null: Stripe itself. */
    readonly apiUrl: string | null;
  } | null;
  /** Whether tickets can be had without money. */
  readonly isTest: boolean;
  /** How long a hold waits at most for a payment that is under way. */
  readonly waitSeconds: number;
  /** How long who paid too late is offered other places. */
  readonly offerHours: number;
}

/** The part of the configuration that is about payments, as far as `errors` says that it is one. */
export function paymentConfig(
  values: Values<typeof PAYMENT_VARIABLES>,
  { testClock, errors }: { readonly testClock: boolean; readonly errors: string[] },
): PaymentConfig {
  return Object.freeze({
    stripe: stripeConfig(values, errors),
    isTest: values.testPayments ?? testClock,
    waitSeconds: values.paymentWaitSeconds,
    offerHours: values.paymentOfferHours,
  });
}

function stripeConfig(
  values: Values<typeof PAYMENT_VARIABLES>,
  errors: string[],
): PaymentConfig["stripe"] {
  const { stripeSecretKey: secretKey, stripeWebhookSecrets: webhookSecrets } = values;
  if (secretKey === null && webhookSecrets === null) return null;
  if (secretKey === null || webhookSecrets === null) {
    errors.push(
      "STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET go together: set both, or none to do without Stripe.",
    );
    return null;
  }
  const publishableKey = values.stripePublishableKey;
  if (publishableKey !== null && /^(?:sk|rk|whsec)_/.test(publishableKey)) {
    errors.push("STRIPE_PUBLISHABLE_KEY is a secret one, and would be shown to every browser.");
  }
  return Object.freeze({
    secretKey,
    webhookSecrets,
    publishableKey,
    apiUrl: values.stripeApiUrl,
  });
}
