import type { Clock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import type { Id } from "#platform/id.ts";
import type { ReservationReader } from "./read-reservation.ts";
import type { Reservation, ReservationState } from "./reservation.ts";

export interface ReservationFilter {
  readonly state: ReservationState | null;
  readonly slotId: Id<"slt"> | null;
  /** Part of the attendee's name, address or number, in any case. */
  readonly text: string | null;
  /** Only those made before this one. */
  readonly before: Id<"rsv"> | null;
  /** 1 to 100. */
  readonly limit: number;
}

/** The reservations of an event, newest first. */
export async function listReservations(
  context: { database: Database; clock: Clock; reader: ReservationReader },
  eventId: Id<"evt">,
  filter: ReservationFilter,
): Promise<Reservation[]> {
  const rows = await context.database.prepared<{ reservation_id: Id<"rsv"> }>(
    "list_reservations",
    `select r.reservation_id
       from reservations.reservation r
       join reservations.entry e on e.reservation_id = r.reservation_id and e.version = r.version
      where r.event_id = $1
        and ($2::text is null or r.reservation_id < $2::text::uuid)
        and ($3::text is null or $3::text = case
              when r.state = 'held' and r.expires_at <= clock_timestamp() + $4::bigint * interval '1 millisecond'
              then 'expired' else r.state end)
        and ($5::text is null or $5::text::uuid = any (e.line_slot_ids))
        and ($6::text is null or strpos(lower(concat_ws(' ', r.attendee_name, r.attendee_email, r.attendee_phone)), lower($6::text)) > 0)
      order by r.reservation_id desc
      limit $7::integer`,
    [
      eventId,
      filter.before,
      filter.state,
      context.clock.shiftMs,
      filter.slotId,
      filter.text,
      filter.limit,
    ],
  );
  const found = await Promise.all(rows.map((row) => context.reader.read(row.reservation_id)));
  return found.filter((reservation) => reservation !== null);
}
