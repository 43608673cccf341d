import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fromStripeAmount, stripeRefusalOf, toStripeAmount } from "./stripe-amounts.ts";

test("amounts are said in Stripe's unit of their currency", () => {
  const table: [string, number, number][] = [
    ["EUR", 1_050, 1_050],
    ["JPY", 500, 500],
    ["ISK", 5, 500],
    ["UGX", 5, 500],
    ["MGA", 500, 5],
    ["KWD", 5_120, 5_120],
  ];
  for (const [currency, amountMinor, amount] of table) {
    assert.equal(toStripeAmount({ amountMinor, currency }), amount);
    assert.deepEqual(fromStripeAmount(amount, currency.toLowerCase()), { amountMinor, currency });
  }
});

test("an amount that Stripe would round or cannot write is refused", () => {
  const refusalOf = (amountMinor: number, currency: string) =>
    stripeRefusalOf({ amountMinor, currency });
  assert.equal(refusalOf(5_124, "KWD"), "amount_not_divisible");
  assert.equal(refusalOf(5_120, "KWD"), null);
  assert.equal(refusalOf(550, "MGA"), "amount_not_divisible");
  assert.equal(refusalOf(0, "EUR"), "amount_out_of_range");
  assert.equal(refusalOf(99_999_999, "EUR"), null);
  assert.equal(refusalOf(100_000_000, "EUR"), "amount_out_of_range");
  assert.equal(refusalOf(999_999, "ISK"), null);
  assert.equal(refusalOf(1_000_000, "ISK"), "amount_out_of_range");
});

test("what Stripe takes comes back as the same amount, in whole units", () => {
  const currency = fc.constantFrom("EUR", "USD", "JPY", "ISK", "UGX", "MGA", "KWD", "TND");
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 200_000_000 }), currency, (amountMinor, code) => {
      const money = { amountMinor, currency: code };
      fc.pre(stripeRefusalOf(money) === null);
      const amount = toStripeAmount(money);
      assert.ok(Number.isSafeInteger(amount));
      assert.deepEqual(fromStripeAmount(amount, code.toLowerCase()), money);
    }),
  );
});
