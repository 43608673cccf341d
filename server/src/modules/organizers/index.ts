export type { Audit, AuditedAct } from "./audit.ts";
export { tooManyCredentials } from "./credential-limits.ts";
export {
  decideOnEvent,
  decideOnOrganizer,
  isAllowed,
  isAllowedInOrganizer,
  noSuchEvent,
  notAllowed,
} from "./decide.ts";
export { createOrganizers } from "./organizers.ts";
export { reachOf } from "./reach-of.ts";
