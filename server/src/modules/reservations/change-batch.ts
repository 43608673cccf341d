import type { Clock, EpochMs } from "#platform/clock.ts";
import { plainArray, textArray } from "#platform/database/arrays.ts";
import type { Database } from "#platform/database/database.ts";
import { functionCall } from "#platform/database/function-call.ts";
import type { Id } from "#platform/id.ts";
import type { ApplyStatus, ChangeRequest } from "./change-request.ts";

/** What became of one request. */
export interface ChangeResult {
  /** An {@link ApplyStatus}, or the refusal that the caller itself gave. */
  readonly status: ApplyStatus | (string & {});
  readonly reservationId: Id<"rsv">;
  /** The ledger entry the reservation stands at after it; of a refusal, null. */
  readonly version: number | null;
  /** The instant of the batch. */
  readonly at: EpochMs;
  readonly expiresAt: EpochMs | null;
  /** The event it is of; null where there is no such reservation. */
  readonly eventId: Id<"evt"> | null;
  /** Of `sold_out`: what is free in each drawn pool, in the order of the draws. */
  readonly available: readonly number[] | null;
  /** Of `replayed`: the refusal that was answered first, or null when it was done. */
  readonly answered: {
    readonly refusal: string;
    readonly available: readonly number[] | null;
  } | null;
  /** Of a new reservation that was confirmed at once, in the order of its lines. */
  readonly ticketIds: readonly Id<"tkt">[];
}

const STATEMENT = functionCall("reservations.change_batch", 24);

interface Row {
  readonly status: string;
  readonly reservation_id: Id<"rsv">;
  readonly version: number | null;
  readonly at: EpochMs;
  readonly expires_at: EpochMs | null;
  readonly event_id: Id<"evt"> | null;
  readonly available: readonly number[] | null;
  readonly answer: ChangeResult["answered"];
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
  return rows.map((row) => ({
    status: row.status,
    reservationId: row.reservation_id,
    version: row.version,
    at: row.at,
    expiresAt: row.expires_at,
    eventId: row.event_id,
    available: row.available,
    answered: row.answer,
    ticketIds: [],
  }));
}

/** The parameters of the function: an array literal each, with one element per request. */
function encode(clock: Clock, requests: readonly ChangeRequest[]): (string | number)[] {
  const plain = (value: (request: ChangeRequest) => string | number | boolean | null | undefined) =>
    plainArray(requests.map(value));
  const text = (value: (request: ChangeRequest) => string | null | undefined) =>
    textArray(requests.map(value));
  const nested = (value: (request: ChangeRequest) => readonly (string | number)[] | undefined) =>
    `{${requests.map((request) => nestedArray(value(request))).join(",")}}`;
  return [
    clock.shiftMs,
    plain((request) => request.action),
    plain((request) => request.reason),
    plain((request) => request.reservationId),
    plain((request) => request.eventId),
    plain((request) => request.generation),
    plain((request) => request.requestKey?.key),
    plain((request) => request.requestKey?.fingerprint),
    plain((request) => request.priced?.revision),
    plain((request) => request.refusal),
    plain((request) => request.confirmed),
    plain((request) => request.holdSeconds),
    nested((request) => request.priced?.lines.map((line) => line.slotId)),
    nested((request) => request.priced?.lines.map((line) => line.ticketTypeId)),
    nested((request) => request.priced?.lines.map((line) => line.quantity)),
    nested((request) => request.priced?.lines.map((line) => line.unitPriceMinor)),
    nested((request) => request.priced?.draws.map((draw) => draw.poolId)),
    nested((request) => request.priced?.draws.map((draw) => draw.quantity)),
    plain((request) => request.priced?.totalMinor),
    plain((request) => request.attendee !== null),
    text((request) => request.attendee?.name),
    text((request) => request.attendee?.email),
    text((request) => request.attendee?.phone),
    text((request) => request.language),
  ];
}

/** An array as an element of a text array: ids and numbers need no escaping inside. */
function nestedArray(values: readonly (string | number)[] | undefined): string {
  return values === undefined ? "NULL" : `"${plainArray(values)}"`;
}
