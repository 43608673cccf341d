import type { FastifyRequest } from "fastify";
import type { EventTexts, SlotTexts, WantedTexts } from "#modules/catalog/index.ts";
import { notAllowed } from "#modules/organizers/index.ts";
import {
  type FoundTicket,
  problemOf,
  type Reservation,
  type Shown,
  type TicketCodes,
} from "#modules/reservations/index.ts";
import { assert } from "#platform/assert.ts";
import { type Caller, callerOf } from "#platform/http/authentication.ts";
import { idParam } from "#platform/http/ids.ts";
import { notFound, Problem, problemType } from "#platform/http/problem.ts";
import type { Id } from "#platform/id.ts";
import { acceptedLanguages, lookupLanguage } from "#platform/text.ts";
import { SHEET_LANGUAGES } from "./sheet-words.ts";
import type { TicketSheet } from "./ticket-sheet.ts";

export const ticketVoid = problemType({
  code: "ticket_void",
  status: 410,
  title: "The ticket is void",
});

/** What sheets are made of. */
export interface SheetContext {
  readonly reservations: {
    showTo(caller: Caller, reservationId: Id<"rsv">): Promise<Shown>;
    findTicket(ticketId: Id<"tkt">): Promise<FoundTicket | null>;
  };
  readonly catalog: {
    textsOf(eventId: Id<"evt">, wanted: WantedTexts): Promise<EventTexts | null>;
  };
  readonly codes: TicketCodes;
}

/** A route whose `:id` names a ticket or a reservation. */
export type SheetRequest = FastifyRequest<{ Params: { id: string } }>;

/** A ticket as somebody may see it, and what its sheet was made of. */
export interface ReadTicket extends Shown {
  readonly ticket: Ticket;
  readonly sheet: TicketSheet;
  readonly texts: EventTexts;
  readonly slot: SlotTexts;
}
type Ticket = Reservation["tickets"][number];

/**
 * The sheet of the ticket that a request names, for its holder: who has the reservation's own token. In the reader's language, else
 * in the reservation's. A void ticket has a sheet too, without a code; `refuseVoid` refuses it.
 *
 * @throws 401 and 404 as reading its reservation does; `not_allowed` for who may look at it and not use it.
 */
export function ticketSheetReader(
  context: SheetContext,
): (request: SheetRequest) => Promise<TicketSheet> {
  return async (request) => {
    const { sheet, viewer } = await readTicket(context, request);
    refuseOthers(viewer);
    return sheet;
  };
}

/**
 * The ticket that a request names, if whoever asks may see it; with its code where they may use it.
 *
 * @throws 401 and 404 as reading its reservation does.
 */
export async function readTicket(
  context: SheetContext,
  request: SheetRequest,
): Promise<ReadTicket> {
  const ticketId = idParam("tkt", request.params.id);
  const found = await context.reservations.findTicket(ticketId);
  if (found === null) throw noSuchTicket();
  const shown = await context.reservations.showTo(callerOf(request), found.reservationId);
  const { ticket } = found;
  const { texts, sheets } = await sheetsOf(context, request, shown, [ticket]);
  const slot = texts.slots.get(ticket.slotId);
  const [sheet] = sheets;
  assert(sheet !== undefined && slot !== undefined, "a ticket has a sheet and a slot");
  return { ...shown, ticket, sheet, texts, slot };
}

/**
 * The sheets of all valid tickets of the reservation that a request names, for its holder; never none.
 *
 * @throws 401 and 404 as reading the reservation does; `not_allowed` for who may look at it and not use it; what its
 *   state is where it has no ticket.
 */
export async function readAllSheets(
  context: SheetContext,
  request: SheetRequest,
): Promise<readonly [TicketSheet, ...TicketSheet[]]> {
  const reservationId = idParam("rsv", request.params.id);
  const shown = await context.reservations.showTo(callerOf(request), reservationId);
  refuseOthers(shown.viewer);
  const { state, tickets } = shown.reservation;
  const valid = tickets.filter((ticket) => ticket.state === "valid");
  if (valid.length === 0) throw noTickets(state);
  // The very list, where it can be: its codes may be known already.
  const all = valid.length === tickets.length ? tickets : valid;
  const { texts, sheets } = await sheetsOf(context, request, shown, all);
  if (texts.state === "cancelled") throw noTickets("cancelled");
  const [first, ...others] = sheets;
  assert(first !== undefined, "each ticket has a sheet");
  return [first, ...others];
}

/** @throws `ticket_void` for a ticket that lets nobody in. */
export function refuseVoid({ isVoid }: Pick<TicketSheet, "isVoid">): void {
  if (!isVoid) return;
  const message =
    "This ticket was cancelled, exchanged or handed over. Its reservation lists the tickets that are valid.";
  throw new Problem(ticketVoid, message, { reasons: [{ code: ticketVoid.code, message }] });
}

