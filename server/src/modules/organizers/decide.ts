import type { Permission } from "#platform/http/access.ts";
import {
  type Caller,
  credentialsNeeded,
  type Grant,
  invalidToken,
  type Principal,
} from "#platform/http/authentication.ts";
import { notFound, Problem, problemType } from "#platform/http/problem.ts";
import type { Id } from "#platform/id.ts";
import { DOOR_PASS_GRANT, EVENT_TOKEN_GRANT } from "./roles.ts";

// The one place that decides who may do what. Everything else asks here.

export const notAllowed = problemType({
  code: "not_allowed",
  status: 403,
  title: "Your role or key does not allow this",
});

/** What of an event decides who may do something with it. */
export interface GuardedEvent {
  readonly eventId: Id<"evt">;
  /** Null: its event token manages it. */
  readonly organizerId: Id<"org"> | null;
  /** Event tokens of another generation are void. */
  readonly tokenGeneration: number;
}

/**
 * Refuses who may not do to the event what their route needs: 401 without credentials or with revoked
 * ones, 404 to whoever has nothing to do with it, as if there were no such event, and 403 to whoever
 * has, but not that far.
 */
export function decideOnEvent<Event extends GuardedEvent>(
  caller: Caller,
  event: Event | null,
): Event {
  const { principal } = caller;
  if (principal.kind === "anonymous") throw credentialsNeeded();
  const grant = event === null ? null : grantOnEvent(principal, event);
  if (event === null || grant === null) throw noSuchEvent();
  refuseMissing(grant, caller.needs);
  return event;
}

/** Refuses who may not do to the organizer what their route needs, as `decideOnEvent` does. */
export function decideOnOrganizer(caller: Caller, organizerId: Id<"org">): void {
  const { principal } = caller;
  if (principal.kind === "anonymous") throw credentialsNeeded();
  const grant = grantOnOrganizer(principal, organizerId);
  if (grant === null) throw noSuchOrganizer();
  refuseMissing(grant, caller.needs);
}

/** Whether the principal may do this to the event. A revoked token of the very event is refused, not overlooked. */
export function isAllowed(
  principal: Principal,
  permission: Permission,
  event: GuardedEvent,
): boolean {
  return grantOnEvent(principal, event)?.permissions.has(permission) ?? false;
}

/** Whether the principal may do this to everything of the organizer. */
export function isAllowedInOrganizer(
  principal: Principal,
  permission: Permission,
  organizerId: Id<"org">,
): boolean {
  return grantOnOrganizer(principal, organizerId)?.permissions.has(permission) ?? false;
}

/** What the principal may do to all events of an organizer; null: nothing. */
export function grantOnOrganizer(principal: Principal, organizerId: Id<"org">): Grant | null {
  if (principal.kind === "user") return principal.organizers.get(organizerId) ?? null;
  if (principal.kind === "key" && principal.organizerId === organizerId) return principal.grant;
  return null;
}

export function noSuchEvent(): Problem {
  return new Problem(notFound, "There is no such event here.");
}

export function noSuchOrganizer(): Problem {
  return new Problem(notFound, "There is no such organizer here.");
}

function grantOnEvent(principal: Principal, event: GuardedEvent): Grant | null {
  if (principal.kind === "event" && principal.eventId === event.eventId) {
    if (event.tokenGeneration !== principal.generation) throw invalidToken();
    return EVENT_TOKEN_GRANT;
  }
  if (principal.kind === "door_pass") {
    return principal.eventId === event.eventId ? DOOR_PASS_GRANT : null;
  }
  return event.organizerId === null ? null : grantOnOrganizer(principal, event.organizerId);
}

function refuseMissing(grant: Grant, needs: readonly Permission[]): void {
  const missing = needs.filter((need) => !grant.permissions.has(need));
  if (missing.length === 0) return;
  const message = `As ${grant.as} you do not have ${missing.join(", ")}.`;
  throw new Problem(notAllowed, `${message} Ask the owner of the organizer for more.`, {
    reasons: missing.map((permission) => ({ code: notAllowed.code, message, permission })),
  });
}
