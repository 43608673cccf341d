export { createAudit } from "./audit.ts";
