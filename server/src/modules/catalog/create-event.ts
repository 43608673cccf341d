import { decideOnOrganizer } from "#modules/organizers/index.ts";
import { assert } from "#platform/assert.ts";
import type { Transaction } from "#platform/database/database.ts";
import type { Principal } from "#platform/http/authentication.ts";
import { idParam } from "#platform/http/ids.ts";
import { Problem, problemType } from "#platform/http/problem.ts";
import type { Id } from "#platform/id.ts";
import { type NewEventBody, SLOTS_SHOWN_MAX } from "./catalog-schemas.ts";
import { type EditContext, refuseTooManyPools, takeOver } from "./edit-event.ts";
import { bySlotTime, type CatalogEvent, type Slot, type TicketType } from "./event.ts";
import type { EventContent } from "./event-content.ts";
import { readNewEvent } from "./event-input.ts";
import { insertEvent } from "./event-store.ts";
import { allPools } from "./pools.ts";
import { readSlot } from "./slot-input.ts";
import { insertSlots } from "./slot-store.ts";
import { refuseTakenSlug, slugOf, slugsToTry } from "./slug.ts";
import { freeTicketType, readTicketType } from "./ticket-type-input.ts";
import { insertTicketTypes } from "./ticket-type-store.ts";
import { createWrongFields, type WrongFields } from "./wrong-fields.ts";

export const anonymousEventsOff = problemType({
  code: "anonymous_events_off",
  status: 403,
  title: "Events need an organizer here",
});

export interface CreateContext extends EditContext {
  /** Whether anybody may open an event. */
  readonly anonymousEvents: boolean;
  /** For how long attendees of events that say nothing are kept; null: as long as nobody erases them. */
  readonly attendeeRetentionDays: number | null;
}

/** Who opens which event. */
export interface NewEventRequest {
  readonly principal: Principal;
  /** A new one. */
  readonly eventId: Id<"evt">;
  readonly body: NewEventBody;
}

/**
 * Opens an event with its slots and ticket types, as a draft or on sale at once. All of it or nothing.
 *
 * @throws 401, 403 and 404 for who may not open events of the organizer, `anonymous_events_off`, `invalid_field`, `slug_taken`, `event_too_large`.
 */
export async function createEvent(
  context: CreateContext,
  transaction: Transaction,
  { principal, eventId, body }: NewEventRequest,
): Promise<EventContent> {
  const organizerId = organizerFor(context, principal, body.organizer_id);
  const { clock } = context;
  const wrong = createWrongFields();
  const event = readNewEvent(eventId, body, context, wrong);
  const reading = { clock, frame: event, wrong };
  const slots = body.slots
    .flatMap((slot, index) => readSlot(slot, `/slots/${index}`, reading) ?? [])
    .sort(bySlotTime);
  const ticketTypes = body.ticket_types?.map((type, index) =>
    readTicketType(type, `/ticket_types/${index}`, index, reading),
  ) ?? [freeTicketType(clock, event.defaultLanguage)];
  checkComplete(body, wrong);
  wrong.refuseIfAny();
  refuseTooManyPools(slots.length, ticketTypes);

  const saved = await insertWithSlug(context, transaction, {
    ...event,
    organizerId,
    firstSlotAt: slots[0]?.startsAt ?? null,
    lastSlotAt: slots.at(-1)?.startsAt ?? null,
  });
  await insertSlots(transaction, saved.eventId, slots);
  await insertTicketTypes(transaction, saved.eventId, ticketTypes);
  await takeOver(context.sales, transaction, saved, {
    pools: allPools(slots, ticketTypes),
    closed: [],
  });
  return contentOf(saved, slots, ticketTypes);
}

function contentOf(
  event: CatalogEvent,
  slots: readonly Slot[],
  ticketTypes: readonly TicketType[],
): EventContent {
  return { event, ticketTypes, slotCount: slots.length, slots: slots.slice(0, SLOTS_SHOWN_MAX) };
}

/** What is put on sale has something to sell. */
function checkComplete(body: NewEventBody, wrong: WrongFields): void {
  if (body.publish !== true) return;
  if (body.slots.length === 0) {
    wrong.add("/slots", "too_few", "must have at least one slot for the event to be published");
  }
  if (body.ticket_types?.length === 0) {
    const message = "must have at least one ticket type for the event to be published";
    wrong.add("/ticket_types", "too_few", message);
  }
}

/** Under its own slug or none; without one, under the nicest that is free. */
async function insertWithSlug(
  { clock }: CreateContext,
  transaction: Transaction,
  event: CatalogEvent,
): Promise<CatalogEvent> {
  const name = event.name[event.defaultLanguage];
  assert(name !== undefined, "a name has the default language");
  const slugs = event.slug === "" ? slugsToTry(slugOf(name), event.eventId) : [event.slug];
  const saved = await insertEvent(transaction, clock, { ...event, slugs });
  if (saved === null) throw refuseTakenSlug(slugs[0] as string);
  return saved;
}

/** Whose the event will be: the organizer that is named, or that the API key is of; null: anonymous. */
function organizerFor(
  { anonymousEvents }: CreateContext,
  principal: Principal,
  named: string | undefined,
): Id<"org"> | null {
  const organizerId =
    named !== undefined
      ? idParam("org", named)
      : principal.kind === "key"
        ? principal.organizerId
        : null;
  if (organizerId !== null) {
    decideOnOrganizer({ principal, needs: ["event:write"] }, organizerId);
    return organizerId;
  }
  if (!anonymousEvents) throw refuseAnonymous();
  return null;
}

function refuseAnonymous(): Problem {
  return new Problem(
    anonymousEventsOff,
    "On this server events are opened by organizers. Log in, make an organizer, and send its id as `organizer_id`.",
  );
}
