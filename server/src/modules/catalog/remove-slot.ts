import type { Transaction } from "#platform/database/database.ts";
import type { Id } from "#platform/id.ts";
import { noSuchSlot } from "./change-slot.ts";
import { type EditContext, type EditedEvent, type Editor, editEvent } from "./edit-event.ts";
import { poolOfSlot, poolsWithinSlots } from "./pools.ts";
import { refuseIncomplete } from "./publish-event.ts";
import { findSlot, markSlotRemoved } from "./slot-store.ts";
import { listTicketTypes } from "./ticket-type-store.ts";

/**
 * Removes a slot that nobody holds places of. The last one of a published event stays.
 *
 * @throws `capacity_below_sold` while places of it are held or sold, `event_incomplete`, `not_found`,
 *   `event_cancelled`.
 */
export function removeSlot(
  context: EditContext,
  transaction: Transaction,
  editor: Editor & { readonly slotId: Id<"slt"> },
): Promise<EditedEvent<null>> {
  return editEvent(context, transaction, editor, async (event) => {
    const slot = await findSlot(transaction, event.eventId, editor.slotId);
    if (slot === null) throw noSuchSlot();
    await markSlotRemoved(transaction, context.clock, slot.slotId);
    if (event.state === "published") await refuseIncomplete(transaction, event);
    const types = await listTicketTypes(transaction, event.eventId);
    const pools = [poolOfSlot(slot), ...poolsWithinSlots([slot], types)];
    return { closed: pools, result: null };
  });
}
