import type { Id } from "#platform/id.ts";
import type { TicketSheet } from "./ticket-sheet.ts";

/** Three years from what tests call now, in summer: 19:00 in Prague. */
const STARTS_AT = Date.UTC(2029, 5, 15, 17, 0);

/** As long as a code is, of its alphabet. */
export const A_CODE = `T1:${"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:".repeat(4).slice(0, 174)}`;

/** All that can be said of a ticket, with whatever a test is about. */
export function aSheet(about: Partial<TicketSheet> = {}): TicketSheet {
  return {
    ticketId: "01940000-0000-7000-8000-00000000000a" as Id<"tkt">,
    reservationId: "01940000-0000-7000-8000-00000000000b" as Id<"rsv">,
    eventId: "01940000-0000-7000-8000-00000000000c" as Id<"evt">,
    slotId: "01940000-0000-7000-8000-00000000000d" as Id<"slt">,
    isVoid: false,
    code: A_CODE,
    language: "cs",
    eventName: "Noc v muzeu",
    eventUrl: "https://tickets.example.org/e/noc-v-muzeu",
    placeName: "Národní muzeum",
    placeAddress: "Václavské náměstí 68, 110 00 Praha 1",
    timeZone: "Europe/Prague",
    startsAt: STARTS_AT,
    endsAt: STARTS_AT + 2 * 3_600_000,
    slotNote: "Vchod z boku",
    ticketType: "Rodinná",
    admits: 4,
    holderName: "Žofie Dvořáková",
    ordinal: 2,
    count: 3,
    revision: 1,
    ...about,
  };
}

/** The ticket taken back. */
export function aVoidSheet(): TicketSheet {
  return aSheet({ isVoid: true, code: "" });
}
