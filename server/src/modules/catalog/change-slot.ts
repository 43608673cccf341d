import type { Transaction } from "#platform/database/database.ts";
import { notFound, Problem } from "#platform/http/problem.ts";
import type { Id } from "#platform/id.ts";
import type { SlotChangeBody } from "./catalog-schemas.ts";
import { type EditContext, type EditedEvent, type Editor, editEvent } from "./edit-event.ts";
import type { Slot } from "./event.ts";
import { poolOfSlot } from "./pools.ts";
import { readSlotChange } from "./slot-input.ts";
import { findSlot, saveSlot } from "./slot-store.ts";
import { createWrongFields } from "./wrong-fields.ts";

/**
 * Changes a slot. Reservations follow it to its new time.
 *
 * @throws `invalid_field`, `capacity_below_sold`, `not_found`, `event_cancelled`.
 */
export function changeSlot(
  context: EditContext,
  transaction: Transaction,
  editor: Editor & { readonly slotId: Id<"slt"> },
  body: SlotChangeBody,
): Promise<EditedEvent<Slot>> {
  return editEvent(context, transaction, editor, async (event) => {
    const before = await findSlot(transaction, event.eventId, editor.slotId);
    if (before === null) throw noSuchSlot();
    const wrong = createWrongFields();
    const slot = readSlotChange(before, body, { clock: context.clock, frame: event, wrong });
    wrong.refuseIfAny();
    await saveSlot(transaction, slot);
    const pools = slot.capacity === before.capacity ? [] : [poolOfSlot(slot)];
    return { pools, result: slot };
  });
}

export function noSuchSlot(): Problem {
  return new Problem(notFound, "There is no such slot here.");
}
