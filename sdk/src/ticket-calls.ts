import type { Ask } from "./client.ts";
import type { CallOptions } from "./operations.ts";

/** What the holder of a reservation carries, with its token. Files (QR codes, PDF, calendars) are plain `fetch`. */
export function ticketCalls(ask: Ask) {
  return {
    /** A ticket as it stands now, with its code where the token may use it. */
    read: (id: string, options?: CallOptions) => ask("readTicket", { path: { id }, ...options }),

    /** Where a calendar can subscribe to a reservation: whoever has the address sees when and where, and nothing else. */
    calendarOf: (reservationId: string, options?: CallOptions) =>
      ask("readReservationCalendar", { path: { id: reservationId }, ...options }),
  };
}
