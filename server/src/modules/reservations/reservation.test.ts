import assert from "node:assert/strict";
import { test } from "node:test";
import type { Id } from "#platform/id.ts";
import { testDatabase } from "#test/database.ts";
import { RESERVATION_ACTIONS, STANDINGS, TRANSITIONS } from "./reservation.ts";
import { ticketId } from "./ticket-id.ts";

test("the database decides every cell of the state machine as the table says", async (t) => {
  const database = await testDatabase(t);
  for (const standing of STANDINGS) {
    for (const action of RESERVATION_ACTIONS) {
      const [row] = await database.prepared<{ outcome: string }>(
        "transition",
        "select reservations.transition($1, $2) as outcome",
        [standing, action],
      );
      assert.equal(row?.outcome, TRANSITIONS[standing][action], `${standing} × ${action}`);
    }
  }
});

test("a ticket's id is the same wherever it is computed, and begins with its reservation's", async (t) => {
  const database = await testDatabase(t);
  const reservationId = "01935c2e-7b1a-7d3c-9f00-0123456789ab" as Id<"rsv">;
  for (const [version, ordinal] of [
    [1, 1],
    [1, 2],
    [7, 100],
  ] as const) {
    const [row] = await database.prepared<{ id: string }>(
      "ticket_id",
      "select reservations.ticket_id($1::text::uuid, $2::text::integer, $3::text::integer) as id",
      [reservationId, version, ordinal],
    );
    assert.equal(row?.id, ticketId(reservationId, version, ordinal));
    assert.equal(row?.id.slice(0, 18), reservationId.slice(0, 18));
  }
});
