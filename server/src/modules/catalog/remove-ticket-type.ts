import type { Transaction } from "#platform/database/database.ts";
import type { Id } from "#platform/id.ts";
import { noSuchTicketType } from "./change-ticket-type.ts";
import { type EditContext, type EditedEvent, type Editor, editEvent } from "./edit-event.ts";
import { poolsOfTicketType, poolsWithinSlots } from "./pools.ts";
import { refuseIncomplete } from "./publish-event.ts";
import { allSlots } from "./slot-store.ts";
import { listTicketTypes, markTicketTypeRemoved } from "./ticket-type-store.ts";

/**
 * Takes a ticket type off sale for good. What is reserved of it stays reserved, so its pools stay too
 * once the event was published. The last one of a published event stays.
 *
 * @throws `event_incomplete`, `not_found`, `event_cancelled`.
 */
export function removeTicketType(
  context: EditContext,
  transaction: Transaction,
  editor: Editor & { readonly ticketTypeId: Id<"tty"> },
): Promise<EditedEvent<null>> {
  return editEvent(context, transaction, editor, async (event) => {
    const types = await listTicketTypes(transaction, event.eventId);
    const type = types.find(({ ticketTypeId }) => ticketTypeId === editor.ticketTypeId);
    if (type === undefined) throw noSuchTicketType();
    await markTicketTypeRemoved(transaction, context.clock, type.ticketTypeId);
    if (event.state === "published") {
      await refuseIncomplete(transaction, event);
      return { result: null };
    }
    const slots = await allSlots(transaction, event.eventId);
    return {
      closed: [...poolsOfTicketType(type), ...poolsWithinSlots(slots, [type])],
      result: null,
    };
  });
}
