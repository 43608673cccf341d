import assert from "node:assert/strict";
import { test } from "node:test";
import { type PaymentProvider, paymentsOf, reconcilePayments } from "#modules/payments/testing.ts";
import { TestClock } from "#platform/clock.ts";
import type { Id } from "#platform/id.ts";
import { testDatabase } from "#test/database.ts";
import { mustBeSettled, settleEverything } from "./everything-settled.ts";
import { hold, pay } from "./holder.ts";
import { createPaidWorld } from "./paid-world.ts";
import { startProcess } from "./payment-process.ts";

test("a payment and a webhook that cannot be looked at, for a bug of ours, keep no others waiting", async (t) => {
  const world = createPaidWorld(await testDatabase(t), new TestClock());
  const sale = await world.sell([4]);
  const process = startProcess(world);
  const line = { slotId: sale.slotIds[0] as Id<"slt">, ticketTypeId: sale.adult, quantity: 1 };
  const wrong = (await hold(process, [line])) as Id<"rsv">;
  const wrongPayment = await pay(process, wrong, "slow");
  await world.test.create({ ...wrongPayment, attemptId: wrongPayment.paymentId });
  const right = (await hold(process, [line])) as Id<"rsv">;
  await pay(process, right, "ok");
  world.clock.advance(31_000);
  await process.hear();

  const broken: PaymentProvider = {
    ...world.test,
    create: (attempt) => {
      if (attempt.attemptId === wrongPayment.paymentId) throw new Error("a bug of ours");
      return world.test.create(attempt);
    },
  };
  const byName = new Map(process.parts.providers.byName).set("test", broken);
  const providers = { ...process.parts.providers, byName };
  await reconcilePayments({ ...process.parts, providers });
  const resultOf = async (reservationId: Id<"rsv">) =>
    (await paymentsOf(world.database.kysely, reservationId)).map(({ result }) => result);
  assert.deepEqual([await resultOf(wrong), await resultOf(right)], [[null], ["confirmed"]]);

  await settleEverything(world);
  await mustBeSettled(world, [sale]);
  assert.deepEqual(await resultOf(wrong), ["confirmed"]);
});
