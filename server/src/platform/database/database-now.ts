import { type RawBuilder, sql } from "kysely";
import type { Clock } from "../clock.ts";

/** The database's time, as this server's clock has it: an expression of type timestamptz. */
export function databaseNow(clock: Clock): RawBuilder<unknown> {
  return sql`clock_timestamp() + ${clock.shiftMs}::bigint * interval '1 millisecond'`;
}
