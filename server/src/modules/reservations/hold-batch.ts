import { assert } from "#platform/assert.ts";
import type { Clock, EpochMs } from "#platform/clock.ts";
import { plainArray, textArray } from "#platform/database/arrays.ts";
import type { Database } from "#platform/database/database.ts";
import { functionCall } from "#platform/database/function-call.ts";
import type { Id } from "#platform/id.ts";
import type { ChangeResult } from "./change-batch.ts";
import type { HoldRequest } from "./hold-request.ts";
import { ticketId } from "./ticket-id.ts";

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
  const ticketIds = requests.map(newTicketIds);
  const pools = poolsOf(requests);
  const [row] = await database.prepared<Row>(
    "hold_batch",
    STATEMENT,
    encode(clock, requests, { pools, ticketIds }),
  );
  assert(row !== undefined, "a batch has an answer");
  const { at, outcomes, free, answers } = row;
  const left = new Map(pools.map((pool, index) => [pool, free?.[index] ?? 0]));
  return requests.map((request, index) => {
    const outcome = outcomes?.[index] ?? wantedOf(request);
    const isDone = outcome === "held" || outcome === "confirmed";
    const recorded = answers?.[index + 1];
    return {
      status: isDone ? "done" : outcome,
      reservationId: recorded?.subject ?? request.reservationId,
      version: isDone ? 1 : (recorded?.version ?? null),
      at,
      expiresAt: outcome === "held" ? at + request.holdSeconds * 1000 : null,
      eventId: request.eventId,
      available:
        outcome === "sold_out"
          ? (request.priced?.draws ?? []).map(({ poolId }) => left.get(poolId) ?? 0)
          : null,
      answered: recorded?.answer ?? null,
      ticketIds: ticketIds[index] ?? [],
    };
  });
}

/** The pools drawn on, each once, in the database's lock order: ids sort as their text does. */
function poolsOf(requests: readonly HoldRequest[]): string[] {
  const pools = new Set<string>();
  for (const { priced } of requests) {
    for (const { poolId } of priced?.draws ?? []) pools.add(poolId);
  }
  return [...pools].sort();
}

/** The state it is to have, or what has been found against it. */
function wantedOf({ refusal, confirmed }: HoldRequest): string {
  return refusal ?? (confirmed ? "confirmed" : "held");
}

/** A ticket a place for what is confirmed at once. */
function newTicketIds({ reservationId, priced, confirmed }: HoldRequest): Id<"tkt">[] {
  if (priced === null || !confirmed) return [];
  const places = priced.lines.reduce((count, line) => count + line.quantity, 0);
  return Array.from({ length: places }, (_, index) => ticketId(reservationId, 1, index + 1));
}

/** The parameters of the function: an array literal each. */
function encode(
  clock: Clock,
  requests: readonly HoldRequest[],
  {
    pools,
    ticketIds,
  }: { readonly pools: readonly string[]; readonly ticketIds: readonly (readonly Id<"tkt">[])[] },
): (string | number)[] {
  const { lines, draws, tickets } = flatten(requests, ticketIds);
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

/** Lines, draws and tickets of all requests, one after another; counted from 1, as the database does. */
function flatten(requests: readonly HoldRequest[], ticketIds: readonly (readonly Id<"tkt">[])[]) {
  const lines = {
    from: [] as number[],
    to: [] as number[],
    slot: [] as string[],
    ticketType: [] as string[],
    quantity: [] as number[],
    price: [] as number[],
  };
  const draws = {
    from: [] as number[],
    to: [] as number[],
    of: [] as number[],
    pool: [] as string[],
    quantity: [] as number[],
  };
  const tickets = {
    id: [] as string[],
    of: [] as number[],
    line: [] as number[],
    ordinal: [] as number[],
  };
  for (const [index, { priced }] of requests.entries()) {
    const newTickets = ticketIds[index] ?? [];
    lines.from.push(lines.slot.length + 1);
    draws.from.push(draws.pool.length + 1);
    let ordinal = 0;
    for (const line of priced?.lines ?? []) {
      lines.slot.push(line.slotId);
      lines.ticketType.push(line.ticketTypeId);
      lines.quantity.push(line.quantity);
      lines.price.push(line.unitPriceMinor);
      for (let place = 0; place < line.quantity && ordinal < newTickets.length; place++) {
        tickets.id.push(newTickets[ordinal] as string);
        tickets.of.push(index + 1);
        tickets.line.push(lines.slot.length);
        tickets.ordinal.push(++ordinal);
      }
    }
    for (const draw of priced?.draws ?? []) {
      draws.of.push(index + 1);
      draws.pool.push(draw.poolId);
      draws.quantity.push(draw.quantity);
    }
    lines.to.push(lines.slot.length);
    draws.to.push(draws.pool.length);
  }
  return { lines, draws, tickets };
}
