import { sql } from "kysely";
import type { Clock } from "#platform/clock.ts";
import type { Database, Transaction } from "#platform/database/database.ts";
import { databaseNow } from "#platform/database/database-now.ts";
import { inReach, type Reach } from "#platform/database/reach.ts";
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

/** The reservations of an event, newest first; none of an event that is out of reach. */
export async function listReservations(
  context: { database: Database; clock: Clock; reader: ReservationReader },
  reach: Reach,
  eventId: Id<"evt">,
  filter: ReservationFilter,
): Promise<Reservation[]> {
  const ids = await inReach(context.database, reach, (transaction) =>
    findIds(context, transaction, eventId, filter),
  );
  const found = await Promise.all(ids.map((id) => context.reader.read(id)));
  return found.filter((reservation) => reservation !== null);
}

async function findIds(
  { clock }: { clock: Clock },
  transaction: Transaction,
  eventId: Id<"evt">,
  { state, slotId, text, before, limit }: ReservationFilter,
): Promise<Id<"rsv">[]> {
  const { rows } = await sql<{ reservation_id: Id<"rsv"> }>`
    select r.reservation_id
      from reservations.reservation r
      join reservations.entry e on e.reservation_id = r.reservation_id and e.version = r.version
     where r.event_id = ${eventId}
       and r.exchange_of is null
       and (${before}::text is null or r.reservation_id < ${before}::text::uuid)
       and (${state}::text is null or ${state}::text = case
             when r.state = 'held' and r.expires_at <= ${databaseNow(clock)}
             then 'expired' else r.state end)
       and (${slotId}::text is null or ${slotId}::text::uuid = any (e.line_slot_ids))
       and (${text}::text is null
            or strpos(lower(concat_ws(' ', r.attendee_name, r.attendee_email, r.attendee_phone)), lower(${text}::text)) > 0)
     order by r.reservation_id desc
     limit ${limit}::integer
  `.execute(transaction);
  return rows.map((row) => row.reservation_id);
}
