import { credentialsNeeded, invalidToken, type Principal } from "#platform/http/authentication.ts";
import { notFound, Problem } from "#platform/http/problem.ts";
import type { Id } from "#platform/id.ts";
import type { EventState } from "./event.ts";

/** What of an event decides who may see and manage it. */
export interface Guarded {
  readonly eventId: Id<"evt">;
  readonly state: EventState;
  readonly tokenGeneration: number;
}

export function noSuchEvent(): Problem {
  return new Problem(notFound, "There is no such event here.");
}

/**
 * Refuses who does not manage the event: 401 without credentials or with a token that was revoked,
 * 404 with anybody else's, as if there were no such event. Without an event only what the credentials
 * say by themselves is judged.
 */
export function refuseNonManager(principal: Principal, eventId: Id<"evt">): void;
export function refuseNonManager<Event extends Guarded>(
  principal: Principal,
  eventId: Id<"evt">,
  event: Event | null,
): Event;
export function refuseNonManager(
  principal: Principal,
  eventId: Id<"evt">,
  event?: Guarded | null,
): Guarded | undefined {
  if (principal.kind === "anonymous") throw credentialsNeeded();
  if (principal.kind !== "event" || principal.eventId !== eventId) throw noSuchEvent();
  if (event === undefined) return undefined;
  if (event === null || event.tokenGeneration !== principal.generation) throw invalidToken();
  return event;
}

/** Whether the principal manages the event. A revoked token of the very event is refused, not overlooked. */
export function isManager(principal: Principal, event: Guarded): boolean {
  if (principal.kind !== "event" || principal.eventId !== event.eventId) return false;
  return refuseNonManager(principal, event.eventId, event) === event;
}

/** The event if the principal may see it: drafts are there for their managers only. */
export function refuseUnseen<Event extends Guarded>(
  principal: Principal,
  event: Event | null,
): Event {
  if (event === null) throw noSuchEvent();
  if (!isManager(principal, event) && event.state === "draft") throw noSuchEvent();
  return event;
}
