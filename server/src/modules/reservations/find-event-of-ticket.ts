import type { Database } from "#platform/database/database.ts";
import type { Id } from "#platform/id.ts";

/** Of which event a ticket is, void or not; null when there is no such ticket. */
export async function findEventOfTicket(
  database: Database,
  ticketId: Id<"tkt">,
): Promise<Id<"evt"> | null> {
  const [row] = await database.prepared<{ event_id: Id<"evt"> }>(
    "event_of_ticket",
    "select event_id from reservations.ticket where ticket_id = $1",
    [ticketId],
  );
  return row?.event_id ?? null;
}
