import { isAllowed, noSuchEvent } from "#modules/organizers/index.ts";
import type { Principal } from "#platform/http/authentication.ts";
import type { CatalogEvent } from "./event.ts";

/** What of an event decides who may see it. */
export type SeenEvent = Pick<CatalogEvent, "eventId" | "organizerId" | "state" | "tokenGeneration">;

/** Whether the principal sees all of the event. A revoked token of the very event is refused, not overlooked. */
export function isManager(principal: Principal, event: SeenEvent): boolean {
  return isAllowed(principal, "event:read", event);
}

/** The event if the principal may see it: drafts are there for their managers only. */
export function refuseUnseen<Event extends SeenEvent>(
  principal: Principal,
  event: Event | null,
): Event {
  if (event === null) throw noSuchEvent();
  if (!isManager(principal, event) && event.state === "draft") throw noSuchEvent();
  return event;
}
