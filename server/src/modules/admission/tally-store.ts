import type { EpochMs } from "#platform/clock.ts";
import { plainArray } from "#platform/database/arrays.ts";
import type { Database } from "#platform/database/database.ts";
import type { Id } from "#platform/id.ts";

// What doors read: how much was counted, which tickets changed, and how those stand.

/** What was presented at a gate with tickets of a type for a slot. */
export interface Tally {
  /** Null, and the type: of what is no ticket of the event. */
  readonly slotId: Id<"slt"> | null;
  readonly ticketTypeId: Id<"tty"> | null;
  /** Empty: nobody said. */
  readonly gate: string;
  readonly presented: number;
  readonly admitted: number;
  readonly surplus: number;
  readonly wentOut: number;
  readonly refused: number;
}

interface TallyRow {
  readonly slot_id: Id<"slt"> | null;
  readonly ticket_type_id: Id<"tty"> | null;
  readonly gate: string;
  readonly presented: number;
  readonly admitted: number;
  readonly surplus: number;
  readonly went_out: number;
  readonly refused: number;
}

export async function listTallies(
  database: Database,
  eventId: Id<"evt">,
): Promise<readonly Tally[]> {
  const rows = await database.prepared<TallyRow>(
    "tallies",
    `select slot_id, ticket_type_id, gate, presented, admitted, surplus, went_out, refused
       from admission.tally
      where event_id = $1`,
    [eventId],
  );
  return rows.map(({ slot_id, ticket_type_id, went_out, ...row }) => ({
    ...row,
    slotId: slot_id,
    ticketTypeId: ticket_type_id,
    wentOut: went_out,
  }));
}

/** Where one stands among the presentations of an event, which come in the order in which they were recorded. */
export interface RecordedPosition {
  /** Microseconds since 1970, as precise as the database dates. */
  readonly at: number;
  readonly ticketId: string;
  readonly number: number;
}

/**
 * Tickets whose admissions may have changed after a moment, at most so many, the earliest first, and where the next ones begin;
 * null: there were no more. An admission that is undone is recorded anew. One is dated before it is committed: who
 * asks for what is new asks from some time before the last answer on.
 */
export async function listChangedTickets(
  database: Database,
  eventId: Id<"evt">,
  { after, limit }: { readonly after: RecordedPosition; readonly limit: number },
): Promise<{
  readonly ticketIds: readonly Id<"tkt">[];
  readonly next: RecordedPosition | null;
}> {
  const rows = await database.prepared<{ ticket_id: Id<"tkt">; at: number; number: number }>(
    "changed_tickets",
    `select ticket_id, (extract(epoch from recorded_at) * 1000000)::bigint as at, number
       from admission.redemption
      where event_id = $1
        and ticket_id is not null
        and is_let_through
        and recorded_at >= timestamptz 'epoch' + $2::bigint * interval '1 microsecond'
        and (recorded_at, ticket_id, number)
            > (timestamptz 'epoch' + $2::bigint * interval '1 microsecond', $3::uuid, $4::integer)
      order by recorded_at, ticket_id, number
      limit $5::integer`,
    [eventId, after.at, after.ticketId, after.number, limit],
  );
  const last = rows.length < limit ? undefined : rows.at(-1);
  return {
    ticketIds: [...new Set(rows.map((row) => row.ticket_id))],
    next:
      last === undefined ? null : { at: last.at, ticketId: last.ticket_id, number: last.number },
  };
}

/** How a ticket stands at the door. */
export interface AdmissionState {
  readonly ticketId: Id<"tkt">;
  /** How many admissions it has. */
  readonly times: number;
  /** How many of those have not been scanned out. */
  readonly inside: number;
  /** The first of its admissions; null where it has none (any more). */
  readonly first: { readonly at: EpochMs; readonly gate: string } | null;
}

export async function admissionStates(
  database: Database,
  ticketIds: readonly Id<"tkt">[],
): Promise<readonly AdmissionState[]> {
  if (ticketIds.length === 0) return [];
  const rows = await database.prepared<{
    ticket_id: Id<"tkt">;
    times: number;
    gone: number;
    first_at: EpochMs | null;
    first_gate: string | null;
  }>(
    "admission_states",
    `select r.ticket_id,
            (count(*) filter (where r.is_counted))::integer as times,
            (count(*) filter (where r.outcome = 'left' and r.undone_at is null))::integer as gone,
            min(r.presented_at) filter (where r.is_counted) as first_at,
            (array_agg(r.gate order by r.presented_at, r.number) filter (where r.is_counted))[1] as first_gate
       from unnest($1::uuid[]) q (ticket_id)
       join admission.redemption r on r.ticket_id = q.ticket_id
      group by r.ticket_id`,
    [plainArray(ticketIds)],
  );
  return rows.map(({ ticket_id, times, gone, first_at, first_gate }) => ({
    ticketId: ticket_id,
    times,
    inside: Math.max(times - gone, 0),
    first: first_at === null ? null : { at: first_at, gate: first_gate ?? "" },
  }));
}
