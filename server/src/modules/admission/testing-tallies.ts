import assert from "node:assert/strict";
import type { Database } from "#platform/database/database.ts";

/** What is counted is what was written down; no ticket has more admissions than it may. */
export async function assertTallied(database: Database): Promise<void> {
  const tallied = await database.prepared(
    "tallied",
    `select event_id, slot_id, ticket_type_id, gate,
            presented::integer, admitted::integer, surplus::integer, went_out::integer, refused::integer
       from admission.tally order by 1, 2, 3, 4`,
    [],
  );
  const written = await database.prepared(
    "written",
    `select event_id, slot_id, ticket_type_id, gate,
            count(*)::integer as presented,
            (count(*) filter (where is_counted))::integer as admitted,
            (count(*) filter (where direction = 'in' and is_let_through and not is_counted and undone_at is null))::integer
              as surplus,
            (count(*) filter (where outcome = 'left' and undone_at is null))::integer as went_out,
            (count(*) filter (where not is_let_through))::integer as refused
       from admission.redemption group by 1, 2, 3, 4 order by 1, 2, 3, 4`,
    [],
  );
  assert.deepEqual(tallied, written);
}
