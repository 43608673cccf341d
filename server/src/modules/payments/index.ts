import type { Catalog } from "#modules/catalog/index.ts";
import type { Audit } from "#modules/organizers/index.ts";
import type { Asker, PaymentLedger } from "#modules/reservations/index.ts";
import type { Clock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import type { Caller } from "#platform/http/authentication.ts";
import type { Id } from "#platform/id.ts";
import type { Jobs } from "#platform/jobs/jobs.ts";
import type { Logger } from "#platform/logger.ts";
import type { Metrics } from "#platform/metrics.ts";
import { createSealing } from "#platform/tokens/sealing.ts";
import { advancePayment } from "./advance-payment.ts";
import { applyWebhook } from "./apply-webhook.ts";
import { giveRefund } from "./give-refund.ts";
import { paymentRoutes } from "./payment-routes.ts";
import { registerPaymentMetrics } from "./payments-metrics.ts";
import { ADVANCE_JOB, type PaymentsParts, REFUND_JOB, WEBHOOK_JOB } from "./payments-parts.ts";
import type { ProviderName } from "./provider.ts";
import { createProviders, type Providers, type ProvidersParts } from "./providers.ts";
import { reconcilePayments } from "./reconcile-payments.ts";
import { refundRoutes } from "./refund-routes.ts";
import { settleReservationMoney } from "./settle-reservation.ts";
import { deliverTestWebhooks } from "./test-webhooks.ts";
import { webhookRoutes } from "./webhook-routes.ts";
import { forgetWebhooks } from "./webhook-store.ts";

export type { TestProvider } from "./test-provider.ts";

/** What the server is configured to do with payments. */
export interface PaymentSettings {
  readonly stripe:
    | (ProvidersParts["payments"]["stripe"] & { publishableKey: string | null })
    | null;
  readonly isTest: boolean;
  readonly waitSeconds: number;
  readonly offerHours: number;
}

export interface PaymentsOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly jobs: Jobs;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, "registry">;
  readonly audit: Audit;
  readonly catalog: Pick<Catalog, "facts" | "authorize">;
  readonly reservations: {
    readonly ledger: PaymentLedger;
    askerOf(caller: Caller, reservationId: Id<"rsv">): Promise<Asker>;
  };
  readonly secretKeys: readonly Buffer[];
  readonly payments: PaymentSettings;
}

/** Payments: the routes, the jobs, and the reconciler, which finds whatever was lost. */
export function createPayments(options: PaymentsOptions) {
  const { database, clock, jobs, log, audit, catalog, reservations, payments } = options;
  const providers: Providers = createProviders(options);
  const parts: PaymentsParts = {
    database,
    clock,
    ledger: reservations.ledger,
    providers,
    jobs,
    sealing: createSealing(options.secretKeys, "payments"),
    offerSeconds: payments.offerHours * 3600,
    log,
  };
  registerPaymentMetrics(options.metrics.registry, options);
  jobs.handle(ADVANCE_JOB, ({ paymentId }) => advancePayment(parts, paymentId as Id<"pay">));
  jobs.handle(REFUND_JOB, ({ refundId }) => giveRefund(parts, refundId as Id<"rfd">));
  jobs.handle(WEBHOOK_JOB, ({ provider, providerEventId, paymentId }) =>
    applyWebhook(parts, {
      provider: provider as ProviderName,
      providerEventId: providerEventId as string,
      paymentId: paymentId as Id<"pay"> | null,
    }),
  );
  const context = {
    ...parts,
    audit,
    authorize: catalog.authorize,
    factsOf: catalog.facts,
    askerOf: reservations.askerOf,
    waitSeconds: payments.waitSeconds,
    publishableKey: payments.stripe?.publishableKey ?? null,
  };
  return {
    routes: [paymentRoutes(context), refundRoutes(context), webhookRoutes(parts)],
    providers,
    /** A reservation that was paid for was cancelled or exchanged: what is too much goes back. */
    settleReservation: (reservationId: Id<"rsv">) => settleReservationMoney(parts, reservationId),
    /** Looks at everything that has been under way too long. */
    reconcile: () => reconcilePayments(parts),
    /** Hands the test provider's webhooks to ourselves, as a provider in the world would send them. */
    deliverTestWebhooks: () => deliverTestWebhooks(parts, providers.test),
    forget: () => forgetWebhooks(database.kysely, clock),
  };
}
