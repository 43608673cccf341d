import type { Transaction } from "#platform/database/database.ts";
import type { NewTicketTypeBody } from "./catalog-schemas.ts";
import {
  type EditContext,
  type EditedEvent,
  type Editor,
  editEvent,
  refuseTooLarge,
  refuseTooManyPools,
} from "./edit-event.ts";
import { TICKET_TYPES_PER_EVENT_MAX, type TicketType } from "./event.ts";
import { poolsOfTicketType, poolsWithinSlots } from "./pools.ts";
import { allSlots } from "./slot-store.ts";
import { readTicketType } from "./ticket-type-input.ts";
import { insertTicketTypes, listTicketTypes } from "./ticket-type-store.ts";
import { createWrongFields } from "./wrong-fields.ts";

/**
 * Adds a ticket type after the others; on sale at once where the event is.
 *
 * @throws `invalid_field`, `event_too_large`, `event_cancelled`.
 */
export function addTicketType(
  context: EditContext,
  transaction: Transaction,
  editor: Editor,
  body: NewTicketTypeBody,
): Promise<EditedEvent<TicketType>> {
  const { clock } = context;
  return editEvent(context, transaction, editor, async (event) => {
    const others = await listTicketTypes(transaction, event.eventId);
    const wrong = createWrongFields();
    const position = (others.at(-1)?.position ?? -1) + 1;
    const type = readTicketType(body, "", position, { clock, frame: event, wrong });
    wrong.refuseIfAny();
    if (others.length >= TICKET_TYPES_PER_EVENT_MAX) {
      throw refuseTooLarge(`An event has at most ${TICKET_TYPES_PER_EVENT_MAX} ticket types.`, {
        count: others.length + 1,
        max: TICKET_TYPES_PER_EVENT_MAX,
      });
    }
    const slots = await allSlots(transaction, event.eventId);
    refuseTooManyPools(slots.length, [...others, type]);
    await insertTicketTypes(transaction, event.eventId, [type]);
    return {
      pools: [...poolsOfTicketType(type), ...poolsWithinSlots(slots, [type])],
      result: type,
    };
  });
}
