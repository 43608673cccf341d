import { assert } from "#platform/assert.ts";
import type { Transaction } from "#platform/database/database.ts";
import {
  type EditContext,
  type EditedEvent,
  type Editor,
  lockManaged,
  takeOver,
} from "./edit-event.ts";
import { TRANSITIONS } from "./event.ts";
import { saveEvent } from "./event-store.ts";

/**
 * Cancels an event for good: nothing of it can be reserved from this moment on. What is reserved is
 * cancelled by whoever sells, which hears of it in this transaction. A repeat changes nothing.
 */
export async function cancelEvent(
  { clock, sales }: EditContext,
  transaction: Transaction,
  editor: Editor,
): Promise<EditedEvent<null>> {
  const before = await lockManaged(transaction, editor);
  const state = TRANSITIONS[before.state].cancel;
  if (state === "same") return { event: before, result: null };
  assert(state !== null, "an event can be cancelled from every state");
  const event = await saveEvent(transaction, clock, { ...before, state });
  await takeOver(sales, transaction, event, { pools: [], closed: [] });
  return { event, result: null };
}
