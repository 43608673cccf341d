import { assert } from "#platform/assert.ts";
import type { Clock, EpochMs } from "#platform/clock.ts";
import { plainArray, textArray } from "#platform/database/arrays.ts";
import type { Database } from "#platform/database/database.ts";
import { functionCall } from "#platform/database/function-call.ts";
import type { Id } from "#platform/id.ts";
import type { ChangeResult } from "./change-result.ts";
import { type FlatLines, flatLines } from "./flat-lines.ts";
import type { HoldRequest } from "./hold-request.ts";
import { issuedTickets, type Reservation, type Ticket } from "./reservation.ts";

const STATEMENT = functionCall("reservations.hold_batch", 31);

interface Row {
  readonly at: EpochMs;
  /** Null when each request became what it wanted. */
  readonly outcomes: readonly string[] | null;
  /** What is left in each pool, in id order; null unless somebody was sold out. */
  readonly free: readonly (number | null)[] | null;
  readonly answers: Readonly<Record<string, RecordedAnswer>> | null;
}

interface RecordedAnswer {
  readonly subject: Id<"rsv">;
  readonly version: number | null;
  readonly answer: ChangeResult["answered"];
}

/**
 * Sends a batch to reservations.hold_batch, whose header is the contract: one result per request,
 * in order, in one transaction. No key may be in it twice.
 */
export async function holdBatch(
  database: Database,
  clock: Clock,
  requests: readonly HoldRequest[],
): Promise<ChangeResult[]> {
  const tickets = requests.map(newTickets);
  const flat = flatLines(requests);
  const [row] = await database.prepared<Row>(
    "hold_batch",
    STATEMENT,
    encode(clock, requests, { flat, tickets }),
  );
  assert(row !== undefined, "a batch has an answer");
  const { at, outcomes, free, answers } = row;
  const left = new Map(flat.pools.map((pool, index) => [pool, free?.[index] ?? 0]));
  return requests.map((request, index) => {
    const outcome = outcomes?.[index] ?? wantedOf(request);
    const isDone = outcome === "held" || outcome === "confirmed";
    const recorded = answers?.[index + 1];
    return {
      status: isDone ? "done" : outcome,
      reservationId: recorded?.subject ?? request.reservationId,
      version: isDone ? 1 : (recorded?.version ?? null),
      eventId: request.eventId,
      available:
        outcome === "sold_out"
          ? (request.priced?.draws ?? []).map(({ poolId }) => left.get(poolId) ?? 0)
          : null,
      answered: recorded?.answer ?? null,
      reservation: isDone ? newReservation(request, at, tickets[index] ?? []) : null,
    };
  });
}

/** The state it is to have, or what has been found against it. */
function wantedOf({ refusal, confirmed }: HoldRequest): string {
  return refusal ?? (confirmed ? "confirmed" : "held");
}

/** A ticket a place for what is confirmed at once. */
function newTickets({ reservationId, priced, confirmed }: HoldRequest): Ticket[] {
  return priced !== null && confirmed ? issuedTickets(reservationId, 1, priced.lines) : [];
}

function newReservation(
  { reservationId, eventId, priced, confirmed, holdSeconds, attendee, language }: HoldRequest,
  at: EpochMs,
  tickets: readonly Ticket[],
): Reservation {
  assert(priced !== null, "what takes places is priced");
  return {
    reservationId,
    eventId,
    version: 1,
    state: confirmed ? "confirmed" : "held",
    generation: 0,
    createdAt: at,
    expiresAt: confirmed ? null : at + holdSeconds * 1000,
    ownExpiresAt: null,
    offerEndsAt: null,
    exchangeId: null,
    exchangeOf: null,
    keptMinor: null,
    lines: priced.lines,
    currency: priced.currency,
    attendee,
    language,
    tickets,
  };
}

/** The parameters of the function: an array literal each. */
function encode(
  clock: Clock,
  requests: readonly HoldRequest[],
  more: { readonly flat: FlatLines; readonly tickets: readonly (readonly Ticket[])[] },
): (string | number)[] {
  const { pools, lines, draws } = more.flat;
  const tickets = flatTickets(requests, lines, more.tickets);
  const isNamed = requests.some(
    ({ attendee: { name, email, phone }, language }) =>
      name !== null || email !== null || phone !== null || language !== null,
  );
  const named = (value: (request: HoldRequest) => string | null) =>
    isNamed ? textArray(requests.map(value)) : "{}";
  const isKeyed = requests.some(({ requestKey }) => requestKey !== null);
  const keyed = (part: "key" | "fingerprint") =>
    isKeyed ? plainArray(requests.map(({ requestKey }) => requestKey?.[part])) : "{}";
  return [
    clock.shiftMs,
    plainArray(pools),
    plainArray(requests.map((request) => request.reservationId)),
    plainArray(requests.map((request) => request.eventId)),
    plainArray(requests.map((request) => request.priced?.revision)),
    plainArray(requests.map(wantedOf)),
    plainArray(requests.map((request) => request.holdSeconds)),
    plainArray(requests.map((request) => request.lifeSeconds)),
    keyed("key"),
    keyed("fingerprint"),
    plainArray(requests.map((request) => request.priced?.totalMinor)),
    plainArray(requests.map((request) => request.priced?.currency)),
    named((request) => request.attendee.name),
    named((request) => request.attendee.email),
    named((request) => request.attendee.phone),
    named((request) => request.language),
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
    plainArray(tickets.id),
    plainArray(tickets.of),
    plainArray(tickets.line),
    plainArray(tickets.ordinal),
  ];
}

/** Tickets of all requests, one after another: whose, of which line, and which among its own. */
function flatTickets(
  requests: readonly HoldRequest[],
  lines: FlatLines["lines"],
  ticketsOf: readonly (readonly Ticket[])[],
) {
  const flat = {
    id: [] as string[],
    of: [] as number[],
    line: [] as number[],
    ordinal: [] as number[],
  };
  for (const index of requests.keys()) {
    let line = lines.from[index] ?? 0;
    let inLine = 0;
    for (const [place, { ticketId }] of (ticketsOf[index] ?? []).entries()) {
      if (inLine === lines.quantity[line - 1]) {
        line++;
        inLine = 0;
      }
      inLine++;
      flat.id.push(ticketId);
      flat.of.push(index + 1);
      flat.line.push(line);
      flat.ordinal.push(place + 1);
    }
  }
  return flat;
}
