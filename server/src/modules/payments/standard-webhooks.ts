import { createHmac, timingSafeEqual } from "node:crypto";
import type { Clock } from "#platform/clock.ts";
import {
  WEBHOOK_TOLERANCE_SECONDS,
  type WebhookDelivery,
  type WebhookRefusal,
} from "./provider.ts";

// Source: the Standard Webhooks specification (standardwebhooks.com): `v1,` and the base64 of an HMAC-SHA256
// over id, time and body with dots between; the secret is `whsec_` and base64.

export interface Signing {
  readonly id: string;
  readonly atSeconds: number;
  readonly body: Buffer;
  readonly secret: string;
}

/** A delivery as any Standard Webhooks library verifies it. */
export function signWebhook(signing: Signing): WebhookDelivery {
  return {
    headers: {
      "content-type": "application/json",
      "webhook-id": signing.id,
      "webhook-timestamp": String(signing.atSeconds),
      "webhook-signature": `v1,${macOf(signing).toString("base64")}`,
    },
    body: signing.body,
  };
}

/** Id and time of a delivery that was signed with one of the secrets and lately, or why it is refused. */
export function verifyWebhook(
  { headers, body }: WebhookDelivery,
  { secrets, clock }: { readonly secrets: readonly string[]; readonly clock: Clock },
): Pick<Signing, "id" | "atSeconds"> | { readonly refused: WebhookRefusal } {
  const id = headers["webhook-id"];
  const time = headers["webhook-timestamp"];
  const signatures = headers["webhook-signature"];
  if (typeof id !== "string" || typeof time !== "string" || typeof signatures !== "string") {
    return { refused: "unsigned" };
  }
  if (!/^\d{1,12}$/.test(time)) return { refused: "malformed" };
  const atSeconds = Number(time);
  const given = signatures
    .split(" ")
    .filter((signature) => signature.startsWith("v1,"))
    .map((signature) => Buffer.from(signature.slice(3), "base64"));
  const isSigned = secrets.some((secret) => {
    const mac = macOf({ id, atSeconds, body, secret });
    return given.some((one) => one.length === mac.length && timingSafeEqual(one, mac));
  });
  if (!isSigned) return { refused: "wrong_signature" };
  return isTimely(atSeconds, clock) ? { id, atSeconds } : { refused: "too_old_or_new" };
}

/** Whether a webhook's time is close enough to ours, in either direction. */
export function isTimely(atSeconds: number, clock: Clock): boolean {
  return Math.abs(clock.now() / 1000 - atSeconds) <= WEBHOOK_TOLERANCE_SECONDS;
}

function macOf({ id, atSeconds, body, secret }: Signing): Buffer {
  return createHmac("sha256", Buffer.from(secret.replace(/^whsec_/, ""), "base64"))
    .update(`${id}.${atSeconds}.`)
    .update(body)
    .digest();
}
