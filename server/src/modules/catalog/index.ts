export { type Catalog, createCatalog } from "./catalog.ts";
export type { NewEventBody } from "./catalog-schemas.ts";
export type { EventFacts, SlotFacts, TicketTypeFacts } from "./event-facts.ts";
export { poolIdOf } from "./pool-id.ts";
export type {
  Availability,
  CapacityRefusal,
  PoolChange,
  SalesChange,
  SalesPort,
} from "./sales-port.ts";
