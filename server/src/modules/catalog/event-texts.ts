import type { EpochMs } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import type { Id } from "#platform/id.ts";
import { type Texts, textFor } from "#platform/text.ts";
import { languagesOf, publicPage } from "./catalog-views.ts";
import type { EventState, Slot } from "./event.ts";
import type { ContentCache } from "./event-content.ts";
import { findSlots } from "./slot-store.ts";
import { findTicketTypeNames } from "./ticket-type-store.ts";

/** What is said of an event, some of its slots and some of its ticket types, to one reader. */
export interface EventTexts {
  readonly state: EventState;
  /** Raised by every edit of what is said here. */
  readonly revision: number;
  /** The event's public page. */
  readonly url: string;
  readonly name: string;
  readonly description: string | null;
  readonly placeName: string | null;
  readonly placeAddress: string | null;
  /** IANA. */
  readonly timeZone: string;
  /** The languages that the event has anything in, its default language first. */
  readonly languages: readonly [string, ...string[]];
  /** Those that were asked for and are the event's, also removed ones. */
  readonly slots: ReadonlyMap<Id<"slt">, SlotTexts>;
  readonly ticketTypes: ReadonlyMap<Id<"tty">, TicketTypeTexts>;
}

export interface SlotTexts {
  readonly startsAt: EpochMs;
  readonly endsAt: EpochMs;
  /** What the clocks of the event's zone show then: `2027-06-15T19:00:00`. */
  readonly startsAtLocal: string;
  readonly endsAtLocal: string;
  readonly note: string | null;
}

export interface TicketTypeTexts {
  readonly name: string;
  readonly admits: number;
}

/** Of what, and in which languages, dearest first. */
export interface WantedTexts {
  readonly slotIds: readonly Id<"slt">[];
  readonly ticketTypeIds: readonly Id<"tty">[];
  readonly languages: readonly string[];
}

/** The event in words; null when there is none. What is not in memory is read, in one statement a kind. */
export async function readEventTexts(
  parts: {
    readonly database: Database;
    readonly contents: ContentCache;
    readonly publicUrl: string;
  },
  eventId: Id<"evt">,
  { slotIds, ticketTypeIds, languages }: WantedTexts,
): Promise<EventTexts | null> {
  const content = await parts.contents.content(eventId);
  if (content === null) return null;
  const { event } = content;
  const say = (texts: Texts) => textFor(languages, texts, event.defaultLanguage);
  const sayOrNull = (texts: Texts | null | undefined) => (texts == null ? null : say(texts));
  const slots = new Map(content.slots.map((slot) => [slot.slotId, slot]));
  const types = new Map(
    content.ticketTypes.map(({ ticketTypeId, name, admits }) => [ticketTypeId, { name, admits }]),
  );
  const { database } = parts;
  const slotsElsewhere = slotIds.filter((id) => !slots.has(id));
  for (const slot of await findSlots(database, eventId, slotsElsewhere))
    slots.set(slot.slotId, slot);
  const typesElsewhere = ticketTypeIds.filter((id) => !types.has(id));
  for (const { ticketTypeId, ...type } of await findTicketTypeNames(
    database,
    eventId,
    typesElsewhere,
  )) {
    types.set(ticketTypeId, type);
  }
  const slotTexts = ({ startsAt, endsAt, startsAtLocal, endsAtLocal, note }: Slot): SlotTexts => ({
    startsAt,
    endsAt,
    startsAtLocal,
    endsAtLocal,
    note: sayOrNull(note),
  });
  return {
    state: event.state,
    revision: event.revision,
    url: publicPage(parts.publicUrl, event.slug),
    name: say(event.name),
    description: sayOrNull(event.description),
    placeName: sayOrNull(event.location?.name),
    placeAddress: sayOrNull(event.location?.address),
    timeZone: event.timeZone,
    languages: languagesOf(event),
    slots: chosen(slotIds, slots, slotTexts),
    ticketTypes: chosen(ticketTypeIds, types, ({ name, admits }) => ({ name: say(name), admits })),
  };
}

function chosen<Key, Value, Chosen>(
  keys: readonly Key[],
  values: ReadonlyMap<Key, Value>,
  choose: (value: Value) => Chosen,
): ReadonlyMap<Key, Chosen> {
  const found = new Map<Key, Chosen>();
  for (const key of keys) {
    const value = values.get(key);
    if (value !== undefined) found.set(key, choose(value));
  }
  return found;
}
