import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { type RawBuilder, sql } from "kysely";
import { type Database, inTransaction } from "#platform/database/database.ts";
import type { Id } from "#platform/id.ts";

/** An organizer with a row in every table that has row security. */
export interface AnOrganizer {
  readonly organizerId: Id<"org">;
  readonly eventId: Id<"evt">;
  readonly reservationId: string;
  readonly paymentId: string;
  readonly userId: string;
}

type Owned = "organizer_id" | "event_id" | "reservation_id";

interface WalledTable {
  readonly name: string;
  /** The column by which a row is an organizer's. */
  readonly by: Owned;
  /** One more row of the organizer's. */
  readonly insert: (owner: AnOrganizer) => RawBuilder<unknown>;
}

const NOW = sql`clock_timestamp()`;
const DIGEST = () => randomUUID().replaceAll("-", "").padEnd(43, "x");

/** Every table that has row security, in the order in which they can be filled. */
export const WALLED_TABLES: readonly WalledTable[] = [
  {
    name: "organizers.organizer",
    by: "organizer_id",
    insert: ({ organizerId, userId }) => sql`
      insert into organizers.organizer (organizer_id, name, owner_id, created_at)
      values (${organizerId}, 'Museum', ${userId}, ${NOW})`,
  },
  {
    name: "organizers.member",
    by: "organizer_id",
    insert: ({ organizerId, userId }) => sql`
      insert into organizers.member (organizer_id, user_id, role, joined_at)
      values (${organizerId}, ${userId}, 'owner', ${NOW})`,
  },
  {
    name: "organizers.invitation",
    by: "organizer_id",
    insert: ({ organizerId, userId }) => sql`
      insert into organizers.invitation (invitation_id, organizer_id, email, role, token, invited_by, created_at, expires_at)
      values (${randomUUID()}, ${organizerId}, ${`${randomUUID()}@example.org`}, 'door', ${DIGEST()}, ${userId}, ${NOW}, ${NOW})`,
  },
  {
    name: "organizers.api_key",
    by: "organizer_id",
    insert: ({ organizerId, userId }) => sql`
      insert into organizers.api_key (key_id, organizer_id, name, digest, last_four, scopes, created_by, created_at)
      values (${randomUUID()}, ${organizerId}, 'script', ${DIGEST()}, 'abcd', '{read}', ${userId}, ${NOW})`,
  },
  {
    name: "catalog.event",
    by: "organizer_id",
    insert: ({ organizerId, eventId }) => sql`
      insert into catalog.event (event_id, organizer_id, slug, name, search_text, time_zone, currency, default_language,
        state, hold_seconds, hold_life_max_seconds, tickets_per_reservation_max, created_at)
      values (${eventId}, ${organizerId}, ${eventId}, '{"en": "Night"}', 'night', 'Europe/Prague', 'EUR', 'en',
        'draft', 600, 1200, 10, ${NOW})`,
  },
  {
    name: "catalog.slot",
    by: "event_id",
    insert: ({ eventId }) => sql`
      insert into catalog.slot (slot_id, event_id, starts_at, ends_at, starts_at_local, ends_at_local, capacity)
      values (${randomUUID()}, ${eventId}, '2090-01-01 12:00Z', '2090-01-01 13:00Z', '2090-01-01 13:00', '2090-01-01 14:00', 5)`,
  },
  {
    name: "catalog.ticket_type",
    by: "event_id",
    insert: ({ eventId }) => sql`
      insert into catalog.ticket_type (ticket_type_id, event_id, position, name, price_minor, min_per_reservation, admits, hidden)
      values (${randomUUID()}, ${eventId}, 0, '{"en": "Adult"}', 0, 1, 1, false)`,
  },
  {
    name: "organizers.door_pass",
    by: "event_id",
    insert: ({ eventId }) => sql`
      insert into organizers.door_pass (pass_id, event_id, gate, created_at, expires_at)
      values (${randomUUID()}, ${eventId}, 'north', ${NOW}, ${NOW} + interval '1 day')`,
  },
  {
    name: "organizers.audit_entry",
    by: "organizer_id",
    insert: ({ organizerId, eventId }) => sql`
      insert into organizers.audit_entry (audit_id, organizer_id, event_id, at, actor_kind, action, outcome)
      values (${randomUUID()}, ${organizerId}, ${eventId}, ${NOW}, 'server', 'changeEvent', 'done')`,
  },
  {
    name: "reservations.sale",
    by: "event_id",
    insert: ({ eventId }) =>
      sql`insert into reservations.sale (event_id, revision, state, settled) values (${eventId}, 1, 'draft', true)`,
  },
  {
    name: "reservations.pool",
    by: "event_id",
    insert: ({ eventId }) => sql`
      insert into reservations.pool (pool_id, event_id, slot_id, capacity)
      values (${randomUUID()}, ${eventId}, ${randomUUID()}, 5)`,
  },
  {
    name: "reservations.reservation",
    by: "event_id",
    insert: ({ reservationId, eventId }) => sql`
      insert into reservations.reservation (reservation_id, event_id, state, version, generation, created_at, pool_ids,
        pool_quantities, total_minor, currency)
      values (${reservationId}, ${eventId}, 'confirmed', 1, 0, ${NOW}, '{}', '{}', 0, 'EUR')`,
  },
  {
    name: "reservations.entry",
    by: "reservation_id",
    insert: ({ reservationId }) => sql`
      insert into reservations.entry (reservation_id, version, action, reason, state, generation, at, line_slot_ids,
        line_ticket_type_ids, line_quantities, line_unit_price_minor, pool_ids, held_deltas, sold_deltas)
      values (${reservationId}, 1, 'confirm', 'asked', 'confirmed', 0, ${NOW}, '{}', '{}', '{}', '{}', '{}', '{}', '{}')`,
  },
  {
    name: "reservations.ticket",
    by: "event_id",
    insert: ({ reservationId, eventId }) => sql`
      insert into reservations.ticket (ticket_id, reservation_id, event_id, slot_id, ticket_type_id, ordinal, issued_version)
      values (${randomUUID()}, ${reservationId}, ${eventId}, ${randomUUID()}, ${randomUUID()}, 1, 1)`,
  },
  {
    name: "payments.payment",
    by: "event_id",
    insert: ({ paymentId, reservationId, eventId }) => sql`
      insert into payments.payment (payment_id, reservation_id, hold_id, event_id, provider, amount_minor, currency, state,
        made_at, wait_ends_at, outcome, concluded_at)
      values (${paymentId}, ${reservationId}, ${reservationId}, ${eventId}, 'test', 2000, 'EUR', 'succeeded',
        ${NOW}, ${NOW}, 'confirmed', ${NOW})`,
  },
  {
    name: "payments.refund",
    by: "event_id",
    insert: ({ paymentId, reservationId, eventId }) => sql`
      insert into payments.refund (refund_id, payment_id, reservation_id, event_id, amount_minor, currency, reason, state,
        asked_as, made_at, settled_at)
      values (${randomUUID()}, ${paymentId}, ${reservationId}, ${eventId}, 100, 'EUR', 'goodwill', 'succeeded',
        ${randomUUID()}, ${NOW}, ${NOW})`,
  },
  {
    name: "admission.redemption",
    by: "event_id",
    insert: ({ eventId }) => sql`
      insert into admission.redemption (event_id, gate, presenter_id, direction, outcome, is_let_through, is_counted,
        presented_at, recorded_at)
      values (${eventId}, 'north', ${randomUUID()}, 'in', 'unknown', false, false, ${NOW}, ${NOW})`,
  },
  {
    name: "admission.tally",
    by: "event_id",
    insert: ({ eventId }) => sql`
      insert into admission.tally (event_id, slot_id, gate, presented, admitted, surplus, went_out, refused)
      values (${eventId}, ${randomUUID()}, 'north', 1, 0, 0, 0, 1)`,
  },
  {
    name: "tickets.signing_key",
    by: "organizer_id",
    insert: ({ organizerId }) => sql`
      insert into tickets.signing_key (public_key, organizer_id, number, private_key, created_at, retired_at)
      values (decode(${randomBytes(32).toString("hex")}, 'hex'), ${organizerId}, ${randomInt(1, 32_768)}, '', ${NOW}, ${NOW})`,
  },
];

/** Its id in the column by which rows of a table are its. */
export function ownerIn(owner: AnOrganizer, by: Owned): string {
  const { organizerId, eventId, reservationId } = owner;
  return { organizer_id: organizerId, event_id: eventId, reservation_id: reservationId }[by];
}

export async function anOrganizer(database: Database): Promise<AnOrganizer> {
  const owner: AnOrganizer = {
    organizerId: randomUUID() as Id<"org">,
    eventId: randomUUID() as Id<"evt">,
    reservationId: randomUUID(),
    paymentId: randomUUID(),
    userId: randomUUID(),
  };
  await inTransaction(database, async (transaction) => {
    await sql`
      insert into accounts.registered_user (id, name, email, email_verified, username, created_at, updated_at)
      values (${owner.userId}, 'Somebody', ${`${owner.userId}@example.org`}, true,
        ${`u${owner.userId.slice(0, 8)}`}, ${NOW}, ${NOW})
    `.execute(transaction);
    for (const { insert } of WALLED_TABLES) await insert(owner).execute(transaction);
  });
  return owner;
}
