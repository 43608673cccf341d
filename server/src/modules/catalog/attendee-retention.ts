import { sql } from "kysely";
import type { Clock, EpochMs } from "#platform/clock.ts";
import type { Database, Transaction } from "#platform/database/database.ts";
import { databaseNow } from "#platform/database/database-now.ts";
import type { Id } from "#platform/id.ts";

/** An event whose attendees are to be erased. */
export interface OverdueEvent {
  readonly eventId: Id<"evt">;
  readonly organizerId: Id<"org"> | null;
  readonly revision: number;
}

/** When the attendees of events are to be erased, as the events say. An event is over when its last slot has ended, or when it was cancelled before. */
export interface AttendeeRetention {
  /**
   * From when on all attendees of the event may be erased: when it is over and its retention has
   * passed. Null when it has no slot that could end and was not cancelled.
   */
  erasableFrom(eventId: Id<"evt">): Promise<EpochMs | null>;
  /** Some events whose retention has passed and whose attendees were not erased since, by id. */
  overdue(after: Id<"evt"> | null): Promise<OverdueEvent[]>;
  /** Remembers that the attendees were erased, unless the event was edited meanwhile. */
  erased(transaction: Transaction, event: OverdueEvent): Promise<void>;
}

const EVENTS_MAX = 100;

/** When the event `e` is over. */
const OVER_AT = sql.raw(`least(e.cancelled_at, (
      select max(s.ends_at)
        from catalog.slot s
       where s.event_id = e.event_id
         and s.removed_at is null
    ))`);

export function createAttendeeRetention(database: Database, clock: Clock): AttendeeRetention {
  return {
    erasableFrom: async (eventId) => {
      const { rows } = await sql<{ erasable_from: EpochMs | null }>`
        select ${OVER_AT} + coalesce(e.attendee_retention_days, 0) * interval '24 hours' as erasable_from
          from catalog.event e
         where e.event_id = ${eventId}
      `.execute(database.kysely);
      return rows[0]?.erasable_from ?? null;
    },
    overdue: async (after) => {
      const { rows } = await sql<{
        event_id: Id<"evt">;
        organizer_id: Id<"org"> | null;
        revision: number;
      }>`
        select e.event_id, e.organizer_id, e.revision
          from catalog.event e
         where e.attendee_retention_days is not null
           and e.attendees_erased_at is null
           and least(e.cancelled_at, e.last_slot_at) <= ${databaseNow(clock)}
           and ${OVER_AT} + e.attendee_retention_days * interval '24 hours' <= ${databaseNow(clock)}
           and (${after}::uuid is null or e.event_id > ${after}::uuid)
         order by e.event_id
         limit ${EVENTS_MAX}
      `.execute(database.kysely);
      return rows.map((row) => ({
        eventId: row.event_id,
        organizerId: row.organizer_id,
        revision: row.revision,
      }));
    },
    erased: async (transaction, { eventId, revision }) => {
      await sql`
        update catalog.event
           set attendees_erased_at = ${databaseNow(clock)}
         where event_id = ${eventId}
           and revision = ${revision}
      `.execute(transaction);
    },
  };
}
