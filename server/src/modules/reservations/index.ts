import type { AttendeeRetention, EventFacts, SalesPort } from "#modules/catalog/index.ts";
import type { Audit } from "#modules/organizers/index.ts";
import type { Bus } from "#platform/bus/bus.ts";
import type { Clock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import type { Caller, Principal } from "#platform/http/authentication.ts";
import type { Id } from "#platform/id.ts";
import { createLater } from "#platform/jobs/later.ts";
import type { Logger } from "#platform/logger.ts";
import type { MailOutbox } from "#platform/mail/mail-outbox.ts";
import type { CapabilityTokens } from "#platform/tokens/capability.ts";
import { attendeeRoutes } from "./attendee-routes.ts";
import { type AvailabilityView, createAvailabilityView } from "./availability.ts";
import { availabilityRoutes } from "./availability-routes.ts";
import { eraseOverdueAttendees } from "./erase-attendees.ts";
import {
  expireReservations,
  settleCancelledEvent,
  settleCancelledEvents,
} from "./expire-reservations.ts";
import { findTicket } from "./find-ticket.ts";
import { openSales } from "./open-sales.ts";
import { createPaymentLedger } from "./payment-ledger.ts";
import { provePools } from "./prove-pools.ts";
import { createReservationReader } from "./read-reservation.ts";
import { resendRoutes } from "./resend-routes.ts";
import { askerOf, refuseWhenFull } from "./reservation-requests.ts";
import { reservationRoutes } from "./reservation-routes.ts";
import { returnTicketsRoute } from "./return-tickets-route.ts";
import { showTo } from "./show-reservation.ts";
import { createStock, type Stock, type StockLimits } from "./stock.ts";
import type { TicketCodes } from "./ticket-codes.ts";
import { type UsedPart, usedTickets } from "./used-tickets.ts";
import { createValidTickets } from "./valid-tickets.ts";
import { type VoidedPart, voidedTickets } from "./voided-tickets.ts";

export type { Asker } from "./change-input.ts";
export type { FoundTicket } from "./find-ticket.ts";
export type { PaymentLedger } from "./payment-ledger.ts";
export { proveEverything } from "./prove-everything.ts";
export { problemOf } from "./refusals.ts";
export type { Reservation } from "./reservation.ts";
export { totalOf } from "./reservation.ts";
export { refuseWhenFull } from "./reservation-requests.ts";
export type { Shown } from "./show-reservation.ts";
export type { Codes, TicketCodes } from "./ticket-codes.ts";
export type { UsedPart, UsedPosition } from "./used-tickets.ts";
export type { ValidTickets } from "./valid-tickets.ts";
export type { VoidedPart, VoidedPosition } from "./voided-tickets.ts";

/** What reservations ask of the catalogue. */
export interface CatalogPort {
  facts(eventId: Id<"evt">): Promise<EventFacts | null>;
  factsOfSlot(slotId: Id<"slt">): Promise<EventFacts | null>;
  forget(eventId: Id<"evt">): void;
  nameOf(
    eventId: Id<"evt">,
    languages: readonly string[],
  ): Promise<{ readonly name: string; readonly timeZone: string } | null>;
  authorize(caller: Caller, eventId: Id<"evt">): Promise<EventFacts>;
  authorizeSlot(caller: Caller, slotId: Id<"slt">): Promise<EventFacts>;
  visibleEvent(principal: Principal, idOrSlug: string): Promise<EventFacts>;
  isCurrent(facts: EventFacts): boolean;
  readonly retention: AttendeeRetention;
}

/** The part of selling that the catalogue stands on: pools and what is left in them. */
export interface Sales extends SalesPort {
  readonly stock: Stock;
  readonly availability: AvailabilityView;
}

const STOCK_CHANNEL = "stock";

/** Opens the stock. The catalogue is made on top of it, the reservations on top of both. */
export async function createSales(options: {
  database: Database;
  clock: Clock;
  bus: Bus;
  limits: StockLimits;
}): Promise<Sales> {
  const { database, clock, bus } = options;
  const stock = createStock(options);
  const availability = createAvailabilityView(database, clock);
  stock.onChanged((eventIds) => {
    for (const eventId of eventIds) {
      availability.changed(eventId);
      void bus.publish(STOCK_CHANNEL, eventId);
    }
  });
  await bus.subscribe(
    STOCK_CHANNEL,
    (eventId) => availability.changed(eventId as Id<"evt">),
    () => availability.changedAll(),
  );
  return {
    stock,
    availability,
    change: (transaction, change) => openSales(clock, transaction, change),
    availabilityOf: (eventId) => availability.of(eventId),
    changed: async (eventId, state) => {
      availability.changed(eventId);
      if (state === "cancelled") await settleCancelledEvent({ database, clock, stock }, eventId);
    },
  };
}

/** Requests for lost links that may wait for their turn: each looks through an event. */
const RESENDS_WAITING_MAX = 100;

/** Reservations: the routes, the periodic tidying, and the end of it. */
export function createReservations(options: {
  database: Database;
  clock: Clock;
  sales: Sales;
  catalog: CatalogPort;
  tokens: CapabilityTokens;
  ticketCodes: TicketCodes;
  audit: Audit;
  limits: StockLimits;
  outbox: MailOutbox;
  publicUrl: string;
  log: Pick<Logger, "error">;
}) {
  const { database, clock, sales, catalog, tokens, audit, limits, outbox, publicUrl } = options;
  const { stock } = sales;
  const reader = createReservationReader({ database, clock, ...limits });
  const tidying = { database, clock, stock };
  const prove = async (eventId: Id<"evt">) => {
    const facts = await catalog.facts(eventId);
    await expireReservations(tidying, facts === null ? null : [...facts.slots.keys()]);
    return provePools(database, eventId);
  };
  const { retention } = catalog;
  const later = createLater({ waitingMax: RESENDS_WAITING_MAX, log: options.log });
  const context = {
    database,
    clock,
    catalog,
    stock,
    availability: sales.availability,
    reader,
    tokens,
    ticketCodes: options.ticketCodes,
    authorize: catalog.authorize,
    audit,
    holdSecondsOf: async (reservationId: Id<"rsv">) => {
      const reservation = await reader.read(reservationId);
      const facts = reservation === null ? null : await catalog.facts(reservation.eventId);
      return facts?.holdSeconds ?? 1;
    },
  };
  return {
    routes: [
      reservationRoutes(context),
      returnTicketsRoute(context),
      attendeeRoutes({ ...context, retention }),
      resendRoutes({ ...context, outbox, publicUrl, later }),
      availabilityRoutes({
        availability: sales.availability,
        visibleEvent: catalog.visibleEvent,
        isCurrent: catalog.isCurrent,
        authorizeSlot: catalog.authorizeSlot,
        prove,
      }),
    ],
    /** What payments move places by. */
    ledger: createPaymentLedger(context),
    /** Who may see or change a reservation, and how it is shown: for what belongs to reservations in other modules. */
    askerOf: (caller: Caller, reservationId: Id<"rsv">) => askerOf(context, caller, reservationId),
    /** What doors ask of the tickets of an event. */
    ticketsOfEvent: {
      voided: (eventId: Id<"evt">, part: VoidedPart) => voidedTickets(database, eventId, part),
      used: (eventId: Id<"evt">, part: UsedPart) => usedTickets(database, eventId, part),
      valid: createValidTickets({ database, clock, availability: sales.availability }),
    },
    /** The reservation if the caller may see it, and as whom; refuses as its own route does. */
    showTo: (caller: Caller, reservationId: Id<"rsv">) => showTo(context, caller, reservationId),
    /** As it stands now, whoever asks; null when there is none, or nobody is to reach it. */
    read: async (reservationId: Id<"rsv">) => {
      const reservation = await refuseWhenFull(() => reader.read(reservationId));
      return reservation?.exchangeOf === null ? reservation : null;
    },
    /** A ticket by its id, also a void one, and whose it is; null when there never was one. */
    findTicket: (ticketId: Id<"tkt">) => findTicket(database, ticketId),
    /** Ends holds whose time has passed. Nothing depends on it but tidiness. */
    expire: () => expireReservations(tidying),
    /** Goes on with cancelling what is left of cancelled events. */
    settle: () => settleCancelledEvents(tidying),
    /** Erases the attendees of events whose retention has passed. */
    eraseOverdue: () => eraseOverdueAttendees({ database, clock, audit, retention }),
    prove,
    /** Resolves when what was accepted is done. */
    idle: () => later.idle(),
  };
}
