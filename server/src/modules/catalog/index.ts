export type { EventFacts, SlotFacts, TicketTypeFacts } from "./event-facts.ts";
export { poolIdOf } from "./pool-id.ts";
export type {
  Availability,
  CapacityRefusal,
  PoolChange,
  SalesChange,
  SalesPort,
} from "./sales-port.ts";
