import type { FastifyRequest } from "fastify";
import type { EventFacts } from "#modules/catalog/index.ts";
import { isAllowed, notAllowed } from "#modules/organizers/index.ts";
import { assert } from "#platform/assert.ts";
import { type Caller, callerOf, type Principal } from "#platform/http/authentication.ts";
import { idParam } from "#platform/http/ids.ts";
import { Problem } from "#platform/http/problem.ts";
import type { Id } from "#platform/id.ts";
import { isSameGate } from "./judge-code.ts";

/** What this file asks of the catalogue and the reservations. */
export interface EventsOfTickets {
  facts(eventId: Id<"evt">): Promise<EventFacts | null>;
  authorize(caller: Caller, eventId: Id<"evt">): Promise<EventFacts>;
  /** Of which event a ticket is, by its id; null where there is no such ticket. */
  eventOfTicket(ticketId: Id<"tkt">): Promise<Id<"evt"> | null>;
}

/** Who presents codes. */
export interface Presenter {
  readonly id: string;
  /** The event of a door pass; null: whoever it is may be of several. */
  readonly eventId: Id<"evt"> | null;
  readonly gate: string | null;
}

/** Who sends a request of a route for gates, and for which gate. */
export function presenterOf(request: FastifyRequest, gate: string | undefined): Presenter {
  const { principal } = callerOf(request);
  if (principal.kind === "door_pass") {
    refuseOtherGate(principal.gate, gate);
    return { id: principal.passId, eventId: principal.eventId, gate: principal.gate };
  }
  return { id: idOf(principal), eventId: null, gate: gate ?? null };
}

/** @throws `not_allowed` for a gate that is not the pass's. */
export function refuseOtherGate(ofPass: string, gate: string | undefined): void {
  if (gate === undefined || isSameGate(gate, ofPass)) return;
  const message = `This pass is for the gate “${ofPass}”. Leave \`gate\` out, or use the pass of the other gate.`;
  throw new Problem(notAllowed, message, { reasons: [{ code: notAllowed.code, message }] });
}

/**
 * The event at which something is presented, if the sender may let people in there: the one that is named, or that of
 * the pass. Null where neither is.
 *
 * @throws `not_found` for an event that is not theirs, also that of another pass.
 */
export async function namedEvent(
  events: EventsOfTickets,
  request: FastifyRequest,
  { eventId }: Presenter,
  named: string | undefined,
): Promise<EventFacts | null> {
  const wanted = named === undefined ? eventId : idParam("evt", named);
  return wanted === null ? null : events.authorize(callerOf(request), wanted);
}

/** The event of a ticket, for who named none; null where there is no such ticket, or it is none of theirs. */
export async function eventOfCode(
  events: EventsOfTickets,
  request: FastifyRequest,
  ticketId: Id<"tkt">,
): Promise<EventFacts | null> {
  const { principal, needs } = callerOf(request);
  const eventId = await events.eventOfTicket(ticketId);
  const event = eventId === null ? null : await events.facts(eventId);
  if (event === null) return null;
  return needs.every((need) => isAllowed(principal, need, event)) ? event : null;
}

function idOf(principal: Principal): string {
  switch (principal.kind) {
    case "user":
      return principal.userId;
    case "key":
      return principal.keyId;
    case "event":
      return principal.eventId;
    case "reservation":
      return principal.reservationId;
    default:
      assert(false, "a route for gates is reached by who may be told apart");
  }
}
