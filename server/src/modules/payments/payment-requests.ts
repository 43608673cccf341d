import type { FastifyRequest } from "fastify";
import type { EventFacts } from "#modules/catalog/index.ts";
import type { Audit } from "#modules/organizers/index.ts";
import { type Asker, problemOf, type Reservation } from "#modules/reservations/index.ts";
import type { Queryable, Transaction } from "#platform/database/database.ts";
import {
  type Caller,
  callerOf,
  credentialsNeeded,
  invalidToken,
} from "#platform/http/authentication.ts";
import { notFound, Problem } from "#platform/http/problem.ts";
import type { Id } from "#platform/id.ts";
import type { Payment } from "./payment.ts";
import { readPayment } from "./payment-store.ts";
import type { PaymentsParts } from "./payments-parts.ts";

// What every route about money needs: whose it is, and who asks.

export interface PaymentRoutesContext extends PaymentsParts {
  readonly audit: Audit;
  /** The event, if the caller may do to it what their route needs; else refuses. */
  authorize(caller: Caller, eventId: Id<"evt">): Promise<EventFacts>;
  factsOf(eventId: Id<"evt">): Promise<EventFacts | null>;
  /** Whose request it is: the reservation's own holder, or a manager of its event; else refuses. */
  askerOf(caller: Caller, reservationId: Id<"rsv">): Promise<Asker>;
  /** How long a hold waits for a payment. */
  readonly waitSeconds: number;
  readonly publishableKey: string | null;
}

/**
 * The reservation as it stands, if the asker may still see it.
 *
 * @throws `not_found`, and `not_authenticated` for a token that was replaced
 */
export async function readFor(
  { ledger, database }: PaymentsParts,
  asker: Asker,
  reservationId: Id<"rsv">,
  queryable: Queryable = database.kysely,
): Promise<Reservation> {
  // By a statement of its own: who pays does not wait behind those who reserve.
  const reservation = await ledger.readWithin(queryable, reservationId);
  if (reservation === null || reservation.exchangeOf !== null) {
    throw problemOf("reservation_not_found");
  }
  if (asker.as === "manager" && asker.eventId !== reservation.eventId) {
    throw problemOf("reservation_not_found");
  }
  if (asker.as === "holder" && asker.generation !== reservation.generation) throw invalidToken();
  return reservation;
}

/**
 * A payment and who asks for it: the holder of its reservation, or a manager of its event.
 *
 * @throws `not_found` also for what is somebody else's
 */
export async function paymentFor(
  context: PaymentRoutesContext,
  request: FastifyRequest,
  paymentId: Id<"pay">,
): Promise<{ readonly payment: Payment; readonly asker: Asker }> {
  const caller = callerOf(request);
  if (caller.principal.kind === "anonymous") throw credentialsNeeded();
  const payment = await readPayment(context.database, paymentId);
  if (payment === null) throw noSuchPayment();
  const asker = await context.askerOf(caller, payment.reservationId);
  await readFor(context, asker, payment.reservationId);
  return { payment, asker };
}

/**
 * A payment for a manager of its event; what holders may not do.
 *
 * @throws `not_found` also for what is of somebody else's event
 */
export async function paymentForManager(
  context: PaymentRoutesContext,
  request: FastifyRequest,
  paymentId: Id<"pay">,
): Promise<{ readonly payment: Payment; readonly facts: EventFacts }> {
  const caller = callerOf(request);
  if (caller.principal.kind === "anonymous") throw credentialsNeeded();
  const payment = await readPayment(context.database, paymentId);
  if (payment === null) throw noSuchPayment();
  return { payment, facts: await context.authorize(caller, payment.eventId) };
}

/** Notes what a manager does to money, in the same transaction. Holders' own acts stand in the payment. */
export async function noteAct(
  { audit }: PaymentRoutesContext,
  transaction: Transaction,
  request: FastifyRequest,
  { organizerId, eventId }: { readonly organizerId: Id<"org"> | null; readonly eventId: Id<"evt"> },
  subject: string,
): Promise<void> {
  const { operationId } = request.routeOptions.schema as { operationId: string };
  const { principal } = callerOf(request);
  await audit.note(transaction, { principal, organizerId, eventId, action: operationId, subject });
}

export function noSuchPayment(): Problem {
  return new Problem(notFound, "There is no such payment here.");
}

export function noSuchRefund(): Problem {
  return new Problem(notFound, "There is no such refund here.");
}
