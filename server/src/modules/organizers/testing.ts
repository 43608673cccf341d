export { createAudit } from "./audit.ts";
export { insertOrganizer } from "./testing-organizers.ts";
