import type { Ask } from "./client.ts";
import type { BodyOf, CallOptions } from "./operations.ts";

/** Paying for reservations, by their holders and by who manages the event. */
export const paymentCalls = (ask: Ask) => ({
  /** Begins to pay for a reservation. It is made after the answer: read it until it has succeeded or failed. */
  create: (reservationId: string, body: BodyOf<"createPayment">, options?: CallOptions) =>
    ask("createPayment", { path: { id: reservationId }, body, ...options }),

  read: (id: string, options?: CallOptions) => ask("readPayment", { path: { id }, ...options }),

  /** All tries to pay for a reservation, the first one first. */
  listOf: (reservationId: string, options?: CallOptions) =>
    ask("listPaymentsOfReservation", { path: { id: reservationId }, ...options }),

  /** Ends a payment that is under way. */
  cancel: (id: string, options?: CallOptions) => ask("cancelPayment", { path: { id }, ...options }),

  /** For managers: whether money came that is paid at the till or by bank transfer. */
  settle: (id: string, body: BodyOf<"settlePayment">, options?: CallOptions) =>
    ask("settlePayment", { path: { id }, body, ...options }),

  /** For managers: gives back what is left of a payment, or a part of it. */
  refund: (id: string, body: BodyOf<"createRefund"> = {}, options?: CallOptions) =>
    ask("createRefund", { path: { id }, body, ...options }),
});
