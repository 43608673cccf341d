import type { Transaction } from "#platform/database/database.ts";
import { Problem, problemType, type Reason } from "#platform/http/problem.ts";
import {
  type EditContext,
  type EditedEvent,
  type Editor,
  lockManaged,
  refuseCancelled,
  takeOver,
} from "./edit-event.ts";
import { type CatalogEvent, TRANSITIONS } from "./event.ts";
import { saveEvent } from "./event-store.ts";
import { countSlots } from "./slot-store.ts";
import { listTicketTypes } from "./ticket-type-store.ts";

export const eventIncomplete = problemType({
  code: "event_incomplete",
  status: 409,
  title: "The event has nothing to sell",
});

/**
 * Puts an event on sale. One that is on sale already stays so.
 *
 * @throws `event_incomplete` without a slot or a ticket type, `event_cancelled`.
 */
export async function publishEvent(
  { clock, sales }: EditContext,
  transaction: Transaction,
  editor: Editor,
): Promise<EditedEvent<null>> {
  const before = await lockManaged(transaction, editor);
  const state = TRANSITIONS[before.state].publish;
  if (state === "same") return { event: before, result: null };
  if (state === null) throw refuseCancelled();
  await refuseIncomplete(transaction, before);
  const event = await saveEvent(transaction, clock, { ...before, state });
  await takeOver(sales, transaction, event, { pools: [], closed: [] });
  return { event, result: null };
}

/** @throws `event_incomplete` */
export async function refuseIncomplete(
  transaction: Transaction,
  { eventId }: CatalogEvent,
): Promise<void> {
  const reasons: Reason[] = [];
  if ((await countSlots(transaction, eventId)) === 0) {
    reasons.push({ code: "no_slot", message: "The event has no slot: add one." });
  }
  if ((await listTicketTypes(transaction, eventId)).length === 0) {
    reasons.push({ code: "no_ticket_type", message: "The event has no ticket type: add one." });
  }
  if (reasons.length === 0) return;
  const detail = "A published event has at least one slot and one ticket type.";
  throw new Problem(eventIncomplete, detail, { reasons });
}
