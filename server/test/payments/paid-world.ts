import { randomBytes } from "node:crypto";
import type { EventFacts } from "#modules/catalog/index.ts";
import {
  createOfflineProvider,
  createTestProvider,
  type OfflineProvider,
  type PaymentProvider,
  type ProviderName,
  type TestProvider,
} from "#modules/payments/testing.ts";
import { openSales } from "#modules/reservations/testing.ts";
import type { TestClock } from "#platform/clock.ts";
import { type Database, inTransaction } from "#platform/database/database.ts";
import { type Id, newId } from "#platform/id.ts";

const HOUR_MS = 3_600_000;

/** How long a hold lasts, waits for a payment, and how long other slots are on offer. */
export const HOLD_SECONDS = 600;
export const WAIT_SECONDS = 900;
export const OFFER_SECONDS = 3_600;
export const OFFLINE_HOLD_HOURS = 2;

export const ADULT_MINOR = 2_000;
export const CHILD_MINOR = 500;

/** An event for which one pays, on sale without the catalogue. */
export interface PaidSale {
  readonly eventId: Id<"evt">;
  readonly slotIds: readonly Id<"slt">[];
  readonly adult: Id<"tty">;
  readonly child: Id<"tty">;
}

/** All that no process takes with it when it dies: the database, what providers know, what is on sale. */
export interface PaidWorld {
  readonly database: Database;
  readonly clock: TestClock;
  readonly test: TestProvider;
  readonly offline: OfflineProvider;
  /** While it is on, the test provider refuses to give money back. */
  readonly refunds: { areRefused: boolean };
  readonly providers: ReadonlyMap<ProviderName, PaymentProvider>;
  readonly secretKey: Buffer;
  factsOfSlot(slotId: Id<"slt">): Promise<EventFacts | null>;
  /** Puts an event on sale with slots of so many places. */
  sell(capacities: readonly number[]): Promise<PaidSale>;
  /** The event is cancelled: from now on nothing of it is sold. What was sold is settled by a process. */
  cancel(sale: PaidSale): Promise<void>;
}

/** The providers keep what they know in this process: they are the world, not ours. */
export function createPaidWorld(database: Database, clock: TestClock): PaidWorld {
  const factsOf = new Map<Id<"evt">, EventFacts>();
  const eventOf = new Map<Id<"slt">, Id<"evt">>();
  const secret = `whsec_${randomBytes(32).toString("base64")}`;
  const refunds = { areRefused: false };
  const willing = createTestProvider({ clock, secrets: [secret] });
  const test: TestProvider = {
    ...willing,
    refund: async (request) =>
      refunds.areRefused
        ? { refused: "by_provider", message: "The card was closed." }
        : willing.refund(request),
  };
  const offline = createOfflineProvider({ clock });
  return {
    database,
    clock,
    test,
    offline,
    refunds,
    providers: new Map<ProviderName, PaymentProvider>([
      ["test", test],
      ["offline", offline],
    ]),
    secretKey: randomBytes(32),
    factsOfSlot: async (slotId) => {
      const eventId = eventOf.get(slotId);
      return eventId === undefined ? null : (factsOf.get(eventId) ?? null);
    },
    sell: async (capacities) => {
      const sale = {
        eventId: newId<"evt">(clock),
        slotIds: capacities.map(() => newId<"slt">(clock)),
        adult: newId<"tty">(clock),
        child: newId<"tty">(clock),
      };
      factsOf.set(sale.eventId, factsOfSale(sale, clock.now(), capacities));
      for (const slotId of sale.slotIds) eventOf.set(slotId, sale.eventId);
      const pools = sale.slotIds.map((slotId, index) => ({
        poolId: slotId,
        slotId,
        ticketTypeId: null,
        capacity: capacities[index] ?? 0,
      }));
      await inTransaction(database, (transaction) =>
        openSales(clock, transaction, {
          eventId: sale.eventId,
          revision: 1,
          state: "published",
          pools,
          closed: [],
        }),
      );
      return sale;
    },
    cancel: async ({ eventId }) => {
      const facts = factsOf.get(eventId);
      if (facts === undefined) throw new Error("it is on sale");
      const revision = facts.revision + 1;
      await inTransaction(database, (transaction) =>
        openSales(clock, transaction, {
          eventId,
          revision,
          state: "cancelled",
          pools: [],
          closed: [],
        }),
      );
      factsOf.set(eventId, { ...facts, revision, state: "cancelled" });
    },
  };
}

/** It starts in a year: no test waits so long. */
function factsOfSale(sale: PaidSale, now: number, capacities: readonly number[]): EventFacts {
  const startsAt = now + 365 * 24 * HOUR_MS;
  return {
    eventId: sale.eventId,
    revision: 1,
    state: "published",
    organizerId: null,
    tokenGeneration: 0,
    currency: "EUR",
    timeZone: "UTC",
    holdSeconds: HOLD_SECONDS,
    holdLifeMaxSeconds: 2 * HOLD_SECONDS,
    ticketsPerReservationMax: 20,
    cancellationFreeHours: 24,
    cancellationKeptPercent: 50,
    offlineHoldHours: OFFLINE_HOLD_HOURS,
    reEntry: false,
    entryOpensMinutes: 60,
    ticketTypes: new Map([
      [sale.adult, typeOf(sale.adult, ADULT_MINOR)],
      [sale.child, typeOf(sale.child, CHILD_MINOR)],
    ]),
    slots: new Map(
      sale.slotIds.map((slotId, index) => [
        slotId,
        {
          startsAt: startsAt + index * HOUR_MS,
          endsAt: startsAt + (index + 1) * HOUR_MS,
          capacity: capacities[index] ?? 0,
        },
      ]),
    ),
  };
}

function typeOf(ticketTypeId: Id<"tty">, priceMinor: number) {
  return {
    ticketTypeId,
    priceMinor,
    capacity: null,
    capacityPerSlot: null,
    minPerReservation: 1,
    maxPerReservation: 20,
    salesStartAt: null,
    salesEndAt: null,
    admits: 1,
    gates: null,
    hidden: false,
  };
}
