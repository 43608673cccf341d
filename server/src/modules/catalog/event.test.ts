import assert from "node:assert/strict";
import { test } from "node:test";
import { EVENT_STATES, type EventAction, type EventState, TRANSITIONS } from "./event.ts";

const CELLS: readonly (readonly [EventState, EventAction, EventState | "same" | null])[] = [
  ["draft", "edit", "draft"],
  ["draft", "publish", "published"],
  ["draft", "cancel", "cancelled"],
  ["published", "edit", "published"],
  ["published", "publish", "same"],
  ["published", "cancel", "cancelled"],
  ["cancelled", "edit", null],
  ["cancelled", "publish", null],
  ["cancelled", "cancel", "same"],
];

for (const [state, action, after] of CELLS) {
  test(`${action} of a ${state} event: ${after ?? "refused"}`, () => {
    assert.equal(TRANSITIONS[state][action], after);
  });
}

test("every cell of the table is tried", () => {
  const cells = EVENT_STATES.flatMap((state) => Object.keys(TRANSITIONS[state]));
  assert.equal(CELLS.length, cells.length);
});
