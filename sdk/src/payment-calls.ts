import type { Ask } from "./client.ts";
import type { BodyOf, CallOptions, QueryOf } from "./operations.ts";

/** Paying for reservations, by their holders and by who manages the event. */
export const paymentCalls = (ask: Ask) => ({
  /** How one can pay for what is reserved of an event. */
  options: (eventId: string, options?: CallOptions) =>
    ask("readPaymentOptions", { path: { id: eventId }, ...options }),

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

  /** For managers: tries a refund again that the provider refused. */
  retryRefund: (refundId: string, options?: CallOptions) =>
    ask("retryRefund", { path: { id: refundId }, ...options }),

  /** For managers: a refund that the provider refused was given in another way. */
  handBackRefund: (refundId: string, options?: CallOptions) =>
    ask("handBackRefund", { path: { id: refundId }, ...options }),

  /** A page of an event's payments, newest first; for its managers. */
  list: (eventId: string, query?: QueryOf<"listPayments">, options?: CallOptions) =>
    ask("listPayments", { path: { id: eventId }, query, ...options }),

  /** A page of an event's refunds, newest first, and how far all of them have come; for its managers. */
  listRefunds: (eventId: string, query?: QueryOf<"listRefunds">, options?: CallOptions) =>
    ask("listRefunds", { path: { id: eventId }, query, ...options }),
});
