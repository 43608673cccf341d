import type { Reach } from "#platform/database/reach.ts";
import type { Caller, Grant } from "#platform/http/authentication.ts";
import { DOOR_PASS_GRANT, EVENT_TOKEN_GRANT } from "./roles.ts";

/**
 * All whose rows the caller may do with what their route needs, as the second wall knows it. Made of
 * who they are and never of what they ask for; whether the thing they ask for is in it, and whether
 * their token is still good, is for `decideOnEvent` and `decideOnOrganizer` to say.
 */
export function reachOf({ principal, needs }: Caller): Reach {
  const isEnough = ({ permissions }: Grant) => needs.every((need) => permissions.has(need));
  switch (principal.kind) {
    case "user": {
      const organizers = [...principal.organizers].filter(([, grant]) => isEnough(grant));
      return { organizers: organizers.map(([organizerId]) => organizerId), events: [] };
    }
    case "key":
      return { organizers: isEnough(principal.grant) ? [principal.organizerId] : [], events: [] };
    case "event":
      return { organizers: [], events: isEnough(EVENT_TOKEN_GRANT) ? [principal.eventId] : [] };
    case "door_pass":
      return { organizers: [], events: isEnough(DOOR_PASS_GRANT) ? [principal.eventId] : [] };
    default:
      return { organizers: [], events: [] };
  }
}
