import { sql } from "kysely";
import { Type } from "typebox";
import type { EventFacts } from "#modules/catalog/index.ts";
import type {
  UsedPart,
  UsedPosition,
  VoidedPart,
  VoidedPosition,
} from "#modules/reservations/index.ts";
import type { PublicKey } from "#modules/tickets/index.ts";
import { assert } from "#platform/assert.ts";
import type { Clock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import { databaseNow } from "#platform/database/database-now.ts";
import { readCursor, writeCursor } from "#platform/http/pagination.ts";
import { formatId, type Id } from "#platform/id.ts";
import { toRfc3339 } from "#platform/time.ts";
import type { DoorCounts } from "./door-counts.ts";
import type { DoorDataBody } from "./door-schemas.ts";
import {
  type AdmissionState,
  admissionStates,
  listChangedTickets,
  type RecordedPosition,
} from "./tally-store.ts";

// What a gate keeps so that it can go on without a network: everything in rounds of parts, then, round by round, what is new.

/** Tickets of a kind in one answer. */
const PART_MAX = 5_000;
/** What is dated before a round's beginning may be committed after it: so far the next round looks back. */
const OVERLAP_MICROS = 60_000_000;
const FIRST = "00000000-0000-0000-0000-000000000000";

export interface DoorDataParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly counts: Pick<DoorCounts, "of">;
  typeNames(
    eventId: Id<"evt">,
    languages: readonly string[],
  ): Promise<ReadonlyMap<Id<"tty">, string>>;
  keysOf(event: EventFacts): Promise<readonly PublicKey[]>;
  readonly tickets: {
    voided(
      eventId: Id<"evt">,
      part: VoidedPart,
    ): Promise<readonly (VoidedPosition & { readonly ticketId: Id<"tkt"> })[]>;
    used(
      eventId: Id<"evt">,
      part: UsedPart,
    ): Promise<{
      readonly ticketIds: readonly Id<"tkt">[];
      readonly next: UsedPosition | null;
    }>;
  };
}

const Micros = Type.Integer({ minimum: 0, maximum: 4_102_444_800_000_000 });
const Uuid = Type.String({ pattern: "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$" });

/** Where a gate stands. A position that is null: there is no more of that kind in this round. */
const Cursor = Type.Object({
  event: Uuid,
  /** When the round began: the next one looks for what came after. */
  began: Micros,
  round: Type.Union([
    /** It is over. */
    Type.Null(),
    Type.Object({
      voided: Type.Union([Type.Object({ at: Micros, ticketId: Uuid }), Type.Null()]),
      used: Type.Union([Type.Object({ reservationId: Uuid, ticketId: Uuid }), Type.Null()]),
      changed: Type.Union([
        Type.Object({
          at: Micros,
          ticketId: Uuid,
          number: Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 }),
        }),
        Type.Null(),
      ]),
    }),
  ]),
});

interface Round {
  readonly began: number;
  readonly voided: VoidedPosition | null;
  /** The first round goes through all tickets, the others through what was recorded since. */
  readonly used: UsedPosition | null;
  readonly changed: RecordedPosition | null;
}

/**
 * What there is to know at the door of an event, new since the cursor.
 *
 * @throws `invalid_field` for a cursor that is none of this event.
 */
export async function readDoorData(
  parts: DoorDataParts,
  event: EventFacts,
  {
    after,
    languages,
  }: { readonly after: string | undefined; readonly languages: readonly string[] },
): Promise<DoorDataBody> {
  const { eventId } = event;
  const round = await roundOf(parts, eventId, after);
  const [voided, used, changed] = await Promise.all([
    round.voided && parts.tickets.voided(eventId, { after: round.voided, limit: PART_MAX }),
    round.used && parts.tickets.used(eventId, { after: round.used, limit: PART_MAX }),
    round.changed &&
      listChangedTickets(parts.database, eventId, { after: round.changed, limit: PART_MAX }),
  ]);
  const next = {
    voided: voided !== null && voided.length === PART_MAX ? (voided.at(-1) ?? null) : null,
    used: used?.next ?? null,
    changed: changed?.next ?? null,
  };
  const isOver = next.voided === null && next.used === null && next.changed === null;
  const ticketIds = [...(used?.ticketIds ?? []), ...(changed?.ticketIds ?? [])];
  const [states, keys, names, counts] = await Promise.all([
    admissionStates(parts.database, ticketIds),
    parts.keysOf(event),
    parts.typeNames(eventId, languages),
    parts.counts.of(event),
  ]);
  return {
    ...eventView(event, names),
    cursor: writeCursor({ event: eventId, began: round.began, round: isOver ? null : next }),
    complete: isOver,
    keys: keys.map(keyView),
    revoked: (voided ?? []).map(({ ticketId }) => formatId("tkt", ticketId)),
    admitted: states.map(stateView),
    counts: counts.total,
  };
}

async function roundOf(
  { database, clock }: DoorDataParts,
  eventId: Id<"evt">,
  after: string | undefined,
): Promise<Round> {
  const cursor = readCursor(after, Cursor, "/after");
  if (cursor !== null && cursor.event !== eventId) readCursor("another event's", Cursor, "/after");
  if (cursor?.round != null) return { began: cursor.began, ...cursor.round };
  const { rows } = await sql<{ now: number }>`
    select (extract(epoch from ${databaseNow(clock)}) * 1000000)::bigint as now
  `.execute(database.kysely);
  const began = rows[0]?.now;
  assert(began !== undefined, "the database knows the time");
  if (cursor === null) {
    const used = { reservationId: FIRST, ticketId: FIRST };
    return { began, voided: { at: 0, ticketId: FIRST }, used, changed: null };
  }
  const at = Math.max(cursor.began - OVERLAP_MICROS, 0);
  const voided = { at, ticketId: FIRST };
  return { began, voided, used: null, changed: { ...voided, number: 0 } };
}

function eventView(
  { eventId, state, timeZone, reEntry, entryOpensMinutes, slots, ticketTypes }: EventFacts,
  names: ReadonlyMap<Id<"tty">, string>,
): Pick<DoorDataBody, "event_id" | "state" | "time_zone" | "settings" | "slots" | "ticket_types"> {
  return {
    event_id: formatId("evt", eventId),
    state,
    time_zone: timeZone,
    settings: { re_entry: reEntry, entry_opens_minutes: entryOpensMinutes },
    slots: [...slots].map(([slotId, { startsAt, endsAt }]) => ({
      id: formatId("slt", slotId),
      starts_at: toRfc3339(startsAt),
      ends_at: toRfc3339(endsAt),
    })),
    ticket_types: [...ticketTypes.values()].map(({ ticketTypeId, admits, gates }) => ({
      id: formatId("tty", ticketTypeId),
      name: names.get(ticketTypeId) ?? "",
      admits,
      gates: gates && [...gates],
    })),
  };
}

function keyView({ number, publicKey, revokedAt }: PublicKey): DoorDataBody["keys"][number] {
  return {
    number,
    public_key: publicKey.toString("base64url"),
    revoked_at: revokedAt === null ? null : toRfc3339(revokedAt),
  };
}

function stateView({
  ticketId,
  times,
  inside,
  first,
}: AdmissionState): DoorDataBody["admitted"][number] {
  return {
    ticket_id: formatId("tkt", ticketId),
    times,
    inside,
    at: first === null ? null : toRfc3339(first.at),
    gate: first === null || first.gate === "" ? null : first.gate,
  };
}
