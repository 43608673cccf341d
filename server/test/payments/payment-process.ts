import {
  ADVANCE_JOB,
  advancePayment,
  applyWebhook,
  giveRefund,
  type PaymentsParts,
  type ProviderName,
  REFUND_JOB,
  reconcilePayments,
  settleReservationMoney,
  takeWebhook,
  WEBHOOK_JOB,
} from "#modules/payments/testing.ts";
import {
  createAvailabilityView,
  createPaymentLedger,
  createReservationReader,
  createStock,
  expireReservations,
} from "#modules/reservations/testing.ts";
import { Problem } from "#platform/http/problem.ts";
import type { Id } from "#platform/id.ts";
import { dropKept, keepJob, readKept } from "#platform/jobs/outbox.ts";
import { createSealing } from "#platform/tokens/sealing.ts";
import { testLog } from "#test/logs.ts";
import { Life, mortalDatabase, mortalProvider } from "./mortal.ts";
import { OFFER_SECONDS, type PaidWorld } from "./paid-world.ts";

const JOBS_AT_ONCE = 8;
const KEPT_READ = 500;

export type PaymentProcess = ReturnType<typeof startProcess>;

/** One process of ours in the world, without HTTP: the stock, the ledger, payments and what is done after commits. */
export function startProcess(world: PaidWorld, life = new Life()) {
  const { clock } = world;
  const database = mortalDatabase(world.database, life);
  const limits = { batchItemsMax: 200, queueItemsMax: 10_000 };
  const stock = createStock({ database, clock, limits });
  const availability = createAvailabilityView(database, clock);
  stock.onChanged((eventIds) => {
    for (const eventId of eventIds) availability.changed(eventId);
  });
  const catalog = { factsOfSlot: world.factsOfSlot, forget: () => undefined };
  const reader = createReservationReader({ database, clock, ...limits });
  const context = { database, clock, catalog, stock, reader, availability };
  const offline = mortalProvider(world.offline, life);
  const test = mortalProvider(world.test, life);
  const parts: PaymentsParts = {
    database,
    clock,
    ledger: createPaymentLedger(context),
    providers: { byName: new Map([test, offline].map((one) => [one.name, one])), offline },
    jobs: { send: (queryable, name, payload) => keepJob(queryable, { name, payload }), wake() {} },
    sealing: createSealing([world.secretKey], "payments"),
    offerSeconds: OFFER_SECONDS,
    log: testLog,
  };
  return {
    ...context,
    life,
    parts,
    /** Takes all that the test provider has to tell by now. As with any provider, what is refused is told no more. */
    async hear(): Promise<void> {
      for (const delivery of await world.test.takeWebhooks()) {
        await takeWebhook(parts, "test", delivery).catch((error) => {
          if (!(error instanceof Problem)) throw error;
        });
      }
    },
    /** Does what is kept to be done: at least once, in any order, and again if it was killed in between. */
    work: () => workThrough(parts, life),
    reconcile: () => reconcilePayments(parts),
    expire: () => expireReservations(context),
  };
}

/** Straight from the outbox: what the queue behind it adds is proved where it is (several processes, patience). */
async function workThrough(parts: PaymentsParts, life: Life): Promise<void> {
  for (;;) {
    const kept = await readKept(parts.database, KEPT_READ);
    if (kept.length === 0) return;
    const waiting = kept.values();
    const one = async () => {
      for (const { name, payload } of waiting) await doJob(parts, name, payload);
    };
    await Promise.all(Array.from({ length: JOBS_AT_ONCE }, one));
    life.mustLive();
    await dropKept(parts.database, kept);
  }
}

async function doJob(
  parts: PaymentsParts,
  name: string,
  payload: Readonly<Record<string, unknown>>,
): Promise<void> {
  switch (name) {
    case ADVANCE_JOB:
      return advancePayment(parts, payload["paymentId"] as Id<"pay">);
    case REFUND_JOB:
      return giveRefund(parts, payload["refundId"] as Id<"rfd">);
    case WEBHOOK_JOB:
      return applyWebhook(parts, {
        provider: payload["provider"] as ProviderName,
        providerEventId: payload["providerEventId"] as string,
        paymentId: payload["paymentId"] as Id<"pay"> | null,
      });
    case "reservation.worth-changed":
      return settleReservationMoney(parts, payload["reservationId"] as Id<"rsv">);
    default:
      throw new Error(`nobody does ${name}`);
  }
}
