import { sql } from "kysely";
import { Gauge, type Registry } from "prom-client";
import type { Clock } from "#platform/clock.ts";
import type { Database, Queryable } from "#platform/database/database.ts";
import { databaseNow } from "#platform/database/database-now.ts";
import { GRACE_SECONDS } from "./payment.ts";

/** What of the money is not settled. */
export interface UnsettledMoney {
  /**
   * Payments that took money and came to nothing yet, and those that should have been decided long ago. Not those whose
   * payer is choosing other slots.
   */
  readonly withoutOutcome: number;
  /** Payments whose payer, who paid too late, is choosing other slots. */
  readonly onOffer: number;
  /** Refunds that the provider refused: somebody has to try them again. */
  readonly refusedRefunds: number;
}

export async function unsettledMoney(queryable: Queryable, clock: Clock): Promise<UnsettledMoney> {
  const { rows } = await sql<{ without_outcome: number; on_offer: number; refused: number }>`
    select count(*) filter (where p.state in ('succeeded', 'failed') and not o.is_open
                               or p.state in ('not_started', 'processing')
                                  and p.wait_ends_at + make_interval(secs => ${GRACE_SECONDS}) < ${databaseNow(clock)})
             as without_outcome,
           count(*) filter (where o.is_open) as on_offer,
           (select count(*) from payments.refund where state = 'failed') as refused
      from payments.payment p
     cross join lateral (select coalesce(p.offered_until > ${databaseNow(clock)}, false) as is_open) o
     where p.concluded_at is null
  `.execute(queryable);
  const [row] = rows;
  return {
    withoutOutcome: row?.without_outcome ?? 0,
    onOffer: row?.on_offer ?? 0,
    refusedRefunds: row?.refused ?? 0,
  };
}

/** Asks the database when the metrics are read, and only then. */
export function registerPaymentMetrics(
  registry: Registry,
  { database, clock }: { readonly database: Database; readonly clock: Clock },
): void {
  const gauges: readonly [string, string, keyof UnsettledMoney][] = [
    [
      "tessera_payments_without_outcome",
      "Payments that took money and came to nothing, or should have been decided long ago. Zero, but for moments.",
      "withoutOutcome",
    ],
    [
      "tessera_payments_on_offer",
      "Payments that came too late and whose payers are choosing other slots.",
      "onOffer",
    ],
    [
      "tessera_refunds_refused",
      "Refunds that the provider refused and somebody has to try again.",
      "refusedRefunds",
    ],
  ];
  let asking: Promise<UnsettledMoney> | null = null;
  const ask = () => {
    asking ??= unsettledMoney(database.kysely, clock).finally(() => {
      asking = null;
    });
    return asking;
  };
  for (const [name, help, member] of gauges) {
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        this.set((await ask())[member]);
      },
    });
  }
}
