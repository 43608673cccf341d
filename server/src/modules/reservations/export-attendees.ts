import { sql } from "kysely";
import type { Clock, EpochMs } from "#platform/clock.ts";
import { csvRecord } from "#platform/csv.ts";
import type { Database, Queryable, Transaction } from "#platform/database/database.ts";
import { inReach, type Reach } from "#platform/database/reach.ts";
import { formatId, type Id } from "#platform/id.ts";
import { toRfc3339 } from "#platform/time.ts";
import type { ReservationState } from "./reservation.ts";

/** Reservations read at once: what an export keeps in memory. */
const ROWS_MAX = 1_000;

const HEADER = [
  "reservation_id",
  "state",
  "name",
  "email",
  "phone",
  "language",
  "tickets",
  "ticket_types",
  "total_minor",
  "currency",
  "created_at",
] as const;

interface Row {
  readonly reservation_id: Id<"rsv">;
  readonly state: ReservationState;
  readonly attendee_name: string | null;
  readonly attendee_email: string | null;
  readonly attendee_phone: string | null;
  readonly language: string | null;
  readonly total_minor: number;
  readonly currency: string;
  readonly created_at: EpochMs;
  readonly line_ticket_type_ids: readonly Id<"tty">[];
  readonly line_quantities: readonly number[];
}

/** How many reservations an event has, in all states. */
export async function countReservations(queryable: Queryable, eventId: Id<"evt">): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from reservations.reservation where event_id = ${eventId}
  `.execute(queryable);
  return rows[0]?.count ?? 0;
}

/**
 * All reservations of an event that is in reach as CSV, oldest first, a page at a time: each as it stands when its
 * page is read. A hold whose time has passed is expired.
 */
export async function* exportAttendees(
  { database, clock }: { readonly database: Database; readonly clock: Clock },
  reach: Reach,
  eventId: Id<"evt">,
): AsyncGenerator<string> {
  yield csvRecord(HEADER);
  let after: Id<"rsv"> | null = null;
  for (;;) {
    const rows: readonly Row[] = await inReach(database, reach, (transaction) =>
      readPage(transaction, clock, eventId, after),
    );
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows.map(recordOf).join("");
    after = last.reservation_id;
  }
}

async function readPage(
  transaction: Transaction,
  clock: Clock,
  eventId: Id<"evt">,
  after: Id<"rsv"> | null,
): Promise<readonly Row[]> {
  const { rows } = await sql<Row>`
    select *
      from reservations.attendee_page(
        ${clock.shiftMs}::bigint, ${eventId}::uuid, ${after}::uuid, ${ROWS_MAX}::integer)
  `.execute(transaction);
  return rows;
}

function recordOf(row: Row): string {
  const quantities = quantityByType(row);
  return csvRecord([
    formatId("rsv", row.reservation_id),
    row.state,
    row.attendee_name,
    row.attendee_email,
    row.attendee_phone,
    row.language,
    [...quantities.values()].reduce((sum, quantity) => sum + quantity, 0),
    [...quantities].map(([id, quantity]) => `${quantity} ${formatId("tty", id)}`).join("; "),
    row.total_minor,
    row.currency,
    toRfc3339(row.created_at),
  ]);
}

function quantityByType({
  line_ticket_type_ids: ids,
  line_quantities: quantities,
}: Row): ReadonlyMap<Id<"tty">, number> {
  const sums = new Map<Id<"tty">, number>();
  for (const [index, id] of ids.entries()) {
    sums.set(id, (sums.get(id) ?? 0) + (quantities[index] ?? 0));
  }
  return sums;
}
