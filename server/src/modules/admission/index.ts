import { Counter } from "prom-client";
import type { EventFacts } from "#modules/catalog/index.ts";
import type { Audit } from "#modules/organizers/index.ts";
import type { CodeCheck } from "#modules/tickets/index.ts";
import type { Clock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import type { Caller } from "#platform/http/authentication.ts";
import type { Id } from "#platform/id.ts";
import type { Metrics } from "#platform/metrics.ts";
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
export function createAdmission(options: {
  readonly database: Database;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly audit: Audit;
  readonly limits: { readonly batchItemsMax: number; readonly queueItemsMax: number };
  readonly catalog: CatalogOfDoor;
  readonly check: CodeCheck;
  readonly reservations: { eventOfTicket(ticketId: Id<"tkt">): Promise<Id<"evt"> | null> };
}) {
  const { catalog, reservations } = options;
  const { facts, authorize, typeNames } = catalog;
  const events = { facts, authorize, typeNames, eventOfTicket: reservations.eventOfTicket };
  const count = outcomeCounter(options.metrics);
  const changed = (_eventId: Id<"evt">) => undefined;
  const redeem = createRedeem({
    ...options,
    onRedeemed: (redemptions, eventIds) => {
      for (const redemption of redemptions) count(redemption);
      for (const eventId of eventIds) changed(eventId);
    },
  });
  return {
    routes: [
      redemptionRoutes({ ...options, events, redeem }),
      ticketRedemptionsRoutes({ ...options, events, changed }),
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
