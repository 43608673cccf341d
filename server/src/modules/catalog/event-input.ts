import type { Clock } from "#platform/clock.ts";
import type { Id } from "#platform/id.ts";
import { canonicalLanguage, type Texts } from "#platform/text.ts";
import { canonicalTimeZone } from "#platform/wall-time.ts";
import type { EventChangeBody, LocationBody, NewEventBody } from "./catalog-schemas.ts";
import {
  CANCELLATION_FREE_HOURS_DEFAULT,
  CANCELLATION_KEPT_PERCENT_DEFAULT,
  type CatalogEvent,
  CURRENCY_DEFAULT,
  ENTRY_OPENS_MINUTES_DEFAULT,
  HOLD_LIFE_SECONDS_DEFAULT,
  HOLD_SECONDS_DEFAULT,
  LANGUAGE_DEFAULT,
  type Place,
  TICKETS_PER_RESERVATION_DEFAULT,
  TIME_ZONE_DEFAULT,
} from "./event.ts";
import { guessDefaultLanguage, readOptionalTexts, readTexts } from "./localized-text.ts";
import { isSlug } from "./slug.ts";
import type { WrongFields } from "./wrong-fields.ts";

// From events as they are sent to events as they are stored.

const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf("currency"));

/** A new event as it would be stored; its slug is empty where none was given. */
export function readNewEvent(
  eventId: Id<"evt">,
  body: NewEventBody,
  { clock, attendeeRetentionDays }: { clock: Clock; attendeeRetentionDays: number | null },
  wrong: WrongFields,
): Omit<CatalogEvent, "organizerId"> {
  const guessed = guessDefaultLanguage(body.name, LANGUAGE_DEFAULT);
  const defaultLanguage = readLanguage(body.default_language, guessed, wrong);
  const holdLife = body.hold_life_max_seconds ?? null;
  const holdSeconds =
    body.hold_seconds ?? Math.min(HOLD_SECONDS_DEFAULT, holdLife ?? HOLD_SECONDS_DEFAULT);
  const texts = { defaultLanguage, wrong };
  const event = {
    eventId,
    slug: readSlug(body.slug, "", wrong),
    name: readTexts(body.name, { ...texts, path: "/name", lines: "one" }),
    description: readDescription(body.description, null, texts),
    location: readLocation(body.location, null, texts),
    timeZone: readTimeZone(body.time_zone, TIME_ZONE_DEFAULT, wrong),
    currency: readCurrency(body.currency, currencyOfPrices(body), wrong),
    defaultLanguage,
    state: body.publish === true ? ("published" as const) : ("draft" as const),
    holdSeconds,
    holdLifeMaxSeconds: holdLife ?? Math.max(HOLD_LIFE_SECONDS_DEFAULT, holdSeconds),
    ticketsPerReservationMax: body.tickets_per_reservation_max ?? TICKETS_PER_RESERVATION_DEFAULT,
    attendeeRetentionDays: orElse(body.attendee_retention_days, attendeeRetentionDays),
    cancellationFreeHours: body.cancellation_free_hours ?? CANCELLATION_FREE_HOURS_DEFAULT,
    cancellationKeptPercent: body.cancellation_kept_percent ?? CANCELLATION_KEPT_PERCENT_DEFAULT,
    offlineHoldHours: body.offline_hold_hours ?? null,
    reEntry: body.re_entry ?? false,
    entryOpensMinutes: body.entry_opens_minutes ?? ENTRY_OPENS_MINUTES_DEFAULT,
    tokenGeneration: 0,
    revision: 1,
    firstSlotAt: null,
    lastSlotAt: null,
    createdAt: clock.now(),
    publishedAt: null,
    cancelledAt: null,
  };
  checkHold(event, body, wrong);
  return event;
}

