import { sql } from "kysely";
import type { Clock, EpochMs } from "#platform/clock.ts";
import { plainArray, textArray } from "#platform/database/arrays.ts";
import type { Database, Queryable, Transaction } from "#platform/database/database.ts";
import { databaseNow } from "#platform/database/database-now.ts";
import type { Id } from "#platform/id.ts";
import type { Texts } from "#platform/text.ts";
import type { Slot } from "./event.ts";
import { instant, json } from "./event-store.ts";

// Every statement about rows of slots. A removed slot is not there.

export interface SlotRow {
  readonly slot_id: string;
  readonly starts_at: EpochMs;
  readonly ends_at: EpochMs;
  readonly starts_at_local: string;
  readonly ends_at_local: string;
  readonly capacity: number;
  readonly note: Texts | null;
}

export function slotOfRow(row: SlotRow): Slot {
  return {
    slotId: row.slot_id as Id<"slt">,
    startsAt: row.starts_at,
    endsAt: row.ends_at,
    startsAtLocal: row.starts_at_local.replace(" ", "T"),
    endsAtLocal: row.ends_at_local.replace(" ", "T"),
    capacity: row.capacity,
    note: row.note,
  };
}

/** Writes slots, all in one statement. */
export async function insertSlots(
  transaction: Transaction,
  eventId: Id<"evt">,
  slots: readonly Slot[],
): Promise<void> {
  if (slots.length === 0) return;
  const list = (value: (slot: Slot) => string | number | null) => textArray(slots.map(value));
  await sql`
    insert into catalog.slot (
      slot_id, event_id, starts_at, ends_at, starts_at_local, ends_at_local, capacity, note
    )
    select n.slot_id, ${eventId}, n.starts_at, n.ends_at, n.starts_at_local, n.ends_at_local, n.capacity, n.note::jsonb
      from unnest(
        ${list((slot) => slot.slotId)}::text::uuid[], ${list((slot) => instant(slot.startsAt))}::text::timestamptz[],
        ${list((slot) => instant(slot.endsAt))}::text::timestamptz[], ${list((slot) => slot.startsAtLocal)}::text::timestamp[],
        ${list((slot) => slot.endsAtLocal)}::text::timestamp[], ${list((slot) => slot.capacity)}::text::integer[],
        ${list((slot) => (slot.note === null ? null : JSON.stringify(slot.note)))}::text::text[]
      ) n (slot_id, starts_at, ends_at, starts_at_local, ends_at_local, capacity, note)
  `.execute(transaction);
}

export async function saveSlot(transaction: Transaction, slot: Slot): Promise<void> {
  await sql`
    update catalog.slot
       set starts_at = ${instant(slot.startsAt)}::timestamptz,
           ends_at = ${instant(slot.endsAt)}::timestamptz,
           starts_at_local = ${slot.startsAtLocal}::timestamp,
           ends_at_local = ${slot.endsAtLocal}::timestamp,
           capacity = ${slot.capacity},
           note = ${json(slot.note)}
     where slot_id = ${slot.slotId}
  `.execute(transaction);
}

export async function markSlotRemoved(
  transaction: Transaction,
  clock: Clock,
  slotId: Id<"slt">,
): Promise<void> {
  await sql`
    update catalog.slot
       set removed_at = ${databaseNow(clock)}
     where slot_id = ${slotId}
  `.execute(transaction);
}

export async function findSlot(
  queryable: Queryable,
  eventId: Id<"evt">,
  slotId: Id<"slt">,
): Promise<Slot | null> {
  const { rows } = await sql<SlotRow>`
    select slot_id, starts_at, ends_at, starts_at_local, ends_at_local, capacity, note
      from catalog.slot
     where slot_id = ${slotId}
       and event_id = ${eventId}
       and removed_at is null
  `.execute(queryable);
  return rows[0] === undefined ? null : slotOfRow(rows[0]);
}

/** Slots of an event by their ids, also removed ones: a ticket of one may be around still. */
export async function findSlots(
  database: Database,
  eventId: Id<"evt">,
  slotIds: readonly Id<"slt">[],
): Promise<Slot[]> {
  if (slotIds.length === 0) return [];
  const rows = await database.prepared<SlotRow>(
    "catalog_slots_by_id",
    `select slot_id, starts_at, ends_at, starts_at_local, ends_at_local, capacity, note
       from catalog.slot
      where slot_id = any($1::uuid[])
        and event_id = $2`,
    [plainArray(slotIds), eventId],
  );
  return rows.map(slotOfRow);
}

/** Where a page of slots begins and what it is limited to. */
export interface SlotRange {
  /** Starts in these bounds: from the first instant, before the second. Null: unbounded. */
  readonly from: EpochMs | null;
  readonly to: EpochMs | null;
  /** After this one; null: from the first. */
  readonly after: { readonly startsAt: EpochMs; readonly slotId: string } | null;
  readonly limit: number;
}

/** Slots by time. */
export async function listSlots(
  queryable: Queryable,
  eventId: Id<"evt">,
  { from, to, after, limit }: SlotRange,
): Promise<Slot[]> {
  const { rows } = await sql<SlotRow>`
    select slot_id, starts_at, ends_at, starts_at_local, ends_at_local, capacity, note
      from catalog.slot
     where event_id = ${eventId}
       and removed_at is null
       and (starts_at, slot_id) > (${instant(after?.startsAt ?? null) ?? "-infinity"}::timestamptz, ${after?.slotId ?? ZERO}::uuid)
       and starts_at >= ${instant(from) ?? "-infinity"}::timestamptz
       and starts_at < ${instant(to) ?? "infinity"}::timestamptz
     order by starts_at, slot_id
     limit ${limit}
  `.execute(queryable);
  return rows.map(slotOfRow);
}

/** All slots of an event, by time: for edits that touch each. */
export function allSlots(queryable: Queryable, eventId: Id<"evt">): Promise<Slot[]> {
  return listSlots(queryable, eventId, { from: null, to: null, after: null, limit: 2 ** 31 - 1 });
}

export async function countSlots(queryable: Queryable, eventId: Id<"evt">): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count
      from catalog.slot
     where event_id = ${eventId}
       and removed_at is null
  `.execute(queryable);
  return rows[0]?.count ?? 0;
}

const ZERO = "00000000-0000-0000-0000-000000000000";

/** Writes the instants of slots, all in one statement; their wall times stay. */
export async function saveSlotTimes(
  transaction: Transaction,
  slots: readonly Slot[],
): Promise<void> {
  if (slots.length === 0) return;
  await sql`
    update catalog.slot s
       set starts_at = n.starts_at,
           ends_at = n.ends_at
      from unnest(
        ${textArray(slots.map(({ slotId }) => slotId))}::text::uuid[],
        ${textArray(slots.map(({ startsAt }) => instant(startsAt)))}::text::timestamptz[],
        ${textArray(slots.map(({ endsAt }) => instant(endsAt)))}::text::timestamptz[]
      ) n (slot_id, starts_at, ends_at)
     where s.slot_id = n.slot_id
  `.execute(transaction);
}

/** The event of a slot, also of a removed one; null when there never was such a slot. */
export async function findEventOfSlot(
  database: Database,
  slotId: Id<"slt">,
): Promise<Id<"evt"> | null> {
  const rows = await database.prepared<{ event_id: Id<"evt"> }>(
    "catalog_slot",
    "select event_id from catalog.slot where slot_id = $1",
    [slotId],
  );
  return rows[0]?.event_id ?? null;
}
