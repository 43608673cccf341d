export type { Audit, AuditedAct } from "./audit.ts";
export {
  decideOnEvent,
  decideOnOrganizer,
  type GuardedEvent,
  isAllowed,
  noSuchEvent,
} from "./decide.ts";
export { createOrganizers, type Organizers } from "./organizers.ts";
export { reachOf } from "./reach-of.ts";
