import type { TestContext } from "node:test";
import {
  STRIPE_DOUBLE_KEY,
  type StripeDouble,
  signStripeWebhook,
  startStripeDouble,
} from "#modules/payments/testing.ts";
import type { Config } from "#src/config.ts";
import { noteSecret } from "#test/logs.ts";
import { type TestServer, testServer } from "#test/server.ts";
import { PAYMENTS } from "./paying.ts";

export const OLD_SECRET = "whsec_of_the_old_endpoint";
export const SECRET = "whsec_of_the_new_endpoint";

export type Delivery = ReturnType<typeof signStripeWebhook>;

export interface Shop {
  readonly server: TestServer;
  readonly stripe: StripeDouble;
  /** What Stripe has to tell by now, signed at this moment. */
  taken(secret?: string): readonly Delivery[];
  /** Posts it, as Stripe would; the statuses of the answers. */
  tells(secret?: string): Promise<readonly number[]>;
  /** An event as Stripe signs it, so many seconds from now. */
  signed(event: unknown, inSeconds?: number, secret?: string): Delivery;
}

/** The server with an account at Stripe. */
export async function aShop(
  t: TestContext,
  payments: Partial<Config["payments"]> = {},
): Promise<Shop> {
  let server: TestServer | undefined;
  const now = () => server?.app.clock.now() ?? 0;
  const stripe = await startStripeDouble(t, { now, shiftMs: 0 });
  const { host, port, protocol } = stripe.server;
  const access: Config["payments"]["stripe"] = {
    secretKey: STRIPE_DOUBLE_KEY,
    webhookSecrets: [SECRET, OLD_SECRET],
    publishableKey: "pk_test_of_the_double",
    apiUrl: `${protocol}://${host}:${port}`,
  };
  for (const secret of [STRIPE_DOUBLE_KEY, SECRET, OLD_SECRET]) noteSecret("of Stripe", secret);
  server = await testServer(t, { payments: { ...PAYMENTS, stripe: access, ...payments } });
  const { url } = server;
  const taken = (secret = SECRET) => stripe.takeWebhooks(secret);
  return {
    server,
    stripe,
    taken,
    async tells(secret) {
      const statuses: number[] = [];
      for (const delivery of taken(secret)) {
        statuses.push((await postWebhook(url, "stripe", delivery)).status);
      }
      return statuses;
    },
    signed: (event, inSeconds = 0, secret = SECRET) =>
      signStripeWebhook(Buffer.from(JSON.stringify(event)), {
        atMs: now() + inSeconds * 1000,
        secret,
      }),
  };
}

/** Posts a webhook; the answer, and why it was refused. */
export async function postWebhook(
  url: string,
  provider: string,
  { headers, body }: Pick<Delivery, "headers" | "body">,
): Promise<{ readonly status: number; readonly code: string; readonly reason: string }> {
  const answer = await fetch(`${url}/v1/payment-webhooks/${provider}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(headers as Record<string, string>) },
    body: new Uint8Array(body),
  });
  const text = await answer.text();
  const said: { code?: string; reasons?: { code: string }[] } = text === "" ? {} : JSON.parse(text);
  const { code = "", reasons = [] } = said;
  return { status: answer.status, code, reason: reasons[0]?.code ?? "" };
}
