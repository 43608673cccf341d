import type { Ask } from "./client.ts";
import type { BodyOf, CallOptions, QueryOf } from "./operations.ts";

/** Events. Writing takes the event's token. */
export function eventCalls(ask: Ask) {
  return {
    /** The answer's `event_token`, where events need no account, manages the event. It is given once. */
    create: (body: BodyOf<"createEvent">, options?: CallOptions) =>
      ask("createEvent", { body, ...options }),

    /** By id or slug. */
    read: (id: string, options?: CallOptions) => ask("readEvent", { path: { id }, ...options }),

    /** A page of the published events, by their first slot. */
    list: (query?: QueryOf<"listEvents">, options?: CallOptions) =>
      ask("listEvents", { query, ...options }),

    change: (id: string, body: BodyOf<"changeEvent">, options?: CallOptions) =>
      ask("changeEvent", { path: { id }, body, ...options }),

    publish: (id: string, options?: CallOptions) =>
      ask("publishEvent", { path: { id }, ...options }),

    /** Its reservations are cancelled with it. */
    cancel: (id: string, options?: CallOptions) => ask("cancelEvent", { path: { id }, ...options }),

    /** The personal data of one attendee or of all, for good. Says how many only, unless `dry_run` is false. */
    eraseAttendees: (id: string, body: BodyOf<"eraseAttendees">, options?: CallOptions) =>
      ask("eraseAttendees", { path: { id }, body, ...options }),
  };
}

/** The slots of an event. */
export function slotCalls(ask: Ask) {
  return {
    /** One, many, or a recurrence. */
    add: (eventId: string, body: BodyOf<"addSlots">, options?: CallOptions) =>
      ask("addSlots", { path: { id: eventId }, body, ...options }),

    list: (eventId: string, query?: QueryOf<"listSlots">, options?: CallOptions) =>
      ask("listSlots", { path: { id: eventId }, query, ...options }),

    change: (id: string, body: BodyOf<"changeSlot">, options?: CallOptions) =>
      ask("changeSlot", { path: { id }, body, ...options }),

    remove: (id: string, options?: CallOptions) => ask("removeSlot", { path: { id }, ...options }),

    /** That what is held and sold in the slot's pools equals the ledger; for the event's manager. */
    proof: (id: string, options?: CallOptions) => ask("proveSlot", { path: { id }, ...options }),
  };
}

/** The ticket types of an event. */
export function ticketTypeCalls(ask: Ask) {
  return {
    add: (eventId: string, body: BodyOf<"addTicketType">, options?: CallOptions) =>
      ask("addTicketType", { path: { id: eventId }, body, ...options }),

    change: (id: string, body: BodyOf<"changeTicketType">, options?: CallOptions) =>
      ask("changeTicketType", { path: { id }, body, ...options }),

    remove: (id: string, options?: CallOptions) =>
      ask("removeTicketType", { path: { id }, ...options }),
  };
}
