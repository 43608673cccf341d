import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { TestContext } from "node:test";
import { Stripe } from "stripe";
import type { Clock } from "#platform/clock.ts";
import type { WebhookDelivery } from "./provider.ts";
import {
  type Answered,
  createStripeAccount,
  type Form,
  type StripeAccount,
} from "./testing-stripe-account.ts";

/**
 * What goes wrong with a request: it does not arrive; it is done and the answer is lost; it is done and no answer
 * ever comes; Stripe fails while it does it, and keeps that answer; Stripe is asked too often.
 */
export type StripeFault = "cut" | "lost_answer" | "no_answer" | "error_500" | "rate_limited";

/** A local stand-in for api.stripe.com, for the real library over HTTP. Source: docs.stripe.com/api. */
export interface StripeDouble {
  readonly server: { readonly host: string; readonly port: number; readonly protocol: "http" };
  readonly account: StripeAccount;
  /** Asked for every request; the first line is like `POST /v1/refunds`. */
  faultOf: (request: string) => StripeFault | null;
  /** Every request that arrived, the first one first. */
  readonly requests: readonly StripeRequest[];
  /** Stripe forgets keys after a day at the earliest. */
  forgetKeys(): void;
  takeWebhooks(secret: string): readonly WebhookDelivery[];
}

interface StripeRequest {
  readonly line: string;
  readonly key: string | undefined;
  readonly form: Form;
}

/** One request with a key, as it was answered. Same key, other request: refused. */
interface KeptAnswer extends Answered {
  readonly line: string;
  readonly body: string;
}

export const STRIPE_DOUBLE_KEY = "sk_test_of_the_double";

/** Starts a double that is closed with the test. */
export async function startStripeDouble(t: TestContext, clock: Clock): Promise<StripeDouble> {
  const account = createStripeAccount(clock);
  const kept = new Map<string, KeptAnswer>();
  const requests: StripeRequest[] = [];
  const server = createServer((request, response) => {
    void answer(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const double: StripeDouble = {
    server: { host: "127.0.0.1", port: (server.address() as AddressInfo).port, protocol: "http" },
    account,
    faultOf: () => null,
    requests,
    forgetKeys: () => kept.clear(),
    takeWebhooks: (secret) =>
      account.takeEvents().map((event) => {
        const body = Buffer.from(JSON.stringify(event));
        return signStripeWebhook(body, { atMs: clock.now(), secret });
      }),
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://stripe");
    const line = `${request.method} ${url.pathname}`;
    const body = await text(request);
    const key = headerOf(request, "idempotency-key");
    const form = formOf(request.method === "POST" ? body : url.search.slice(1));
    requests.push({ line, key, form });
    const fault = double.faultOf(line);
    if (fault === "cut") return void request.socket.destroy();
    if (headerOf(request, "authorization") !== `Bearer ${STRIPE_DOUBLE_KEY}`) {
      return send(response, refusal(401, "invalid_request_error", "Invalid API Key provided."));
    }
    if (fault === "rate_limited") {
      return send(
        response,
        refusal(429, "invalid_request_error", "Too many requests.", "rate_limit"),
      );
    }
    const answered = withKey({ line, body, key }, () =>
      fault === "error_500"
        ? refusal(500, "api_error", "An unknown error occurred.")
        : account.handle(line, form),
    );
    if (fault === "lost_answer") return void request.socket.destroy();
    if (fault !== "no_answer") send(response, answered);
  }

  function withKey(
    { line, body, key }: { line: string; body: string; key: string | undefined },
    handle: () => Answered,
  ): Answered {
    if (key === undefined || !line.startsWith("POST ")) return handle();
    const before = kept.get(key);
    if (before !== undefined && (before.line !== line || before.body !== body)) {
      const message = "Keys for idempotent requests can only be used with the same parameters.";
      return refusal(400, "idempotency_error", message);
    }
    if (before !== undefined) return before;
    const answered = handle();
    // What is refused before anything is done is not kept.
    if (!answered.isInvalid) kept.set(key, { ...answered, line, body });
    return answered;
  }

  return double;
}

/** A webhook as Stripe signs it, by its own library. */
export function signStripeWebhook(
  body: Buffer,
  { atMs, secret }: { readonly atMs: number; readonly secret: string },
): WebhookDelivery {
  const signature = Stripe.webhooks.generateTestHeaderString({
    payload: body.toString(),
    secret,
    timestamp: Math.floor(atMs / 1000),
  });
  return { headers: { "stripe-signature": signature }, body };
}

function refusal(status: number, type: string, message: string, code?: string): Answered {
  return { status, json: { error: { type, message, code } }, isInvalid: false };
}

function send(response: ServerResponse, { status, json }: Answered): void {
  response.writeHead(status, { "content-type": "application/json", "request-id": "req_double" });
  response.end(JSON.stringify(json));
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === "string" ? value : undefined;
}

function formOf(encoded: string): Form {
  return Object.fromEntries(new URLSearchParams(encoded));
}
