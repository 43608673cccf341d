import type { Database } from "#platform/database/database.ts";
import type { Id } from "#platform/id.ts";
import type { Reservation } from "./reservation.ts";

/** A ticket and whose it is. */
export interface FoundTicket {
  readonly eventId: Id<"evt">;
  readonly reservationId: Id<"rsv">;
  readonly ticket: Reservation["tickets"][number];
}

interface Row {
  readonly event_id: Id<"evt">;
  readonly reservation_id: Id<"rsv">;
  readonly slot_id: Id<"slt">;
  readonly ticket_type_id: Id<"tty">;
  readonly is_void: boolean;
  readonly holder_name: string | null;
}

/** A ticket by its id alone, also one that was voided long ago; null when there never was such a ticket. */
export async function findTicket(
  database: Database,
  ticketId: Id<"tkt">,
): Promise<FoundTicket | null> {
  const [row] = await database.prepared<Row>(
    "ticket_by_id",
    `select event_id, reservation_id, slot_id, ticket_type_id, voided_version is not null as is_void, holder_name
       from reservations.ticket
      where ticket_id = $1`,
    [ticketId],
  );
  if (row === undefined) return null;
  return {
    eventId: row.event_id,
    reservationId: row.reservation_id,
    ticket: {
      ticketId,
      slotId: row.slot_id,
      ticketTypeId: row.ticket_type_id,
      state: row.is_void ? "void" : "valid",
      holderName: row.holder_name,
    },
  };
}