/** The event as it will be after the change. Whether it may change so is for the operation to say. */
export function readEventChange(
  event: CatalogEvent,
  body: EventChangeBody,
  wrong: WrongFields,
): CatalogEvent {
  const defaultLanguage = readLanguage(body.default_language, event.defaultLanguage, wrong);
  const texts = { defaultLanguage, wrong };
  const name =
    body.name === undefined
      ? event.name
      : readTexts(body.name, { ...texts, path: "/name", lines: "one", known: event.name });
  const changed: CatalogEvent = {
    ...event,
    slug: readSlug(body.slug, event.slug, wrong),
    name,
    description: readDescription(body.description, event.description, texts),
    location: readLocation(body.location, event.location, texts),
    timeZone: readTimeZone(body.time_zone, event.timeZone, wrong),
    currency: readCurrency(body.currency, event.currency, wrong),
    defaultLanguage,
    holdSeconds: body.hold_seconds ?? event.holdSeconds,
    holdLifeMaxSeconds: body.hold_life_max_seconds ?? event.holdLifeMaxSeconds,
    ticketsPerReservationMax: body.tickets_per_reservation_max ?? event.ticketsPerReservationMax,
    attendeeRetentionDays: orElse(body.attendee_retention_days, event.attendeeRetentionDays),
    cancellationFreeHours: body.cancellation_free_hours ?? event.cancellationFreeHours,
    cancellationKeptPercent: body.cancellation_kept_percent ?? event.cancellationKeptPercent,
    offlineHoldHours: orElse(body.offline_hold_hours, event.offlineHoldHours),
    reEntry: body.re_entry ?? event.reEntry,
    entryOpensMinutes: body.entry_opens_minutes ?? event.entryOpensMinutes,
  };
  checkHold(changed, body, wrong);
  return changed;
}

/** What was sent, null also; what there is where nothing was. */
function orElse<Value>(sent: Value | undefined, otherwise: Value): Value {
  return sent === undefined ? otherwise : sent;
}

interface TextFrame {
  readonly defaultLanguage: string;
  readonly wrong: WrongFields;
}

function readDescription(
  body: EventChangeBody["description"],
  known: Texts | null,
  texts: TextFrame,
): Texts | null {
  return readOptionalTexts(body, { ...texts, path: "/description", lines: "many", known });
}

/** A location is replaced as a whole: what is left out of it is gone. */
function readLocation(
  body: LocationBody | null | undefined,
  known: Place | null,
  texts: TextFrame,
): Place | null {
  if (body === undefined) return known;
  if (body === null) return null;
  const name = readOptionalTexts(body.name, { ...texts, path: "/location/name", lines: "one" });
  const address = readOptionalTexts(body.address, {
    ...texts,
    path: "/location/address",
    lines: "many",
  });
  return name === null && address === null ? null : { name, address };
}

function readLanguage(tag: string | undefined, otherwise: string, wrong: WrongFields): string {
  if (tag === undefined) return otherwise;
  const language = canonicalLanguage(tag);
  if (language === null) wrong.add("/default_language", "bad_format", "is not a BCP 47 language");
  return language ?? otherwise;
}

function readTimeZone(name: string | undefined, otherwise: string, wrong: WrongFields): string {
  if (name === undefined) return otherwise;
  const zone = canonicalTimeZone(name);
  if (zone === null) {
    wrong.add("/time_zone", "unknown_time_zone", "must be an IANA time zone, as Europe/Prague");
  }
  return zone ?? otherwise;
}

function readCurrency(code: string | undefined, otherwise: string, wrong: WrongFields): string {
  const currency = code ?? otherwise;
  if (!CURRENCIES.has(currency)) {
    wrong.add("/currency", "unknown_currency", "must be a currency of ISO 4217, as EUR");
  }
  return currency;
}

/** The prices say the currency where the event does not. */
function currencyOfPrices({ ticket_types: types = [] }: NewEventBody): string {
  return types.find(({ price }) => price !== undefined)?.price?.currency ?? CURRENCY_DEFAULT;
}

function readSlug(slug: string | undefined, otherwise: string, wrong: WrongFields): string {
  if (slug !== undefined && !isSlug(slug)) {
    const message = "must be small letters and digits, in words joined by single hyphens";
    wrong.add("/slug", "bad_format", message);
  }
  return slug ?? otherwise;
}

function checkHold(
  event: Pick<CatalogEvent, "holdSeconds" | "holdLifeMaxSeconds">,
  body: EventChangeBody,
  wrong: WrongFields,
): void {
  if (event.holdLifeMaxSeconds >= event.holdSeconds) return;
  if (body.hold_life_max_seconds === undefined) {
    const message = `must not be above hold_life_max_seconds, ${event.holdLifeMaxSeconds}`;
    wrong.add("/hold_seconds", "too_large", message);
  } else {
    const message = `must not be below hold_seconds, ${event.holdSeconds}`;
    wrong.add("/hold_life_max_seconds", "too_small", message);
  }
}
