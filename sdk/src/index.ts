export type { Call, Reply, TesseraOptions } from "./call.ts";
export { createTessera, type Tessera } from "./client.ts";
export type { GateAnswer, GateTicket, RedemptionOutcome } from "./gate-decision.ts";
export type { Direction, DoorPicture, GateStorage, RefusedScan, Surplus } from "./gate-memory.ts";
// Every shape of the API by its name: Reservation, NewReservation, Slot, Availability, …
export type * from "./generated.ts";
export {
  createOfflineGate,
  type GateState,
  type HowPresented,
  type OfflineGate,
  type OfflineGateOptions,
} from "./offline-gate.ts";
export type { BodyOf, CallOptions, DataOf, OperationId, QueryOf, RequestOf } from "./operations.ts";
export {
  type FieldError,
  type Reason,
  TesseraProblem,
  TesseraUnreachable,
  UNREADABLE_ANSWER,
} from "./problem.ts";
export type { Delay } from "./retry.ts";
export {
  createTicketVerifier,
  type Presentation,
  type TicketVerdict,
  type TicketVerifier,
  type TicketVerifierOptions,
  type VerifiedTicket,
} from "./verify-tickets.ts";
export type { WatchOptions } from "./watch-stream.ts";
