import { sql } from "kysely";
import type { Clock } from "#platform/clock.ts";
import type { Queryable } from "#platform/database/database.ts";
import { databaseNow } from "#platform/database/database-now.ts";
import type { Id } from "#platform/id.ts";
import { toRfc3339 } from "#platform/time.ts";
import type { ProviderName } from "./provider.ts";

/** One event of a provider. */
export interface StoredWebhook {
  readonly provider: ProviderName;
  readonly providerEventId: string;
}

/** So long a repeat is known. Providers repeat for days at most. */
const KEPT_DAYS = 30;

/**
 * Stores what a provider tells. `new`: for the first time. `again`: it tells it once more. `replayed`: this delivery, or a later
 * one, was here before.
 */
export async function storeWebhook(
  queryable: Queryable,
  clock: Clock,
  webhook: StoredWebhook & {
    readonly paymentId: Id<"pay"> | null;
    readonly signedAtSeconds: number;
  },
): Promise<"new" | "again" | "replayed"> {
  const { rows } = await sql<{ is_new: boolean }>`
    insert into payments.webhook as w (provider, provider_event_id, signed_at, payment_id, received_at)
    values (${webhook.provider}, ${webhook.providerEventId}, ${toRfc3339(webhook.signedAtSeconds * 1000)}::timestamptz,
            ${webhook.paymentId}, ${databaseNow(clock)})
        on conflict (provider, provider_event_id) do update
       set signed_at = excluded.signed_at
     where w.signed_at < excluded.signed_at
    returning xmax = 0 as is_new
  `.execute(queryable);
  const [row] = rows;
  if (row === undefined) return "replayed";
  return row.is_new ? "new" : "again";
}

/** Those that were stored and not applied, the oldest first. */
export async function webhooksToApply(
  queryable: Queryable,
  limit: number,
): Promise<readonly (StoredWebhook & { readonly paymentId: Id<"pay"> | null })[]> {
  const { rows } = await sql<{
    provider: ProviderName;
    provider_event_id: string;
    payment_id: Id<"pay"> | null;
  }>`
    select provider, provider_event_id, payment_id
      from payments.webhook
     where applied_at is null
     order by received_at
     limit ${limit}
  `.execute(queryable);
  return rows.map((row) => ({
    provider: row.provider,
    providerEventId: row.provider_event_id,
    paymentId: row.payment_id,
  }));
}

export async function markApplied(
  queryable: Queryable,
  clock: Clock,
  { provider, providerEventId }: StoredWebhook,
): Promise<void> {
  await sql`
    update payments.webhook
       set applied_at = ${databaseNow(clock)}
     where provider = ${provider}
       and provider_event_id = ${providerEventId}
       and applied_at is null
  `.execute(queryable);
}

export async function forgetWebhooks(queryable: Queryable, clock: Clock): Promise<void> {
  await sql`
    delete from payments.webhook
     where received_at < ${databaseNow(clock)} - make_interval(days => ${KEPT_DAYS})
       and applied_at is not null
  `.execute(queryable);
}
