import type { Money } from "#platform/money.ts";
import type { AmountRefusal } from "./provider.ts";

// Source: docs.stripe.com/currencies. Our minor units are those of ISO 4217, and Stripe's are the same but for these.

/** No decimals in ISO 4217, two at Stripe, which must be zeros. */
const TWO_ZEROS_MORE = new Set(["ISK", "UGX"]);
/** Two decimals in ISO 4217, none at Stripe. */
const NO_DECIMALS = new Set(["MGA"]);
/** Three decimals here and there, and the last must be zero. */
const LAST_IS_ZERO = new Set(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]);
/** Stripe takes up to eight digits. */
const STRIPE_AMOUNT_MAX = 99_999_999;

/** Why Stripe cannot take an amount; null when it can, as far as the amount itself says. */
export function stripeRefusalOf({ amountMinor, currency }: Money): AmountRefusal | null {
  const isDivisible =
    (!LAST_IS_ZERO.has(currency) || amountMinor % 10 === 0) &&
    (!NO_DECIMALS.has(currency) || amountMinor % 100 === 0);
  if (!isDivisible) return "amount_not_divisible";
  const amount = toStripeAmount({ amountMinor, currency });
  return amount >= 1 && amount <= STRIPE_AMOUNT_MAX ? null : "amount_out_of_range";
}

/** An amount that is not refused, in Stripe's unit of its currency. */
export function toStripeAmount({ amountMinor, currency }: Money): number {
  if (TWO_ZEROS_MORE.has(currency)) return amountMinor * 100;
  return NO_DECIMALS.has(currency) ? amountMinor / 100 : amountMinor;
}

/** An amount as Stripe says it, in our minor units. Its currencies are in lower case. */
export function fromStripeAmount(amount: number, currency: string): Money {
  const code = currency.toUpperCase();
  if (TWO_ZEROS_MORE.has(code)) return { amountMinor: amount / 100, currency: code };
  return { amountMinor: NO_DECIMALS.has(code) ? amount * 100 : amount, currency: code };
}
