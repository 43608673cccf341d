import type { Database } from "#platform/database/database.ts";
import type { Id } from "#platform/id.ts";

/** Where one stands among the tickets of an event, which come reservation by reservation. */
export interface UsedPosition {
  readonly reservationId: string;
  readonly ticketId: string;
}

export interface UsedPart {
  readonly after: UsedPosition;
  readonly limit: number;
}

/** After all tickets of a reservation. */
const LAST_TICKET = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/**
 * Tickets of an event that have let somebody in, at most so many, found among the tickets of at most so many reservations: so a
 * part costs the same however large the event is. `next`: where the next part begins; null after the last one.
 */
export async function usedTickets(
  database: Database,
  eventId: Id<"evt">,
  { after, limit }: UsedPart,
): Promise<{ readonly ticketIds: readonly Id<"tkt">[]; readonly next: UsedPosition | null }> {
  const [last] = await database.prepared<{ reservation_id: string }>(
    "used_tickets_until",
    `select reservation_id
       from reservations.reservation
      where event_id = $1
        and reservation_id >= $2::uuid
      order by reservation_id
      limit 1 offset $3::integer`,
    [eventId, after.reservationId, limit - 1],
  );
  const rows = await database.prepared<{ reservation_id: string; ticket_id: Id<"tkt"> }>(
    "used_tickets",
    `select r.reservation_id, t.ticket_id
       from reservations.reservation r
      cross join lateral (
        select t.ticket_id
          from reservations.ticket t
         where t.ticket_id between (left(r.reservation_id::text, 19) || 'a000-000000000000')::uuid
                               and (left(r.reservation_id::text, 19) || 'afff-ffffffffffff')::uuid
           and t.reservation_id = r.reservation_id
           and t.used_at is not null) t
      where r.event_id = $1
        and r.reservation_id between $2::uuid and $4::uuid
        and (r.reservation_id, t.ticket_id) > ($2::uuid, $3::uuid)
      order by r.reservation_id, t.ticket_id
      limit $5::integer`,
    [eventId, after.reservationId, after.ticketId, last?.reservation_id ?? LAST_TICKET, limit],
  );
  return { ticketIds: rows.map((row) => row.ticket_id), next: nextOf() };

  function nextOf(): UsedPosition | null {
    const end = rows.length < limit ? undefined : rows.at(-1);
    if (end !== undefined) {
      return { reservationId: end.reservation_id, ticketId: end.ticket_id };
    }
    return last === undefined
      ? null
      : { reservationId: last.reservation_id, ticketId: LAST_TICKET };
  }
}
