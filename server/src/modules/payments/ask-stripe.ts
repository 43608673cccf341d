import type { Stripe } from "stripe";
import { assert } from "#platform/assert.ts";
import { type AwayKind, ProviderAway } from "./provider.ts";

/** What Stripe said: what was asked for, or its refusal. */
export type Asked<Answer> = { readonly answer: Answer } | { readonly refusal: StripeFailure };

/** As much of the library's errors as is looked at. Which class they are is said by `type`. */
interface StripeFailure {
  readonly type: string;
  readonly message: string;
  readonly code: string | undefined;
  readonly statusCode: number | undefined;
  readonly requestId: string | undefined;
}

/**
 * Waits for a request of the library. Refusals of the request or of the card are values; whatever leaves open
 * what Stripe did is thrown as `ProviderAway`.
 */
export async function askStripe<Answer>(request: Promise<Answer>): Promise<Asked<Answer>> {
  try {
    return { answer: await request };
  } catch (error) {
    if (!isStripeFailure(error)) throw error;
    assert(error.type !== "StripeIdempotencyError", "a key is repeated with the same request only");
    if (error.type === "StripeCardError" || error.type === "StripeInvalidRequestError") {
      return { refusal: error };
    }
    throw awayFor(awayKindOf(error), error);
  }
}

/**
 * Away, with what Stripe's support asks for. The library's error itself stays here: it carries the payment and its
 * client secret, and what is thrown gets logged.
 */
export function awayFor(kind: AwayKind, failure: StripeFailure): ProviderAway {
  const { type, code, statusCode, requestId } = failure;
  const said = [type, statusCode, code, requestId].filter((part) => part !== undefined);
  return new ProviderAway(kind, { cause: said.join(" ") });
}

function isStripeFailure(error: unknown): error is StripeFailure & Stripe.errors.StripeError {
  return error instanceof Error && "type" in error && String(error.type).startsWith("Stripe");
}

function awayKindOf({ type, message }: StripeFailure): AwayKind {
  switch (type) {
    case "StripeConnectionError":
      return /timeout/.test(message) ? "timed_out" : "unreachable";
    case "StripeRateLimitError":
      return "rate_limited";
    case "StripeAuthenticationError":
    case "StripePermissionError":
      return "misconfigured";
    default:
      // A fault over there, or a request with the same key that is still on its way there.
      return "failing";
  }
}
