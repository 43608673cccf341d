import { sql } from "kysely";
import type { Clock } from "#platform/clock.ts";
import type { Transaction } from "#platform/database/database.ts";
import { databaseNow } from "#platform/database/database-now.ts";
import { Problem, problemType } from "#platform/http/problem.ts";
import type { Id } from "#platform/id.ts";

/** Keys of one organizer that are good at the same time. */
export const API_KEYS_MAX = 100;
/** Passes of one event that are good at the same time. */
export const DOOR_PASSES_MAX = 1_000;

export const tooManyCredentials = problemType({
  code: "too_many_credentials",
  status: 409,
  title: "There are as many keys or passes as there can be",
});

/** @throws `too_many_credentials` */
export async function refuseTooManyKeys(
  transaction: Transaction,
  clock: Clock,
  organizerId: Id<"org">,
): Promise<void> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count
      from organizers.api_key
     where organizer_id = ${organizerId}
       and revoked_at is null
       and (expires_at is null or expires_at > ${databaseNow(clock)})
  `.execute(transaction);
  refuseFrom(rows[0]?.count ?? 0, API_KEYS_MAX, "An organizer has at most 100 API keys");
}

/** @throws `too_many_credentials` */
export async function refuseTooManyPasses(
  transaction: Transaction,
  clock: Clock,
  eventId: Id<"evt">,
): Promise<void> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count
      from organizers.door_pass
     where event_id = ${eventId}
       and revoked_at is null
       and expires_at > ${databaseNow(clock)}
  `.execute(transaction);
  refuseFrom(rows[0]?.count ?? 0, DOOR_PASSES_MAX, "An event has at most 1,000 door passes");
}

function refuseFrom(count: number, max: number, sentence: string): void {
  if (count < max) return;
  const message = `${sentence} that are good at the same time. Revoke one that is not needed.`;
  throw new Problem(tooManyCredentials, message, {
    reasons: [{ code: tooManyCredentials.code, message, max }],
  });
}
