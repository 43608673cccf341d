import type { Clock, EpochMs } from "#platform/clock.ts";
import { plainArray, textArray } from "#platform/database/arrays.ts";
import type { Database } from "#platform/database/database.ts";
import { functionCall } from "#platform/database/function-call.ts";
import type { Id } from "#platform/id.ts";
import type { ChangeRequest } from "./change-request.ts";
import type { ChangeResult } from "./change-result.ts";
import { flatLines } from "./flat-lines.ts";
import {
  issuedTickets,
  type Line,
  type Reservation,
  type ReservationAction,
  type ReservationState,
} from "./reservation.ts";

const STATEMENT = functionCall("reservations.change_batch", 35);

interface Row {
  readonly status: string;
  readonly version: number | null;
  readonly event_id: Id<"evt"> | null;
  readonly available: readonly number[] | null;
  readonly answer: ChangeResult["answered"];
  /** Null, and all below, unless it is done. */
  readonly state: ReservationState | null;
  readonly generation: number;
  readonly created_at: EpochMs;
  readonly expires_at: EpochMs | null;
  readonly own_expires_at: EpochMs | null;
  readonly offer_ends_at: EpochMs | null;
  readonly exchange_id: Id<"rsv"> | null;
  readonly exchange_of: Id<"rsv"> | null;
  readonly kept_minor: number | null;
  readonly currency: string;
  readonly attendee_name: string | null;
  readonly attendee_email: string | null;
  readonly attendee_phone: string | null;
  readonly language: string | null;
  /** Null, and the other parts of the lines, where they are those of the request. */
  readonly line_slot_ids: readonly Id<"slt">[] | null;
  readonly line_ticket_type_ids: readonly Id<"tty">[];
  readonly line_quantities: readonly number[];
  readonly line_unit_price_minor: readonly number[];
}

/**
 * Sends a batch to reservations.change_batch, whose header is the contract: one result per request,
 * in order, in one transaction. No reservation and no key may be in it twice.
 */
export async function changeBatch(
  database: Database,
  clock: Clock,
  requests: readonly ChangeRequest[],
): Promise<ChangeResult[]> {
  const rows = await database.prepared<Row>("change_batch", STATEMENT, encode(clock, requests));
  return rows.map((row, index) => {
    const request = requests[index] as ChangeRequest;
    return {
      status: row.status,
      reservationId: request.reservationId,
      version: row.version,
      eventId: row.event_id,
      available: row.available,
      answered: row.answer,
      reservation: changedReservation(request, row),
    };
  });
}

/** What issues tickets where it confirms. */
const ISSUING: readonly ReservationAction[] = [
  "confirm",
  "exchange",
  "transfer",
  "reclaim",
  "accept_alternative",
];

/** What a change that was done left behind; null where only the database knows its tickets. */
function changedReservation(
  { action, reservationId, priced }: ChangeRequest,
  row: Row,
): Reservation | null {
  const { state, version, event_id: eventId } = row;
  if (state === null || version === null || eventId === null) return null;
  const isIssued = ISSUING.includes(action);
  if (state === "cancelled" || (state === "confirmed" && !isIssued)) return null;
  const lines =
    row.line_slot_ids === null ? (priced?.lines ?? []) : linesOf(row, row.line_slot_ids);
  return {
    reservationId,
    eventId,
    version,
    state,
    generation: row.generation,
    createdAt: row.created_at,
    expiresAt: state === "held" ? row.expires_at : null,
    ownExpiresAt: row.own_expires_at,
    offerEndsAt: row.offer_ends_at,
    exchangeId: row.exchange_id,
    exchangeOf: row.exchange_of,
    keptMinor: row.kept_minor,
    lines,
    currency: row.currency,
    attendee: { name: row.attendee_name, email: row.attendee_email, phone: row.attendee_phone },
    language: row.language,
    tickets: state === "confirmed" ? issuedTickets(reservationId, version, lines) : [],
  };
}

function linesOf(row: Row, slotIds: readonly Id<"slt">[]): Line[] {
  return slotIds.map((slotId, index) => ({
    slotId,
    ticketTypeId: row.line_ticket_type_ids[index] as Id<"tty">,
    quantity: row.line_quantities[index] as number,
    unitPriceMinor: row.line_unit_price_minor[index] as number,
  }));
}

/** The parameters of the function: an array literal each; empty where nobody says anything. */
function encode(clock: Clock, requests: readonly ChangeRequest[]): (string | number)[] {
  const plain = (value: (request: ChangeRequest) => string | number | boolean | null | undefined) =>
    saying(plainArray, requests.map(value));
  const text = (value: (request: ChangeRequest) => string | null | undefined) =>
    saying(textArray, requests.map(value));
  const { pools, lines, draws } = flatLines(requests);
  return [
    clock.shiftMs,
    plainArray(pools),
    plain((request) => request.action),
    plain((request) => request.reason),
    plain((request) => request.reservationId),
    plain((request) => request.eventId),
    plain((request) => request.generation),
    plain((request) => request.requestKey?.key),
    plain((request) => request.requestKey?.fingerprint),
    plain((request) => request.version),
    plain((request) => request.priced?.revision),
    plain((request) => request.refusal),
    plain((request) => request.paidMinor),
    plain((request) => request.keptMinor),
    plain((request) => request.companionId),
    plain((request) => request.holdSeconds),
    plain((request) => request.priced?.totalMinor),
    plain((request) => (request.attendee === null ? null : true)),
    text((request) => request.attendee?.name),
    text((request) => request.attendee?.email),
    text((request) => request.attendee?.phone),
    text((request) => request.language),
    plainArray(lines.from),
    plainArray(lines.to),
    plainArray(draws.from),
    plainArray(draws.to),
    plainArray(lines.slot),
    plainArray(lines.ticketType),
    plainArray(lines.quantity),
    plainArray(lines.price),
    plainArray(draws.of),
    plainArray(draws.pool),
    plainArray(draws.quantity),
    plainArray(requests.flatMap(({ returnedIds }, index) => returnedIds.map(() => index + 1))),
    plainArray(requests.flatMap(({ returnedIds }) => returnedIds)),
  ];
}

function saying<Value>(
  array: (values: readonly (Value | null | undefined)[]) => string,
  values: readonly (Value | null | undefined)[],
): string {
  return values.some((value) => value !== null && value !== undefined) ? array(values) : "{}";
}
