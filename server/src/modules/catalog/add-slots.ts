import type { Transaction } from "#platform/database/database.ts";
import type { NewRecurrenceBody, NewSlotBody, NewSlotsBody } from "./catalog-schemas.ts";
import {
  type EditContext,
  type EditedEvent,
  type Editor,
  editEvent,
  refuseTooLarge,
  refuseTooManyPools,
} from "./edit-event.ts";
import { bySlotTime, SLOTS_PER_EVENT_MAX, type Slot } from "./event.ts";
import { poolOfSlot, poolsWithinSlots } from "./pools.ts";
import { readRecurrence, readSlot, type SlotReading } from "./slot-input.ts";
import { countSlots, insertSlots } from "./slot-store.ts";
import { listTicketTypes } from "./ticket-type-store.ts";
import { createWrongFields } from "./wrong-fields.ts";

/** One slot, several, or a recurrence of them. */
export type AddSlotsBody = NewSlotBody | NewSlotsBody | NewRecurrenceBody | readonly NewSlotBody[];

/**
 * Adds slots to an event, all of them or none; on sale at once where the event is. Gives them by time.
 *
 * @throws `invalid_field`, `event_too_large`, `event_cancelled`.
 */
export function addSlots(
  context: EditContext,
  transaction: Transaction,
  editor: Editor,
  body: AddSlotsBody,
): Promise<EditedEvent<readonly Slot[]>> {
  const { clock } = context;
  return editEvent(context, transaction, editor, async (event) => {
    const wrong = createWrongFields();
    const slots = [...readSlots(body, { clock, frame: event, wrong })].sort(bySlotTime);
    wrong.refuseIfAny();
    const count = (await countSlots(transaction, event.eventId)) + slots.length;
    if (count > SLOTS_PER_EVENT_MAX) {
      throw refuseTooLarge(`An event has at most ${SLOTS_PER_EVENT_MAX} slots.`, {
        count,
        max: SLOTS_PER_EVENT_MAX,
      });
    }
    const types = await listTicketTypes(transaction, event.eventId);
    refuseTooManyPools(count, types);
    await insertSlots(transaction, event.eventId, slots);
    return {
      pools: [...slots.map(poolOfSlot), ...poolsWithinSlots(slots, types)],
      result: slots,
    };
  });
}

function readSlots(body: AddSlotsBody, reading: SlotReading): readonly Slot[] {
  if ("rrule" in body) return readRecurrence(body, reading);
  if ("starts_at" in body) return [readSlot(body, "", reading)].filter((slot) => slot !== null);
  const [slots, path] = "slots" in body ? [body.slots, "/slots"] : [body, ""];
  return slots.flatMap((slot, index) => readSlot(slot, `${path}/${index}`, reading) ?? []);
}
