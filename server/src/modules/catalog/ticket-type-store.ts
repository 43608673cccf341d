import { sql } from "kysely";
import type { Clock, EpochMs } from "#platform/clock.ts";
import { plainArray, textArray } from "#platform/database/arrays.ts";
import type { Database, Queryable, Transaction } from "#platform/database/database.ts";
import { databaseNow } from "#platform/database/database-now.ts";
import type { Id } from "#platform/id.ts";
import type { Texts } from "#platform/text.ts";
import type { TicketType } from "./event.ts";
import { instant, json } from "./event-store.ts";

// Every statement about rows of ticket types. A removed ticket type is not there.

export interface TicketTypeRow {
  readonly ticket_type_id: string;
  readonly position: number;
  readonly name: Texts;
  readonly description: Texts | null;
  readonly price_minor: number;
  readonly capacity: number | null;
  readonly capacity_per_slot: number | null;
  readonly min_per_reservation: number;
  readonly max_per_reservation: number | null;
  readonly sales_start_at: EpochMs | null;
  readonly sales_end_at: EpochMs | null;
  readonly admits: number;
  readonly gates: readonly string[] | null;
  readonly hidden: boolean;
}

const COLUMNS = sql.raw(`
  ticket_type_id, position, name, description, price_minor, capacity, capacity_per_slot,
  min_per_reservation, max_per_reservation, sales_start_at, sales_end_at, admits, gates, hidden`);

export function ticketTypeOfRow(row: TicketTypeRow): TicketType {
  return {
    ticketTypeId: row.ticket_type_id as Id<"tty">,
    position: row.position,
    name: row.name,
    description: row.description,
    priceMinor: row.price_minor,
    capacity: row.capacity,
    capacityPerSlot: row.capacity_per_slot,
    minPerReservation: row.min_per_reservation,
    maxPerReservation: row.max_per_reservation,
    salesStartAt: row.sales_start_at,
    salesEndAt: row.sales_end_at,
    admits: row.admits,
    gates: row.gates,
    hidden: row.hidden,
  };
}

/** Writes ticket types, all in one statement. */
export async function insertTicketTypes(
  transaction: Transaction,
  eventId: Id<"evt">,
  types: readonly TicketType[],
): Promise<void> {
  if (types.length === 0) return;
  const list = (value: (type: TicketType) => string | number | boolean | null) =>
    textArray(types.map(value));
  await sql`
    insert into catalog.ticket_type (
      ticket_type_id, event_id, position, name, description, price_minor, capacity, capacity_per_slot,
      min_per_reservation, max_per_reservation, sales_start_at, sales_end_at, admits, gates, hidden
    )
    select n.ticket_type_id, ${eventId}, n.position, n.name::jsonb, n.description::jsonb, n.price_minor, n.capacity,
           n.capacity_per_slot, n.min_per_reservation, n.max_per_reservation, n.sales_start_at, n.sales_end_at,
           n.admits, case when n.gates is not null then array(select jsonb_array_elements_text(n.gates::jsonb)) end, n.hidden
      from unnest(
        ${list((type) => type.ticketTypeId)}::text::uuid[], ${list((type) => type.position)}::text::integer[],
        ${list((type) => JSON.stringify(type.name))}::text::text[],
        ${list((type) => (type.description === null ? null : JSON.stringify(type.description)))}::text::text[],
        ${list((type) => type.priceMinor)}::text::bigint[], ${list((type) => type.capacity)}::text::integer[],
        ${list((type) => type.capacityPerSlot)}::text::integer[],
        ${list((type) => type.minPerReservation)}::text::integer[],
        ${list((type) => type.maxPerReservation)}::text::integer[],
        ${list((type) => instant(type.salesStartAt))}::text::timestamptz[],
        ${list((type) => instant(type.salesEndAt))}::text::timestamptz[],
        ${list((type) => type.admits)}::text::integer[],
        ${list((type) => (type.gates === null ? null : JSON.stringify(type.gates)))}::text::text[],
        ${list((type) => type.hidden)}::text::boolean[]
      ) n (ticket_type_id, position, name, description, price_minor, capacity, capacity_per_slot,
           min_per_reservation, max_per_reservation, sales_start_at, sales_end_at, admits, gates, hidden)
  `.execute(transaction);
}

