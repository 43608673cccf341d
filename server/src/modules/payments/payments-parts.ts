import type { PaymentLedger } from "#modules/reservations/index.ts";
import type { Clock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import type { Jobs } from "#platform/jobs/jobs.ts";
import type { Logger } from "#platform/logger.ts";
import type { Sealing } from "#platform/tokens/sealing.ts";
import type { Providers } from "./providers.ts";

/** What the operations on payments stand on. */
export interface PaymentsParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly ledger: PaymentLedger;
  readonly providers: Pick<Providers, "byName" | "offline">;
  readonly jobs: Pick<Jobs, "send" | "wake">;
  /** For what the payer has to do: nobody else may see it. */
  readonly sealing: Sealing;
  /** How long who paid too late may choose other slots. */
  readonly offerSeconds: number;
  readonly log: Pick<Logger, "info" | "warn" | "error">;
}

export const ADVANCE_JOB = "payments.advance";
export const REFUND_JOB = "payments.refund";
export const WEBHOOK_JOB = "payments.webhook";
