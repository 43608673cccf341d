import type { Stripe } from "stripe";
import type { Clock } from "#platform/clock.ts";
import { type Id, parseId } from "#platform/id.ts";
import type { WebhookDelivery, WebhookReading, WebhookRefusal } from "./provider.ts";
import { isTimely } from "./standard-webhooks.ts";

export interface StripeWebhookParts {
  readonly stripe: Stripe;
  readonly clock: Clock;
  /** More than one while they are rotated. */
  readonly secrets: readonly string[];
}

/** A tolerance of zero: the library leaves the time to us. */
const TIME_IS_CHECKED = 0;

/** Reads a webhook of Stripe by its own library, which looks at the signature before it looks at anything else. */
export function readStripeWebhook(
  { headers, body }: WebhookDelivery,
  parts: StripeWebhookParts,
): WebhookReading {
  const header = headers["stripe-signature"];
  if (typeof header !== "string" || header === "") return { kind: "refused", reason: "unsigned" };
  const verified = eventIn(body, header, parts);
  if ("refused" in verified) return { kind: "refused", reason: verified.refused };
  const { id: eventId, type, subject, signedAtSeconds } = verified;
  const isIntent = type.startsWith("payment_intent.");
  const isOfPayment = isIntent || /^(?:charge|refund)\./.test(type);
  const paymentId = isIntent ? subject["id"] : subject["payment_intent"];
  if (!isOfPayment || typeof paymentId !== "string") {
    return { kind: "ignored", eventId, signedAtSeconds };
  }
  const attemptId = attemptIn(subject["metadata"]);
  return { kind: "event", eventId, attemptId, providerPaymentId: paymentId, signedAtSeconds };
}

/** As much of an event as is looked at, once it is known to be theirs. */
interface SignedEvent {
  readonly id: string;
  readonly type: string;
  readonly subject: Readonly<Record<string, unknown>>;
  readonly signedAtSeconds: number;
}

function eventIn(
  body: Buffer,
  header: string,
  { stripe, clock, secrets }: StripeWebhookParts,
): SignedEvent | { readonly refused: WebhookRefusal } {
  // The library lets pass what comes from the future, so the time is looked at here. Where several are said
  // it takes one, and we might take another: then it is refused.
  const times = header.split(",").filter((part) => part.startsWith("t="));
  const time = /^t=(\d{1,12})$/.exec(times[0] ?? "")?.[1];
  if (time === undefined || times.length > 1) return { refused: "malformed" };
  const signedAtSeconds = Number(time);
  if (!isTimely(signedAtSeconds, clock)) return { refused: "too_old_or_new" };
  for (const secret of secrets) {
    try {
      const event = stripe.webhooks.constructEvent(body, header, secret, TIME_IS_CHECKED);
      const known = read(event);
      return known === null ? { refused: "malformed" } : { ...known, signedAtSeconds };
    } catch (error) {
      const isSigned = !(error instanceof stripe.errors.StripeSignatureVerificationError);
      if (isSigned) return { refused: "malformed" };
    }
  }
  return { refused: "wrong_signature" };
}

/** The library looks at the signature, not at what was signed. */
function read(event: unknown): Omit<SignedEvent, "signedAtSeconds"> | null {
  if (!isRecord(event) || !isRecord(event["data"]) || !isRecord(event["data"]["object"]))
    return null;
  const { id, type } = event;
  const isNamed = typeof id === "string" && typeof type === "string";
  return isNamed ? { id, type, subject: event["data"]["object"] } : null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** The attempt that Stripe was told to remember, null for what is not ours. */
export function attemptIn(metadata: unknown): Id<"pay"> | null {
  const named = isRecord(metadata) ? metadata["attempt_id"] : null;
  return typeof named === "string" ? parseId("pay", named) : null;
}
