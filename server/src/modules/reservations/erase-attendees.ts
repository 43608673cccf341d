import { sql } from "kysely";
import type { AttendeeRetention } from "#modules/catalog/index.ts";
import type { Audit } from "#modules/organizers/index.ts";
import type { Clock } from "#platform/clock.ts";
import {
  type Database,
  inTransaction,
  type Queryable,
  type Transaction,
} from "#platform/database/database.ts";
import { inReach, type Reach } from "#platform/database/reach.ts";
import type { Id } from "#platform/id.ts";
import type { ChangeReason } from "./change-request.ts";

/** Reservations erased in one transaction: sales of the same places wait for one of these at most. */
const RESERVATIONS_MAX = 500;

/** Whose personal data is meant: of all attendees of the event, unless an address or a reservation is named. */
export interface AttendeesMeant {
  readonly eventId: Id<"evt">;
  /** In any case. */
  readonly email?: string | null;
  readonly reservationId?: Id<"rsv"> | null;
  /** None that was made after this one. */
  readonly until?: Id<"rsv"> | null;
}

interface Context {
  readonly database: Database;
  readonly clock: Clock;
}

/** Who has it done: a manager, whose rows alone it then reaches, or the server by itself. */
export type Eraser = { readonly as: "manager"; readonly reach: Reach } | { readonly as: "clock" };

/** How many reservations hold the personal data that is meant. */
export async function countAttendees(
  queryable: Queryable,
  { eventId, email = null, reservationId = null, until = null }: AttendeesMeant,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count
      from reservations.find_attendees(
        ${eventId}::uuid, ${email}::text, ${reservationId}::uuid, null, ${until}::uuid, null)
  `.execute(queryable);
  return rows[0]?.count ?? 0;
}

/**
 * Takes the personal data that is meant out of its reservations and tickets, in every state; gives of
 * how many. Nothing else of them changes, and nothing else in the database holds such data.
 *
 * Goes from transaction to transaction: cut short, what was erased is, and the next call does the rest.
 */
export async function eraseAttendees(
  { database, clock }: Context,
  meant: AttendeesMeant,
  eraser: Eraser,
): Promise<number> {
  let erased = 0;
  let from: Id<"rsv"> | null = null;
  do {
    const part: Part = { clock, meant, from, reason: eraser.as };
    const work = (transaction: Transaction) => erasePart(transaction, part);
    const done: Erased = await (eraser.as === "clock"
      ? inTransaction(database, work)
      : inReach(database, eraser.reach, work));
    erased += done.erased;
    from = done.next;
  } while (from !== null);
  return erased;
}

interface Part {
  readonly clock: Clock;
  readonly meant: AttendeesMeant;
  /** From this one on; null: from the first. */
  readonly from: Id<"rsv"> | null;
  readonly reason: ChangeReason;
}

interface Erased {
  readonly erased: number;
  /** Where the next part begins; null: there is none. */
  readonly next: Id<"rsv"> | null;
}

async function erasePart(transaction: Transaction, part: Part): Promise<Erased> {
  const { eventId, email = null, reservationId = null, until = null } = part.meant;
  const { rows } = await sql<Erased>`
    select erased, next
      from reservations.erase_attendees(
        ${part.clock.shiftMs}::bigint, ${part.reason}::text, ${eventId}::uuid, ${email}::text, ${reservationId}::uuid,
        ${part.from}::uuid, ${until}::uuid, ${RESERVATIONS_MAX}::integer)
  `.execute(transaction);
  return rows[0] ?? { erased: 0, next: null };
}

/**
 * Erases the attendees of the events whose retention has passed, each once unless it is edited
 * afterwards; gives of how many reservations.
 */
export async function eraseOverdueAttendees(
  context: Context & { readonly audit: Audit; readonly retention: AttendeeRetention },
): Promise<number> {
  const { database, audit, retention } = context;
  let erased = 0;
  let after: Id<"evt"> | null = null;
  for (;;) {
    const events = await retention.overdue(after);
    for (const event of events) {
      const { eventId, organizerId } = event;
      const reservations = await countAttendees(database.kysely, { eventId });
      if (reservations > 0) {
        const act = {
          principal: { kind: "server" },
          action: "eraseAttendees",
          organizerId,
          eventId,
          details: { meant: "all", reservations },
        } as const;
        const work = () => eraseAttendees(context, { eventId }, { as: "clock" });
        erased += await audit.around(act, work, () => "done");
      }
      await inTransaction(database, (transaction) => retention.erased(transaction, event));
      after = eventId;
    }
    if (events.length === 0) return erased;
  }
}
