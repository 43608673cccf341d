import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { constraintOf } from "#platform/database/faults.ts";
import { parseId } from "#platform/id.ts";
import { aSharedCatalog } from "./testing.ts";

const setting = aSharedCatalog();

const BEYOND = [
  ["cancellation_free_hours", -1, "event_cancellation_free_hours_in_range"],
  ["cancellation_free_hours", 8761, "event_cancellation_free_hours_in_range"],
  ["cancellation_kept_percent", -1, "event_cancellation_kept_is_a_percentage"],
  ["cancellation_kept_percent", 101, "event_cancellation_kept_is_a_percentage"],
  ["offline_hold_hours", 0, "event_offline_hold_hours_in_range"],
  ["offline_hold_hours", 721, "event_offline_hold_hours_in_range"],
  ["entry_opens_minutes", -1, "event_entry_opens_minutes_in_range"],
  ["entry_opens_minutes", 43_201, "event_entry_opens_minutes_in_range"],
] as const;

for (const [column, value, constraint] of BEYOND) {
  test(`${column} of ${value} is refused by the database, too`, async () => {
    const { id } = await setting.open();
    const written = sql`
      update catalog.event
         set ${sql.ref(column)} = ${value}::integer
       where event_id = ${parseId("evt", id)}
    `.execute(setting.database.kysely);
    await assert.rejects(written, (error) => constraintOf(error) === constraint);
  });
}
