import type { Clock } from "#platform/clock.ts";
import { plainArray } from "#platform/database/arrays.ts";
import type { Database } from "#platform/database/database.ts";
import type { Id } from "#platform/id.ts";
import { changeRequest } from "./change-request.ts";
import type { Stock } from "./stock.ts";

/** Holds ended in one go; there may be more. */
const HOLDS_MAX = 500;

interface Context {
  readonly database: Database;
  readonly clock: Clock;
  readonly stock: Stock;
}

/**
 * Ends the holds whose time has passed: all of them, or those that draw on the given pools.
 * Only tidies: whoever wants such places gets them before anybody has tidied.
 */
export async function expireReservations(
  context: Context,
  poolIds: readonly string[] | null = null,
): Promise<number> {
  let ended = 0;
  for (;;) {
    const rows = await context.database.prepared<{ reservation_id: Id<"rsv"> }>(
      "due_holds",
      `select reservation_id
         from reservations.reservation
        where state = 'held'
          and expires_at <= clock_timestamp() + $1::bigint * interval '1 millisecond'
          and ($2::text is null or pool_ids && $2::text::uuid[])
        order by expires_at
        limit ${HOLDS_MAX}`,
      [context.clock.shiftMs, poolIds === null ? null : plainArray(poolIds)],
    );
    await Promise.all(
      rows.map(({ reservation_id }) =>
        context.stock.change(
          changeRequest({ action: "expire", reason: "clock", reservationId: reservation_id }),
        ),
      ),
    );
    ended += rows.length;
    if (rows.length < HOLDS_MAX) return ended;
  }
}

/**
 * Cancels what is left of cancelled events: holds and confirmed reservations. Goes on where it was
 * interrupted, as long as any event is not settled.
 */
export async function settleCancelledEvents(context: Context): Promise<number> {
  const events = await context.database.prepared<{ event_id: Id<"evt"> }>(
    "unsettled_sales",
    "select event_id from reservations.sale where not settled order by event_id limit 100",
    [],
  );
  let cancelled = 0;
  for (const { event_id } of events) cancelled += await settleCancelledEvent(context, event_id);
  return cancelled;
}

/** Cancels what is left of one cancelled event. */
export async function settleCancelledEvent(context: Context, eventId: Id<"evt">): Promise<number> {
  let cancelled = 0;
  for (;;) {
    const rows = await context.database.prepared<{ reservation_id: Id<"rsv"> }>(
      "live_reservations",
      `select reservation_id
         from reservations.reservation
        where event_id = $1 and state in ('held', 'confirmed')
        order by reservation_id
        limit ${HOLDS_MAX}`,
      [eventId],
    );
    if (rows.length === 0) break;
    await Promise.all(
      rows.map(({ reservation_id }) =>
        context.stock.change(
          changeRequest({
            action: "revoke",
            reason: "event_cancelled",
            reservationId: reservation_id,
            eventId,
          }),
        ),
      ),
    );
    // A hold whose time has passed is not cancelled but ended.
    await expireReservations(context);
    cancelled += rows.length;
  }
  await context.database.prepared(
    "settle_sale",
    "update reservations.sale set settled = true where event_id = $1 and state = 'cancelled'",
    [eventId],
  );
  return cancelled;
}
