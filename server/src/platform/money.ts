import { assert } from "./assert.ts";

/** An amount in the smallest unit of its currency (cents, yen, fils). */
export interface Money {
  readonly amountMinor: number;
  /** ISO 4217, three capital letters. */
  readonly currency: string;
}

/** The sum of amounts of one currency; of none at all, zero. */
export function sum(amounts: readonly Money[], currency: string): Money {
  let amountMinor = 0;
  for (const amount of amounts) {
    assert(amount.currency === currency, "only amounts of one currency are added");
    amountMinor += amount.amountMinor;
  }
  assert(Number.isSafeInteger(amountMinor), "an amount is a safe integer of minor units");
  return { amountMinor, currency };
}

export function times(amount: Money, quantity: number): Money {
  return sum(
    [{ amountMinor: amount.amountMinor * quantity, currency: amount.currency }],
    amount.currency,
  );
}

/** So many hundredths of the amount, rounded half up to a whole minor unit. */
export function percentOf({ amountMinor, currency }: Money, percent: number): Money {
  // In two parts, so that no product is beyond the integers that a number holds exactly.
  const rest = amountMinor % 100;
  const hundreds = (amountMinor - rest) / 100;
  return sum(
    [{ amountMinor: hundreds * percent + Math.floor((rest * percent + 50) / 100), currency }],
    currency,
  );
}
