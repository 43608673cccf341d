import type { Ask } from "./client.ts";
import type { BodyOf, CallOptions, QueryOf } from "./operations.ts";

/** Reserving, and what can be done to a reservation with its token. */
export function reservationCalls(ask: Ask) {
  return {
    /** Holds places, or confirms free ones at once. The answer's `token` opens the reservation. */
    create: (body: BodyOf<"reserve">, options?: CallOptions) =>
      ask("reserve", { body, ...options }),

    read: (id: string, options?: CallOptions) =>
      ask("readReservation", { path: { id }, ...options }),

    confirm: (id: string, options?: CallOptions) =>
      ask("confirmReservation", { path: { id }, ...options }),

    /** Holds it longer, as the event allows or for `hold_seconds`. */
    extend: (id: string, body: BodyOf<"extendReservation"> = {}, options?: CallOptions) =>
      ask("extendReservation", { path: { id }, body, ...options }),

    /** Gives a hold back. */
    release: (id: string, options?: CallOptions) =>
      ask("releaseReservation", { path: { id }, ...options }),

    /** Cancels what is confirmed. What the organizer keeps of its price is the answer's `cancellation_fee`. */
    cancel: (id: string, options?: CallOptions) =>
      ask("cancelReservation", { path: { id }, ...options }),

    /**
     * Other slots, types or quantities (`lines` is the complete new set), or another attendee; all or nothing. Where it is
     * confirmed and becomes dearer, it stays as it is until what the answer's `pending_exchange` says is paid.
     */
    change: (id: string, body: BodyOf<"changeReservation">, options?: CallOptions) =>
      ask("changeReservation", { path: { id }, body, ...options }),

    /** Paid too late: takes the same tickets in another slot, one of its `alternatives`. */
    acceptAlternative: (id: string, slotId: string, options?: CallOptions) =>
      ask("acceptAlternative", { path: { id }, body: { slot_id: slotId }, ...options }),

    /** A new holder. Every token and code from before stops working; the new token is in the answer. */
    transfer: (id: string, body: BodyOf<"transferReservation">, options?: CallOptions) =>
      ask("transferReservation", { path: { id }, body, ...options }),

    /** For managers: takes single tickets back and gives back what was paid for them. */
    returnTickets: (id: string, body: BodyOf<"returnTickets">, options?: CallOptions) =>
      ask("returnTickets", { path: { id }, body, ...options }),

    /** A page of an event's reservations, newest first; for its manager. */
    list: (eventId: string, query?: QueryOf<"listReservations">, options?: CallOptions) =>
      ask("listReservations", { path: { id: eventId }, query, ...options }),
  };
}
