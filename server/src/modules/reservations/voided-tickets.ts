import type { Database } from "#platform/database/database.ts";
import type { Id } from "#platform/id.ts";

/** Where one stands among the void tickets of an event, which come in the order in which they became void. */
export interface VoidedPosition {
  /** Microseconds since 1970, as precise as the database dates. */
  readonly at: number;
  readonly ticketId: string;
}

export interface VoidedPart {
  readonly after: VoidedPosition;
  readonly limit: number;
}

/**
 * Tickets of an event that became void after a moment, the earliest first. One is dated before it is committed: who asks for what is
 * new asks from some time before the last answer on.
 */
export async function voidedTickets(
  database: Database,
  eventId: Id<"evt">,
  { after, limit }: VoidedPart,
): Promise<readonly (VoidedPosition & { readonly ticketId: Id<"tkt"> })[]> {
  const rows = await database.prepared<{ ticket_id: Id<"tkt">; at: number }>(
    "voided_tickets",
    `select ticket_id, (extract(epoch from voided_at) * 1000000)::bigint as at
       from reservations.ticket
      where event_id = $1
        and voided_at is not null
        and (voided_at, ticket_id) > (timestamptz 'epoch' + $2::bigint * interval '1 microsecond', $3::uuid)
      order by voided_at, ticket_id
      limit $4::integer`,
    [eventId, after.at, after.ticketId, limit],
  );
  return rows.map(({ ticket_id: ticketId, at }) => ({ ticketId, at }));
}
