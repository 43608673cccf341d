import assert from "node:assert/strict";
import { before, test } from "node:test";
import { sql } from "kysely";
import { inTransaction, type Transaction } from "#platform/database/database.ts";
import { inReach, type Reach } from "#platform/database/reach.ts";
import type { Caller } from "#platform/http/authentication.ts";
import { notFound } from "#platform/http/problem.ts";
import { type Id, parseId } from "#platform/id.ts";
import { addSlots } from "./add-slots.ts";
import { cancelEvent } from "./cancel-event.ts";
import { changeEvent } from "./change-event.ts";
import { changeSlot } from "./change-slot.ts";
import type { Editor } from "./edit-event.ts";
import { publishEvent } from "./publish-event.ts";
import { aSharedCatalog, aSlot } from "./testing.ts";

// Edits whose first wall is gone: whoever they are done for may do them, but what they are done to is out of reach.

const shared = aSharedCatalog();
let ours: Editor;
let theirs: Editor & { slotId: Id<"slt"> };
let reach: Reach;

before(async () => {
  const opened = await Promise.all([shared.open(), shared.open()]);
  const [one, other] = opened.map((event) => ({
    eventId: parseId("evt", event.id) as Id<"evt">,
    slotId: parseId("slt", event.slots[0]?.id ?? "") as Id<"slt">,
  }));
  assert.ok(one && other);
  ours = { caller: managerOf(one.eventId), eventId: one.eventId };
  theirs = { caller: managerOf(other.eventId), ...other };
  reach = { organizers: [], events: [ours.eventId] };
});

function managerOf(eventId: Id<"evt">): Caller {
  return { principal: { kind: "event", eventId, generation: 0 }, needs: ["event:write"] };
}

const EDITS: Readonly<
  Record<string, (transaction: Transaction, editor: Editor) => Promise<unknown>>
> = {
  changeEvent: (transaction, editor) =>
    changeEvent(shared, transaction, editor, { name: "Changed" }),
  publishEvent: (transaction, editor) => publishEvent(shared, transaction, editor),
  addSlots: (transaction, editor) => addSlots(shared, transaction, editor, aSlot()),
  changeSlot: (transaction, editor) =>
    changeSlot(shared, transaction, { ...editor, slotId: theirs.slotId }, { capacity: 50 }),
  cancelEvent: (transaction, editor) => cancelEvent(shared, transaction, editor),
};

for (const [name, edit] of Object.entries(EDITS)) {
  test(`${name} finds no event that is out of reach, whoever asks`, async () => {
    const edited = inReach(shared.database, reach, (transaction) => edit(transaction, theirs));
    await assert.rejects(edited, { type: notFound });
  });
}

test("negative control: without a reach, the same edits are done", async () => {
  for (const edit of Object.values(EDITS)) {
    await inTransaction(shared.database, (transaction) => edit(transaction, theirs));
  }
  const { rows } = await sql<{ state: string }>`
    select state from catalog.event where event_id = ${theirs.eventId}
  `.execute(shared.database.kysely);
  assert.deepEqual(rows, [{ state: "cancelled" }]);
});