/** What a reader's texts may be in, dearest first. Whoever takes anything takes the reservation's. */
export function languagesFor(
  request: Pick<FastifyRequest, "headers">,
  { language }: Pick<Reservation, "language">,
): readonly string[] {
  const accepted = acceptedLanguages(request.headers["accept-language"]);
  return [...accepted.filter((range) => range !== "*"), ...(language === null ? [] : [language])];
}

/** Only holders get codes (T5): a manager's list of them would be as good as a stack of tickets. */
function refuseOthers(viewer: Shown["viewer"]): void {
  if (viewer === "holder") return;
  const message =
    "Only who holds the reservation gets its tickets. Ask with the token that manages it.";
  throw new Problem(notAllowed, message, { reasons: [{ code: notAllowed.code, message }] });
}

async function sheetsOf(
  { catalog, codes }: SheetContext,
  request: SheetRequest,
  { reservation, viewer }: Shown,
  tickets: readonly Ticket[],
): Promise<{ readonly texts: EventTexts; readonly sheets: readonly TicketSheet[] }> {
  const { eventId, version } = reservation;
  const languages = languagesFor(request, reservation);
  const texts = await catalog.textsOf(eventId, {
    slotIds: [...new Set(tickets.map(({ slotId }) => slotId))],
    ticketTypeIds: [...new Set(tickets.map(({ ticketTypeId }) => ticketTypeId))],
    languages,
  });
  assert(texts !== null, "what has tickets is an event");
  const offered = [...texts.languages, ...SHEET_LANGUAGES];
  const common = {
    reservation,
    texts,
    places: placesOf(reservation),
    language: lookupLanguage(languages, offered) ?? texts.languages[0],
    revision: version + texts.revision,
  };
  const isOver = texts.state === "cancelled";
  const isCoded = viewer === "holder" && !isOver && tickets.some(({ state }) => state === "valid");
  const made = isCoded ? await codes.codesOf({ eventId, tickets }) : [];
  const sheets = tickets.map((ticket, index) => sheetOf(common, ticket, made[index] ?? ""));
  return { texts, sheets };
}

function sheetOf(
  common: {
    readonly places: ReadonlyMap<Id<"tkt">, number>;
    readonly reservation: Reservation;
    readonly texts: EventTexts;
    readonly language: string;
    readonly revision: number;
  },
  ticket: Ticket,
  code: string,
): TicketSheet {
  const { reservation, texts, language, revision, places } = common;
  const ordinal = places.get(ticket.ticketId);
  const slot = texts.slots.get(ticket.slotId);
  const type = texts.ticketTypes.get(ticket.ticketTypeId);
  assert(slot !== undefined && type !== undefined, "a ticket is of a slot and of a type");
  return {
    ticketId: ticket.ticketId,
    reservationId: reservation.reservationId,
    eventId: reservation.eventId,
    slotId: ticket.slotId,
    isVoid: ticket.state === "void" || texts.state === "cancelled",
    code,
    language,
    eventName: texts.name,
    eventUrl: texts.url,
    placeName: texts.placeName,
    placeAddress: texts.placeAddress,
    timeZone: texts.timeZone,
    startsAt: slot.startsAt,
    endsAt: slot.endsAt,
    slotNote: slot.note,
    ticketType: type.name,
    admits: type.admits,
    // Tickets without a name of their own go by who reserved them.
    holderName: ticket.holderName ?? reservation.attendee.name,
    // A void one stands alone.
    ordinal: ordinal ?? 1,
    count: ordinal === undefined ? 1 : places.size,
    revision,
  };
}

/** The valid tickets of a reservation by their place, from 1. */
function placesOf({ tickets }: Reservation): ReadonlyMap<Id<"tkt">, number> {
  const valid = tickets.filter(({ state }) => state === "valid");
  return new Map(valid.map(({ ticketId }, index) => [ticketId, index + 1]));
}

function noSuchTicket(): Problem {
  return new Problem(notFound, "There is no such ticket here.");
}

/** Why a reservation in this state has no valid ticket. */
const WITHOUT_TICKETS: Readonly<Record<Reservation["state"], readonly [string, string]>> = {
  held: [
    "reservation_not_confirmed",
    "It has tickets once it is confirmed. Confirm it, or pay for it first.",
  ],
  confirmed: ["reservation_cancelled", "All of its tickets were taken back."],
  released: ["reservation_released", "Its places were given back: it has no tickets."],
  expired: ["reservation_expired", "The hold ended: it has no tickets. Reserve again."],
  cancelled: ["reservation_cancelled", "It was cancelled: its tickets let nobody in any more."],
};

function noTickets(state: Reservation["state"]): Problem {
  const [code, message] = WITHOUT_TICKETS[state];
  return new Problem(problemOf(code).type, message, { reasons: [{ code, message }] });
}
