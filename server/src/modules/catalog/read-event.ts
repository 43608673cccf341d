import { decideOnEvent } from "#modules/organizers/index.ts";
import type { Transaction } from "#platform/database/database.ts";
import type { Caller, Principal } from "#platform/http/authentication.ts";
import { idParam } from "#platform/http/ids.ts";
import type { Id } from "#platform/id.ts";
import { textFor } from "#platform/text.ts";
import { SLOTS_SHOWN_MAX } from "./catalog-schemas.ts";
import type { CatalogEvent } from "./event.ts";
import type { ContentCache, EventContent } from "./event-content.ts";
import type { EventFacts } from "./event-facts.ts";
import type { FactsCache } from "./facts-cache.ts";
import { refuseUnseen } from "./refuse-unseen.ts";
import { countSlots, listSlots } from "./slot-store.ts";
import { listTicketTypes } from "./ticket-type-store.ts";

/** An event in a text to somebody. */
export interface EventName {
  readonly name: string;
  readonly timeZone: string;
}

/** What is kept in memory of events. */
export interface EventReader extends Omit<FactsCache, "forget" | "forgetAll"> {
  /**
   * The event by id or slug, as the principal may see it.
   *
   * @throws `malformed_id` for an id of another kind, `not_found` also for somebody else's draft, 401 for a
   *   token of the event that was revoked.
   */
  visibleContent(principal: Principal, idOrSlug: string): Promise<EventContent>;
  visibleEvent(principal: Principal, idOrSlug: string): Promise<EventFacts>;
  /** What the event is called, for a text in the language that suits best; null when there is none. */
  nameOf(eventId: Id<"evt">, languages: readonly string[]): Promise<EventName | null>;
  /** What its ticket types are called, each in the language that suits best. Removed ones are not in it. */
  typeNames(
    eventId: Id<"evt">,
    languages: readonly string[],
  ): Promise<ReadonlyMap<Id<"tty">, string>>;
  /** The event, if the caller may do to it what their route needs; refuses as `decideOnEvent` does. */
  authorize(caller: Caller, eventId: Id<"evt">): Promise<EventFacts>;
  /** The same by one of its slots. */
  authorizeSlot(caller: Caller, slotId: Id<"slt">): Promise<EventFacts>;
}

/** No slug looks so: it has no underscore. */
const LIKE_AN_ID = /^[a-z]{3}_/;

export function createEventReader(facts: FactsCache, contents: ContentCache): EventReader {
  const visibleContent = async (principal: Principal, idOrSlug: string) => {
    const content = LIKE_AN_ID.test(idOrSlug)
      ? await contents.content(idParam("evt", idOrSlug))
      : await contents.contentBySlug(idOrSlug);
    refuseUnseen(principal, content?.event ?? null);
    return content as EventContent;
  };
  return {
    facts: facts.facts,
    isCurrent: facts.isCurrent,
    factsOfSlot: facts.factsOfSlot,
    visibleContent,
    nameOf: async (eventId, languages) => {
      const content = await contents.content(eventId);
      if (content === null) return null;
      const { name, defaultLanguage, timeZone } = content.event;
      return { name: textFor(languages, name, defaultLanguage), timeZone };
    },
    typeNames: async (eventId, languages) => {
      const content = await contents.content(eventId);
      return content === null ? NO_NAMES : namesOfTypes(content, languages);
    },
    visibleEvent: async (principal, idOrSlug) => {
      const eventId = LIKE_AN_ID.test(idOrSlug)
        ? idParam("evt", idOrSlug)
        : (await visibleContent(principal, idOrSlug)).event.eventId;
      return refuseUnseen(principal, await facts.facts(eventId));
    },
    authorize: async (caller, eventId) => decideOnEvent(caller, await facts.facts(eventId)),
    authorizeSlot: async (caller, slotId) => decideOnEvent(caller, await facts.factsOfSlot(slotId)),
  };
}

const NO_NAMES: ReadonlyMap<Id<"tty">, string> = new Map();
/** Gates ask in the same few languages again and again. */
const namesKept = new WeakMap<EventContent, Map<string, ReadonlyMap<Id<"tty">, string>>>();
const LANGUAGES_KEPT_MAX = 20;

function namesOfTypes(
  content: EventContent,
  languages: readonly string[],
): ReadonlyMap<Id<"tty">, string> {
  const kept = namesKept.get(content) ?? new Map<string, ReadonlyMap<Id<"tty">, string>>();
  namesKept.set(content, kept);
  const asked = languages.join();
  let names = kept.get(asked);
  if (names === undefined) {
    const { defaultLanguage } = content.event;
    names = new Map(
      content.ticketTypes.map(({ ticketTypeId, name }) => [
        ticketTypeId,
        textFor(languages, name, defaultLanguage),
      ]),
    );
    if (kept.size >= LANGUAGES_KEPT_MAX) kept.clear();
    kept.set(asked, names);
  }
  return names;
}

/** What the page of an event shows, as its transaction has it. */
export async function readContent(
  transaction: Transaction,
  event: CatalogEvent,
): Promise<EventContent> {
  const range = { from: null, to: null, after: null, limit: SLOTS_SHOWN_MAX };
  return {
    event,
    ticketTypes: await listTicketTypes(transaction, event.eventId),
    slotCount: await countSlots(transaction, event.eventId),
    slots: await listSlots(transaction, event.eventId, range),
  };
}
