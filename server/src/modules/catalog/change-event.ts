import type { Transaction } from "#platform/database/database.ts";
import { Problem, problemType, type Reason } from "#platform/http/problem.ts";
import type { Texts } from "#platform/text.ts";
import { wallTime, zonedTime } from "#platform/wall-time.ts";
import type { EventChangeBody } from "./catalog-schemas.ts";
import { type EditContext, type EditedEvent, type Editor, editEvent } from "./edit-event.ts";
import type { CatalogEvent, Slot } from "./event.ts";
import { readEventChange } from "./event-input.ts";
import { allSlots, saveSlotTimes } from "./slot-store.ts";
import { listTicketTypes } from "./ticket-type-store.ts";
import { createWrongFields, type WrongFields } from "./wrong-fields.ts";

export const changeNotPossible = problemType({
  code: "change_not_possible",
  status: 409,
  title: "This cannot be changed any more",
});

/**
 * Changes an event. Its slug, time zone and currency are fixed once it is published: people hold links,
 * tickets and prices made of them. In a draft, slots keep their wall times when the zone changes.
 *
 * @throws `invalid_field`, `slug_taken`, `change_not_possible`, `event_cancelled`.
 */
export function changeEvent(
  context: EditContext,
  transaction: Transaction,
  editor: Editor,
  body: EventChangeBody,
): Promise<EditedEvent<null>> {
  return editEvent(context, transaction, editor, async (before) => {
    const wrong = createWrongFields();
    const event = readEventChange(before, body, wrong);
    if (event.defaultLanguage !== before.defaultLanguage) {
      await checkDefaultLanguage(transaction, event, wrong);
    }
    const moved =
      event.timeZone === before.timeZone
        ? []
        : movedSlots(await allSlots(transaction, event.eventId), event, wrong);
    wrong.refuseIfAny();
    await refuseFixed(transaction, before, event);
    await saveSlotTimes(transaction, moved);
    return { event, result: null };
  });
}

async function refuseFixed(
  transaction: Transaction,
  before: CatalogEvent,
  after: CatalogEvent,
): Promise<void> {
  const reasons: Reason[] = [];
  if (before.state !== "draft") {
    for (const [field, name] of FIXED_ONCE_PUBLISHED) {
      if (before[field] === after[field]) continue;
      const message = `${name} is fixed once the event is published.`;
      reasons.push({ code: "fixed_once_published", message, field: `/${name}` });
    }
  } else if (before.currency !== after.currency) {
    const types = await listTicketTypes(transaction, after.eventId);
    if (types.some(({ priceMinor }) => priceMinor > 0)) {
      const message = "Ticket types have prices in the old currency: make them free first.";
      reasons.push({ code: "has_prices", message, field: "/currency" });
    }
  }
  if (reasons.length > 0) throw refuseChange(reasons);
}

const FIXED_ONCE_PUBLISHED = [
  ["slug", "slug"],
  ["timeZone", "time_zone"],
  ["currency", "currency"],
] as const;

export function refuseChange(reasons: readonly Reason[]): Problem {
  const [first] = reasons;
  const detail = first?.message ?? "This cannot be changed any more.";
  return new Problem(changeNotPossible, detail, { reasons });
}

/** Slots keep their wall time: in another zone that is another instant, or none. */
function movedSlots(
  slots: readonly Slot[],
  { timeZone }: CatalogEvent,
  wrong: WrongFields,
): readonly Slot[] {
  return slots.map((slot) => {
    const [starts, ends] = [slot.startsAtLocal, slot.endsAtLocal].map((local) => {
      const time = zonedTime(wallTime(local), timeZone);
      if (!("refusal" in time)) return time;
      wrong.add("/time_zone", time.refusal, `leaves a slot at ${local}, which ${time.message}`);
      return { at: 0, local };
    }) as [{ at: number; local: string }, { at: number; local: string }];
    if (ends.at <= starts.at && ends.at !== 0) {
      const message = `leaves the slot at ${starts.local} without any length`;
      wrong.add("/time_zone", "ends_before_start", message);
    }
    return { ...slot, startsAt: starts.at, endsAt: ends.at };
  });
}

/** Every text of an event has its default language. */
async function checkDefaultLanguage(
  transaction: Transaction,
  event: CatalogEvent,
  wrong: WrongFields,
): Promise<void> {
  const { defaultLanguage: language } = event;
  const types = await listTicketTypes(transaction, event.eventId);
  const slots = await allSlots(transaction, event.eventId);
  const texts: readonly (readonly [string, Texts | null | undefined])[] = [
    ["the name", event.name],
    ["the description", event.description],
    ["the location", event.location?.name],
    ["the address", event.location?.address],
    ...types.map((type) => ["a ticket type's name", type.name] as const),
    ...types.map((type) => ["a ticket type's description", type.description] as const),
    ...slots.map((slot) => ["a slot's note", slot.note] as const),
  ];
  const missing = new Set(
    texts.flatMap(([what, text]) => (text != null && !(language in text) ? [what] : [])),
  );
  if (missing.size === 0) return;
  const message = `needs all texts in ${language} first; not in it: ${[...missing].join(", ")}`;
  wrong.add("/default_language", "default_language_missing", message);
}
