export type { AttendeeRetention } from "./attendee-retention.ts";
export { type Catalog, createCatalog } from "./catalog.ts";
export type { EventFacts, TicketTypeFacts } from "./event-facts.ts";
export type { EventTexts, SlotTexts, WantedTexts } from "./event-texts.ts";
export { poolIdOf } from "./pool-id.ts";
export type {
  Availability,
  CapacityRefusal,
  SalesChange,
  SalesPort,
} from "./sales-port.ts";
