import { sql } from "kysely";
import { Batcher } from "#platform/batching/batcher.ts";
import type { Clock, EpochMs } from "#platform/clock.ts";
import { plainArray } from "#platform/database/arrays.ts";
import type { Database, Queryable } from "#platform/database/database.ts";
import type { Id } from "#platform/id.ts";
import type { Reservation, ReservationState } from "./reservation.ts";

interface Wanted {
  readonly reservationId: Id<"rsv">;
  readonly version: number | null;
}

interface Row {
  readonly ordinal: number;
  readonly reservation_id: Id<"rsv">;
  readonly event_id: Id<"evt">;
  readonly version: number;
  readonly state: ReservationState;
  readonly generation: number;
  readonly created_at: EpochMs;
  readonly expires_at: EpochMs | null;
  readonly own_expires_at: EpochMs | null;
  readonly offer_ends_at: EpochMs | null;
  readonly exchange_id: Id<"rsv"> | null;
  readonly exchange_of: Id<"rsv"> | null;
  readonly kept_minor: number | null;
  readonly line_slot_ids: readonly Id<"slt">[];
  readonly line_ticket_type_ids: readonly Id<"tty">[];
  readonly line_quantities: readonly number[];
  readonly line_unit_price_minor: readonly number[];
  readonly currency: string;
  readonly attendee_name: string | null;
  readonly attendee_email: string | null;
  readonly attendee_phone: string | null;
  readonly language: string | null;
  readonly ticket_ids: readonly Id<"tkt">[] | null;
  readonly ticket_slot_ids: readonly Id<"slt">[] | null;
  readonly ticket_type_ids: readonly Id<"tty">[] | null;
  readonly ticket_voided: readonly boolean[] | null;
  readonly ticket_holder_names: readonly (string | null)[] | null;
}

/** Reservations kept in memory, as they were found last: about two kilobytes each, with what was made of them. */
const KEPT_MAX = 4_000;

/** Reads reservations, many at once: concurrent readers share a statement. */
export interface ReservationReader {
  /**
   * The reservation as it stands now, or as it stood after one entry of its ledger; null when it
   * never existed. The attendee is always the present one.
   *
   * As long as it stands as it did, the very same object: the database is asked each time, but only
   * whether there is anything new.
   */
  read(reservationId: Id<"rsv">, version?: number | null): Promise<Reservation | null>;
}

export function createReservationReader(options: {
  database: Database;
  clock: Clock;
  batchItemsMax: number;
  queueItemsMax: number;
}): ReservationReader {
  const { database, clock } = options;
  const kept = new Map<Id<"rsv">, Reservation>(); // in the order of their last use
  const keep = (reservation: Reservation) => {
    const known = kept.get(reservation.reservationId);
    // An earlier entry was asked for. (Of one that is kept it is asked whether it is the present one.)
    if (known !== undefined && known.version > reservation.version) return;
    kept.delete(reservation.reservationId);
    kept.set(reservation.reservationId, reservation);
    if (kept.size <= KEPT_MAX) return;
    const [oldest] = kept.keys();
    if (oldest !== undefined) kept.delete(oldest);
  };
  const batcher = new Batcher<Wanted, Reservation | null>({
    batchItemsMax: options.batchItemsMax,
    queueItemsMax: options.queueItemsMax,
    isElsewhere: database.isElsewhere,
    run: async (wanted) => {
      const known = wanted.map(({ reservationId, version }) =>
        version === null ? (kept.get(reservationId) ?? null) : null,
      );
      const found = await dropOutdated(database, clock, known);
      const missing = wanted.filter((_, index) => found[index] === null);
      if (missing.length > 0) {
        const read = (await readMany(database, clock, missing)).values();
        for (const [index, one] of found.entries()) {
          if (one === null) found[index] = read.next().value ?? null;
        }
      }
      for (const one of found) if (one !== null) keep(one);
      return found;
    },
  });
  return {
    read: (reservationId, version = null) => batcher.submit({ reservationId, version }),
  };
}

/** A reservation as it stands now, or as a transaction sees it; null when there is none. */
export async function readNow(
  queryable: Queryable,
  clock: Clock,
  reservationId: Id<"rsv">,
): Promise<Reservation | null> {
  const { rows } = await sql<Row>`
    select * from reservations.snapshot(${clock.shiftMs}, ${plainArray([reservationId])}, '{null}')
  `.execute(queryable);
  const [row] = rows;
  return row === undefined ? null : asReservation(row);
}

/** Those that are still as they are known; null in place of the others. */
async function dropOutdated(
  database: Database,
  clock: Clock,
  known: readonly (Reservation | null)[],
): Promise<(Reservation | null)[]> {
  const asked = known.filter((one) => one !== null);
  if (asked.length === 0) return [...known];
  const [row] = await database.prepared<{ places: readonly number[] }>(
    "outdated",
    "select reservations.outdated($1, $2, $3) as places",
    [
      clock.shiftMs,
      plainArray(asked.map((one) => one.reservationId)),
      plainArray(asked.map((one) => one.version)),
    ],
  );
  const outdated = new Set(row?.places.map((place) => asked[place - 1]));
  return known.map((one) => (one === null || outdated.has(one) ? null : one));
}

async function readMany(
  database: Database,
  clock: Clock,
  wanted: readonly Wanted[],
): Promise<(Reservation | null)[]> {
  const rows = await database.prepared<Row>(
    "snapshot",
    "select * from reservations.snapshot($1, $2, $3)",
    [
      clock.shiftMs,
      plainArray(wanted.map((one) => one.reservationId)),
      plainArray(wanted.map((one) => one.version)),
    ],
  );
  const found = new Map(rows.map((row) => [row.ordinal, asReservation(row)]));
  return wanted.map((_, index) => found.get(index + 1) ?? null);
}

function asReservation(row: Row): Reservation {
  return {
    reservationId: row.reservation_id,
    eventId: row.event_id,
    version: row.version,
    state: row.state,
    generation: row.generation,
    createdAt: row.created_at,
    expiresAt: row.state === "held" ? row.expires_at : null,
    ownExpiresAt: row.state === "held" ? row.own_expires_at : null,
    offerEndsAt: row.offer_ends_at,
    exchangeId: row.exchange_id,
    exchangeOf: row.exchange_of,
    keptMinor: row.kept_minor,
    lines: row.line_slot_ids.map((slotId, index) => ({
      slotId,
      ticketTypeId: at(row.line_ticket_type_ids, index),
      quantity: at(row.line_quantities, index),
      unitPriceMinor: at(row.line_unit_price_minor, index),
    })),
    currency: row.currency,
    attendee: { name: row.attendee_name, email: row.attendee_email, phone: row.attendee_phone },
    language: row.language,
    tickets: (row.ticket_ids ?? []).map((ticketId, index) => ({
      ticketId,
      slotId: at(row.ticket_slot_ids, index),
      ticketTypeId: at(row.ticket_type_ids, index),
      state: at(row.ticket_voided, index) ? "void" : "valid",
      holderName: at(row.ticket_holder_names, index),
    })),
  };
}

/** Parallel arrays are of one length: named constraints of the tables say so. */
function at<Value>(values: readonly Value[] | null, index: number): Value {
  return values?.[index] as Value;
}
