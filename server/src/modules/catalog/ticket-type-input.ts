import type { Clock, EpochMs } from "#platform/clock.ts";
import { newId } from "#platform/id.ts";
import type { NewTicketTypeBody, TicketTypeChangeBody } from "./catalog-schemas.ts";
import { type CatalogEvent, PRICE_MINOR_MAX, type TicketType } from "./event.ts";
import { readLine, readOptionalTexts, readTexts } from "./localized-text.ts";
import { readTimeField } from "./slot-input.ts";
import type { WrongFields } from "./wrong-fields.ts";

/** What reading a ticket type needs to know of its event. */
export type TicketTypeFrame = Pick<
  CatalogEvent,
  "timeZone" | "defaultLanguage" | "currency" | "ticketsPerReservationMax"
>;

export interface TicketTypeReading {
  readonly clock: Clock;
  readonly frame: TicketTypeFrame;
  readonly wrong: WrongFields;
}

/** A new ticket type at a position; `path` is where it stands in the body. */
export function readTicketType(
  body: NewTicketTypeBody,
  path: string,
  position: number,
  reading: TicketTypeReading,
): TicketType {
  const { defaultLanguage } = reading.frame;
  const { wrong } = reading;
  return checked(
    {
      ticketTypeId: newId(reading.clock),
      position,
      name: readTexts(body.name, { path: `${path}/name`, defaultLanguage, lines: "one", wrong }),
      ...readRest(body, path, reading),
    },
    path,
    reading,
  );
}

/** The ticket type as it will be after the change. */
export function readTicketTypeChange(
  type: TicketType,
  body: TicketTypeChangeBody,
  reading: TicketTypeReading,
): TicketType {
  const { defaultLanguage } = reading.frame;
  const { wrong } = reading;
  const rules = { path: "/name", defaultLanguage, lines: "one", wrong, known: type.name } as const;
  return checked(
    {
      ticketTypeId: type.ticketTypeId,
      position: type.position,
      name: body.name === undefined ? type.name : readTexts(body.name, rules),
      ...readRest(body, "", reading, type),
    },
    "",
    reading,
  );
}

/** The one ticket type of an event that names none. */
export function freeTicketType(clock: Clock, defaultLanguage: string): TicketType {
  return {
    ticketTypeId: newId(clock),
    position: 0,
    name: { [defaultLanguage]: FREE_TICKET[defaultLanguage] ?? "Ticket" },
    description: null,
    priceMinor: 0,
    capacity: null,
    capacityPerSlot: null,
    minPerReservation: 1,
    maxPerReservation: null,
    salesStartAt: null,
    salesEndAt: null,
    admits: 1,
    gates: null,
    hidden: false,
  };
}

const FREE_TICKET: Readonly<Record<string, string>> = {
  cs: "Vstupenka",
  de: "Eintritt",
  en: "Ticket",
  es: "Entrada",
  fr: "Billet",
  it: "Biglietto",
  pl: "Bilet",
  sk: "Vstupenka",
};

function readRest(
  body: TicketTypeChangeBody,
  path: string,
  reading: TicketTypeReading,
  known?: TicketType,
): Omit<TicketType, "ticketTypeId" | "position" | "name"> {
  const { frame, wrong } = reading;
  const time = (text: string | null | undefined, name: string, before: EpochMs | null) => {
    if (text === undefined) return before;
    return text === null
      ? null
      : (readTimeField(text, `${path}/${name}`, { frame, wrong })?.at ?? null);
  };
  return {
    description: readOptionalTexts(body.description, {
      path: `${path}/description`,
      defaultLanguage: frame.defaultLanguage,
      lines: "many",
      wrong,
      known: known?.description ?? null,
    }),
    priceMinor: readPrice(body.price, path, reading) ?? known?.priceMinor ?? 0,
    capacity: body.capacity === undefined ? (known?.capacity ?? null) : body.capacity,
    capacityPerSlot:
      body.capacity_per_slot === undefined
        ? (known?.capacityPerSlot ?? null)
        : body.capacity_per_slot,
    minPerReservation: body.min_per_reservation ?? known?.minPerReservation ?? 1,
    maxPerReservation:
      body.max_per_reservation === undefined
        ? (known?.maxPerReservation ?? null)
        : body.max_per_reservation,
    salesStartAt: time(body.sales_start_at, "sales_start_at", known?.salesStartAt ?? null),
    salesEndAt: time(body.sales_end_at, "sales_end_at", known?.salesEndAt ?? null),
    admits: body.admits ?? known?.admits ?? 1,
    gates: body.gates === undefined ? (known?.gates ?? null) : readGates(body.gates, path, reading),
    hidden: body.hidden ?? known?.hidden ?? false,
  };
}

/** The names as door passes have them: what differs in blanks around it or in how Unicode spells it is the same gate. */
function readGates(
  gates: readonly string[] | null,
  path: string,
  { wrong }: TicketTypeReading,
): readonly string[] | null {
  if (gates === null) return null;
  const names = gates.map((gate, index) => readLine(gate, `${path}/gates/${index}`, wrong));
  if (new Set(names).size < names.length) {
    wrong.add(`${path}/gates`, "not_unique", "must not hold the same entry twice");
  }
  return names;
}

function readPrice(
  price: NewTicketTypeBody["price"],
  path: string,
  { frame, wrong }: TicketTypeReading,
): number | null {
  if (price === undefined) return null;
  if (price.amount_minor > PRICE_MINOR_MAX) {
    wrong.add(`${path}/price/amount_minor`, "too_large", `must be <= ${PRICE_MINOR_MAX}`);
  }
  if (price.currency !== frame.currency) {
    const message = `must be the event's currency, ${frame.currency}`;
    wrong.add(`${path}/price/currency`, "other_currency", message);
  }
  return price.amount_minor;
}

/** What has to hold between the fields, whichever of them were sent. */
function checked(type: TicketType, path: string, { frame, wrong }: TicketTypeReading): TicketType {
  const most = type.maxPerReservation ?? frame.ticketsPerReservationMax;
  if (type.minPerReservation > most) {
    const message = `must not be above the most in one reservation, ${most}`;
    wrong.add(`${path}/min_per_reservation`, "too_large", message);
  }
  if (
    type.salesStartAt !== null &&
    type.salesEndAt !== null &&
    type.salesEndAt <= type.salesStartAt
  ) {
    wrong.add(`${path}/sales_end_at`, "ends_before_start", "must be after sales_start_at");
  }
  return type;
}
