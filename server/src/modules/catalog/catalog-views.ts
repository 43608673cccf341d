import { formatId } from "#platform/id.ts";
import { lookupLanguage, type Texts, textFor } from "#platform/text.ts";
import { toRfc3339 } from "#platform/time.ts";
import type { EventBody, EventSummaryBody, SlotBody, TicketTypeBody } from "./catalog-schemas.ts";
import type { CatalogEvent, Slot, TicketType } from "./event.ts";
import type { EventContent } from "./event-content.ts";
import type { Availability } from "./sales-port.ts";

// What is stored, as it is answered: texts in one language, and in all of them for managers.

/** Who reads, as far as it changes what is answered. */
export interface Reader {
  /** Languages the reader asked for, dearest first. */
  readonly languages: readonly string[];
  readonly isManager: boolean;
  /** Where the server is reached; without a slash at the end. */
  readonly publicUrl: string;
}

/** The languages an event has anything in, its default language first. */
export function languagesOf(event: CatalogEvent): readonly [string, ...string[]] {
  const { name, description, location } = event;
  const texts = [name, description, location?.name, location?.address];
  const others = new Set(texts.flatMap((text) => Object.keys(text ?? {})));
  others.delete(event.defaultLanguage);
  return [event.defaultLanguage, ...others];
}

/** The language an event is answered in. A text that is not in it is told in the reader's next one. */
export function languageFor(event: CatalogEvent, { languages }: Reader): string {
  return lookupLanguage(languages, languagesOf(event)) ?? event.defaultLanguage;
}

/** The public page of an event: what its QR code holds. */
export function publicPage(publicUrl: string, slug: string): string {
  return `${publicUrl}/e/${encodeURIComponent(slug)}`;
}

export function eventSummaryView(event: CatalogEvent, reader: Reader): EventSummaryBody {
  const say = speaker(event, reader);
  const { location } = event;
  return {
    id: formatId("evt", event.eventId),
    organizer_id: event.organizerId === null ? null : formatId("org", event.organizerId),
    slug: event.slug,
    url: publicPage(reader.publicUrl, event.slug),
    state: event.state,
    name: say(event.name),
    description: sayOrNull(say, event.description),
    location: location && {
      name: sayOrNull(say, location.name),
      address: sayOrNull(say, location.address),
    },
    language: languageFor(event, reader),
    languages: [...languagesOf(event)],
    default_language: event.defaultLanguage,
    time_zone: event.timeZone,
    currency: event.currency,
    first_slot_at: timeOrNull(event.firstSlotAt),
    last_slot_at: timeOrNull(event.lastSlotAt),
  };
}

export function eventView(
  content: EventContent,
  availability: Availability,
  reader: Reader,
): EventBody {
  const { event, ticketTypes, slots, slotCount } = content;
  const shown = reader.isManager ? ticketTypes : ticketTypes.filter(({ hidden }) => !hidden);
  return {
    ...eventSummaryView(event, reader),
    hold_seconds: event.holdSeconds,
    hold_life_max_seconds: event.holdLifeMaxSeconds,
    tickets_per_reservation_max: event.ticketsPerReservationMax,
    attendee_retention_days: event.attendeeRetentionDays,
    cancellation_free_hours: event.cancellationFreeHours,
    cancellation_kept_percent: event.cancellationKeptPercent,
    offline_hold_hours: event.offlineHoldHours,
    re_entry: event.reEntry,
    entry_opens_minutes: event.entryOpensMinutes,
    revision: event.revision,
    created_at: toRfc3339(event.createdAt),
    published_at: timeOrNull(event.publishedAt),
    cancelled_at: timeOrNull(event.cancelledAt),
    ticket_types: shown.map((type) => ticketTypeView(event, type, reader)),
    slot_count: slotCount,
    slots: slots.map((slot) => slotView(event, slot, availability, reader)),
    ...(reader.isManager && {
      texts: { name: event.name, description: event.description, location: event.location },
    }),
  };
}

export function slotView(
  event: CatalogEvent,
  slot: Slot,
  availability: Availability,
  reader: Reader,
): SlotBody {
  return {
    id: formatId("slt", slot.slotId),
    starts_at: toRfc3339(slot.startsAt),
    ends_at: toRfc3339(slot.endsAt),
    starts_at_local: slot.startsAtLocal,
    ends_at_local: slot.endsAtLocal,
    capacity: slot.capacity,
    available: availableIn(event, slot, availability),
    note: sayOrNull(speaker(event, reader), slot.note),
    ...(reader.isManager && { texts: { note: slot.note } }),
  };
}

export function ticketTypeView(
  event: CatalogEvent,
  type: TicketType,
  reader: Reader,
): TicketTypeBody {
  const say = speaker(event, reader);
  return {
    id: formatId("tty", type.ticketTypeId),
    name: say(type.name),
    description: sayOrNull(say, type.description),
    price: { amount_minor: type.priceMinor, currency: event.currency },
    capacity: type.capacity,
    capacity_per_slot: type.capacityPerSlot,
    min_per_reservation: type.minPerReservation,
    max_per_reservation: type.maxPerReservation ?? event.ticketsPerReservationMax,
    sales_start_at: timeOrNull(type.salesStartAt),
    sales_end_at: timeOrNull(type.salesEndAt),
    admits: type.admits,
    gates: type.gates && [...type.gates],
    hidden: type.hidden,
    ...(reader.isManager && { texts: { name: type.name, description: type.description } }),
  };
}

/**
 * What is left of a slot: its capacity without what is taken. So it is right in the answer to the very
 * change of the capacity, before whoever sells has counted again.
 */
function availableIn(event: CatalogEvent, slot: Slot, availability: Availability): number {
  const pool = availability.pool(slot.slotId);
  const taken = pool === undefined ? 0 : pool.capacity - pool.available;
  return event.state === "cancelled" ? 0 : Math.max(slot.capacity - taken, 0);
}

export function speaker(event: CatalogEvent, { languages }: Reader): (texts: Texts) => string {
  return (texts) => textFor(languages, texts, event.defaultLanguage);
}

function sayOrNull(say: (texts: Texts) => string, texts: Texts | null): string | null {
  return texts === null ? null : say(texts);
}

function timeOrNull(at: number | null): string | null {
  return at === null ? null : toRfc3339(at);
}
