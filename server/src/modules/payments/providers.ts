import { assert } from "#platform/assert.ts";
import type { Clock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import { derivedKey } from "#platform/tokens/sealing.ts";
import { createDatabaseQueue, createDatabaseStore } from "./database-record-store.ts";
import { createOfflineProvider, type OfflineProvider } from "./offline-provider.ts";
import type { PaymentProvider, ProviderName } from "./provider.ts";
import { stripeRefusalOf } from "./stripe-amounts.ts";
import { createStripeProvider, type StripeParts } from "./stripe-provider.ts";
import { createTestProvider, type TestProvider } from "./test-provider.ts";

/** Who can be asked to move money in this server. */
export interface Providers {
  readonly byName: ReadonlyMap<ProviderName, PaymentProvider>;
  readonly offline: OfflineProvider;
  /** Null: tickets cannot be had without money. */
  readonly test: TestProvider | null;
}

export interface ProvidersParts {
  readonly clock: Clock;
  readonly database: Database;
  /** The first signs what the test provider sends; all are accepted. */
  readonly secretKeys: readonly Buffer[];
  readonly payments: {
    readonly stripe: StripeAccess | null;
    readonly isTest: boolean;
  };
}

/** What it takes to use an account at Stripe. */
interface StripeAccess {
  readonly secretKey: string;
  readonly webhookSecrets: readonly string[];
  /** Null: Stripe itself. */
  readonly apiUrl: string | null;
}

/** How long Stripe may take for one request. Whoever waits for a payment waits in a job, which tries again. */
const STRIPE_REQUEST_TIMEOUT_MS = 10_000;

/** The providers that the configuration asks for. `offline` is always there: it needs nobody. */
export function createProviders(parts: ProvidersParts): Providers {
  const { clock, database, payments } = parts;
  const offline = createOfflineProvider({
    clock,
    payments: createDatabaseStore(database, "offline"),
  });
  const test = payments.isTest ? testProvider(parts) : null;
  const stripe = payments.stripe === null ? null : stripeWhenAsked(payments.stripe, clock);
  const all = [offline, test, stripe].filter((provider) => provider !== null);
  return { byName: new Map(all.map((provider) => [provider.name, provider])), offline, test };
}

function testProvider({ clock, database, secretKeys }: ProvidersParts): TestProvider {
  const [first, ...others] = secretKeys.map((key) => {
    return `whsec_${derivedKey(key, "webhooks of test payments").toString("base64")}`;
  });
  assert(first !== undefined, "there is a key to sign with");
  return createTestProvider({
    clock,
    secrets: [first, ...others],
    payments: createDatabaseStore(database, "test"),
    webhooks: createDatabaseQueue(database, "test_webhook"),
  });
}

/** Stripe, whose library is loaded when it is asked for the first time: a server starts without waiting for it. */
function stripeWhenAsked(access: StripeAccess, clock: Clock): PaymentProvider {
  let loading: Promise<PaymentProvider> | undefined;
  const stripe = () => {
    loading ??= createStripeProvider({
      clock,
      secretKey: access.secretKey,
      webhookSecrets: access.webhookSecrets,
      requestTimeoutMs: STRIPE_REQUEST_TIMEOUT_MS,
      ...(access.apiUrl !== null && { server: serverAt(access.apiUrl) }),
    });
    return loading;
  };
  return {
    name: "stripe",
    refusalOf: stripeRefusalOf,
    create: async (attempt) => (await stripe()).create(attempt),
    confirm: async (attempt) => (await stripe()).confirm(attempt),
    cancel: async (attempt) => (await stripe()).cancel(attempt),
    lookUp: async (attempt) => (await stripe()).lookUp(attempt),
    refund: async (request) => (await stripe()).refund(request),
    readWebhook: async (delivery) => (await stripe()).readWebhook(delivery),
  };
}

/** An origin in the parts that Stripe's library takes. */
function serverAt(origin: string): NonNullable<StripeParts["server"]> {
  const url = new URL(origin);
  const protocol = url.protocol === "http:" ? "http" : "https";
  const port = url.port === "" ? { http: 80, https: 443 }[protocol] : Number(url.port);
  return { host: url.hostname.replace(/^\[(.*)\]$/, "$1"), port, protocol };
}
