import type { Audit } from "#modules/organizers/index.ts";
import type { TicketCodes } from "#modules/reservations/index.ts";
import type { Bus } from "#platform/bus/bus.ts";
import type { Clock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import type { CapabilityTokens } from "#platform/tokens/capability.ts";
import { type CalendarRoutesContext, calendarRoutes } from "./calendar-routes.ts";
import { type CodeCheck, createCodeCheck } from "./check-code.ts";
import { createTicketCodes, type TicketFacts } from "./codes-of-tickets.ts";
import { createKnownKeys } from "./known-keys.ts";
import { createSigningKeys } from "./signing-keys.ts";
import { ticketKeyRoutes, type VisibleEvents } from "./ticket-key-routes.ts";
import { ticketPaperRoutes } from "./ticket-paper-routes.ts";
import { ticketRoutes } from "./ticket-routes.ts";

export type { CodeCheck } from "./check-code.ts";
export { type ReadCode, readCode, tailOf } from "./ticket-code.ts";

/** What the attendee carries: the codes of tickets, and the keys they are signed with. */
export async function createTickets(options: {
  readonly database: Database;
  readonly clock: Clock;
  readonly bus: Bus;
  readonly secretKeys: readonly Buffer[];
  readonly audit: Audit;
  readonly catalog: TicketFacts & VisibleEvents & CalendarRoutesContext["catalog"];
  readonly tokens: CapabilityTokens;
  /** Where clients reach this server; without a slash at the end. */
  readonly publicUrl: string;
}) {
  const keys = await createSigningKeys(options);
  const codes: TicketCodes = createTicketCodes(options.catalog, keys);
  const check: CodeCheck = createCodeCheck(keys, await createKnownKeys(options));
  return {
    /** What gates ask of codes. */
    check,
    /** What reservations show of tickets. */
    codes,
    routes: ticketKeyRoutes({ ...options, keys }),
    /** The routes of what attendees carry. Reservations show codes, so they are made before this and asked by it. */
    carry: (reservations: CalendarRoutesContext["reservations"]) => {
      const context = { ...options, codes, reservations };
      return [ticketRoutes(context), ticketPaperRoutes(context), calendarRoutes(context)];
    },
  };
}
