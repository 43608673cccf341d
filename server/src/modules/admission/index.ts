import { Counter } from "prom-client";
import type { EventFacts } from "#modules/catalog/index.ts";
import type { Audit } from "#modules/organizers/index.ts";
import type { ValidTickets } from "#modules/reservations/index.ts";
import type { CodeCheck, PublicKey } from "#modules/tickets/index.ts";
import type { Bus } from "#platform/bus/bus.ts";
import type { Clock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import type { Caller } from "#platform/http/authentication.ts";
import type { Id } from "#platform/id.ts";
import type { Metrics } from "#platform/metrics.ts";
import { createDoorChanges } from "./door-changes.ts";
import { createDoorCounts } from "./door-counts.ts";
import type { DoorDataParts } from "./door-data.ts";
import { doorRoutes } from "./door-routes.ts";
import { createRedeem } from "./redeem.ts";
import type { Redemption } from "./redemption.ts";
import { redemptionRoutes } from "./redemption-routes.ts";
import { ticketRedemptionsRoutes } from "./ticket-redemptions-routes.ts";

/** What the door asks of the catalogue. */
export interface CatalogOfDoor {
  facts(eventId: Id<"evt">): Promise<EventFacts | null>;
  authorize(caller: Caller, eventId: Id<"evt">): Promise<EventFacts>;
  typeNames(
    eventId: Id<"evt">,
    languages: readonly string[],
  ): Promise<ReadonlyMap<Id<"tty">, string>>;
}

/** The gate: who is let in, and how many have been. */
export async function createAdmission(options: {
  readonly database: Database;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly audit: Audit;
  readonly limits: { readonly batchItemsMax: number; readonly queueItemsMax: number };
  readonly catalog: CatalogOfDoor;
  readonly bus: Bus;
  readonly tickets: {
    readonly check: CodeCheck;
    keysOf(event: EventFacts): Promise<readonly PublicKey[]>;
  };
  readonly reservations: {
    findTicket(ticketId: Id<"tkt">): Promise<{ readonly eventId: Id<"evt"> } | null>;
    readonly ticketsOfEvent: DoorDataParts["tickets"] & { readonly valid: ValidTickets };
  };
}) {
  const { catalog, reservations } = options;
  const { facts, authorize, typeNames } = catalog;
  const eventOfTicket = async (ticketId: Id<"tkt">) =>
    (await reservations.findTicket(ticketId))?.eventId ?? null;
  const events = { facts, authorize, typeNames, eventOfTicket };
  const count = outcomeCounter(options.metrics);
  const changes = await createDoorChanges(options);
  const { changed } = changes;
  const { ticketsOfEvent } = reservations;
  const counts = createDoorCounts({ ...options, changes, validTickets: ticketsOfEvent.valid });
  const { check, keysOf } = options.tickets;
  const redeem = createRedeem({
    ...options,
    check,
    onRedeemed: (redemptions, eventIds) => {
      for (const redemption of redemptions) count(redemption);
      for (const eventId of eventIds) changed(eventId);
    },
  });
  return {
    routes: [
      redemptionRoutes({ ...options, events, redeem }),
      ticketRedemptionsRoutes({ ...options, events, changed }),
      doorRoutes({ ...options, authorize, typeNames, counts, keysOf, tickets: ticketsOfEvent }),
    ],
    /** Resolves when what was accepted is done. */
    idle: () => redeem.idle(),
  };
}

function outcomeCounter({ registry }: Metrics): (redemption: Redemption) => void {
  const redemptions = new Counter({
    name: "tessera_redemptions_total",
    help: "Presentations at gates by what came of them; those told again are not counted again.",
    labelNames: ["outcome"],
    registers: [registry],
  });
  return ({ outcome, isReplayed }) => {
    if (!isReplayed) redemptions.inc({ outcome });
  };
}