export async function saveTicketType(transaction: Transaction, type: TicketType): Promise<void> {
  await sql`
    update catalog.ticket_type
       set name = ${json(type.name)},
           description = ${json(type.description)},
           price_minor = ${type.priceMinor},
           capacity = ${type.capacity}::integer,
           capacity_per_slot = ${type.capacityPerSlot}::integer,
           min_per_reservation = ${type.minPerReservation},
           max_per_reservation = ${type.maxPerReservation}::integer,
           sales_start_at = ${instant(type.salesStartAt)}::timestamptz,
           sales_end_at = ${instant(type.salesEndAt)}::timestamptz,
           admits = ${type.admits},
           gates = ${type.gates === null ? null : textArray(type.gates)}::text[],
           hidden = ${type.hidden}
     where ticket_type_id = ${type.ticketTypeId}
  `.execute(transaction);
}

export async function markTicketTypeRemoved(
  transaction: Transaction,
  clock: Clock,
  ticketTypeId: Id<"tty">,
): Promise<void> {
  await sql`
    update catalog.ticket_type
       set removed_at = ${databaseNow(clock)}
     where ticket_type_id = ${ticketTypeId}
  `.execute(transaction);
}

/** The ticket types of an event by position. */
export async function listTicketTypes(
  queryable: Queryable,
  eventId: Id<"evt">,
): Promise<TicketType[]> {
  const { rows } = await sql<TicketTypeRow>`
    select ${COLUMNS}
      from catalog.ticket_type
     where event_id = ${eventId}
       and removed_at is null
     order by position, ticket_type_id
  `.execute(queryable);
  return rows.map(ticketTypeOfRow);
}

/** All ticket types of the event `e`, by position, as one value: for statements that read a whole event. */
export const TICKET_TYPES_JSON = `
  (select coalesce(
            jsonb_agg(
              jsonb_build_object(
                'ticket_type_id', t.ticket_type_id, 'position', t.position, 'name', t.name,
                'description', t.description, 'price_minor', t.price_minor, 'capacity', t.capacity,
                'capacity_per_slot', t.capacity_per_slot, 'min_per_reservation', t.min_per_reservation,
                'max_per_reservation', t.max_per_reservation,
                'sales_start_at', (extract(epoch from t.sales_start_at) * 1000)::bigint,
                'sales_end_at', (extract(epoch from t.sales_end_at) * 1000)::bigint,
                'admits', t.admits, 'gates', t.gates, 'hidden', t.hidden)
              order by t.position, t.ticket_type_id),
            '[]')
     from catalog.ticket_type t
    where t.event_id = e.event_id
      and t.removed_at is null)`;

/** The event of a ticket type, also of a removed one; null when there never was such a type. */
export async function findEventOfTicketType(
  database: Database,
  ticketTypeId: Id<"tty">,
): Promise<Id<"evt"> | null> {
  const rows = await database.prepared<{ event_id: Id<"evt"> }>(
    "catalog_ticket_type",
    "select event_id from catalog.ticket_type where ticket_type_id = $1",
    [ticketTypeId],
  );
  return rows[0]?.event_id ?? null;
}

/** What ticket types of an event are called and how many people they let in, also removed ones. */
export async function findTicketTypeNames(
  database: Database,
  eventId: Id<"evt">,
  ticketTypeIds: readonly Id<"tty">[],
): Promise<Pick<TicketType, "ticketTypeId" | "name" | "admits">[]> {
  if (ticketTypeIds.length === 0) return [];
  const rows = await database.prepared<Pick<TicketTypeRow, "ticket_type_id" | "name" | "admits">>(
    "catalog_ticket_types_by_id",
    `select ticket_type_id, name, admits
       from catalog.ticket_type
      where ticket_type_id = any($1::uuid[])
        and event_id = $2`,
    [plainArray(ticketTypeIds), eventId],
  );
  return rows.map(({ ticket_type_id, name, admits }) => ({
    ticketTypeId: ticket_type_id as Id<"tty">,
    name,
    admits,
  }));
}

/** How many people a ticket of a type lets in, also of a removed one; null when there never was such a type. */
export async function findAdmits(
  database: Database,
  ticketTypeId: Id<"tty">,
): Promise<number | null> {
  const rows = await database.prepared<{ admits: number }>(
    "catalog_admits",
    "select admits from catalog.ticket_type where ticket_type_id = $1",
    [ticketTypeId],
  );
  return rows[0]?.admits ?? null;
}
