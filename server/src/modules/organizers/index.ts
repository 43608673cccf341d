export type { Audit, AuditedAct } from "./audit.ts";
export { auditRoutes } from "./audit-routes.ts";
export {
  decideOnEvent,
  decideOnOrganizer,
  type GuardedEvent,
  isAllowed,
  isAllowedInOrganizer,
  noSuchEvent,
} from "./decide.ts";
export { createOrganizers, type Organizers } from "./organizers.ts";
