import { LOCALE } from "./locale.ts";

/** An amount in the minor unit of its currency. */
export interface Money {
  readonly amount_minor: number;
  readonly currency: string;
}

/** `€12.00`, or that it is free. */
export function priceOf({ amount_minor: amountMinor, currency }: Money): string {
  if (amountMinor === 0) return "free";
  const format = new Intl.NumberFormat(LOCALE, { style: "currency", currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(amountMinor / 10 ** digits);
}
