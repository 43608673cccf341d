import type { EventFacts } from "#modules/catalog/index.ts";
import type { Audit } from "#modules/organizers/index.ts";
import type { TicketCodes } from "#modules/reservations/index.ts";
import type { Bus } from "#platform/bus/bus.ts";
import type { Clock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import type { CapabilityTokens } from "#platform/tokens/capability.ts";
import type { AppleWallet } from "./apple-pass.ts";
import { createApplePasses } from "./apple-passes.ts";
import { type CalendarRoutesContext, calendarRoutes } from "./calendar-routes.ts";
import { type CodeCheck, createCodeCheck } from "./check-code.ts";
import { createTicketCodes, type TicketFacts } from "./codes-of-tickets.ts";
import type { GoogleWallet } from "./google-wallet.ts";
import { createKnownKeys } from "./known-keys.ts";
import { ownerOf, type PublicKey } from "./signing-key.ts";
import { publicKeysOf } from "./signing-key-store.ts";
import { createSigningKeys, type SigningKeys } from "./signing-keys.ts";
import { ticketKeyRoutes, type VisibleEvents } from "./ticket-key-routes.ts";
import { ticketPaperRoutes } from "./ticket-paper-routes.ts";
import { ticketRoutes } from "./ticket-routes.ts";
import { WALLETS } from "./ticket-schemas.ts";
import { walletRoutes } from "./wallet-routes.ts";

/** Which wallets tickets can be had for; null: not for that one. */
export interface WalletSettings {
  readonly apple: AppleWallet | null;
  readonly google: GoogleWallet | null;
}

export type { CodeCheck } from "./check-code.ts";
export type { PublicKey } from "./signing-key.ts";
export { type ReadCode, readCode, tailOf } from "./ticket-code.ts";

/** What the attendee carries: the codes of tickets, and the keys they are signed with. */
export async function createTickets(options: {
  readonly database: Database;
  readonly clock: Clock;
  readonly bus: Bus;
  readonly secretKeys: readonly Buffer[];
  readonly audit: Audit;
  readonly wallets: WalletSettings;
  readonly catalog: TicketFacts & VisibleEvents & CalendarRoutesContext["catalog"];
  readonly tokens: CapabilityTokens;
  /** Where clients reach this server; without a slash at the end. */
  readonly publicUrl: string;
}) {
  const known = await createKnownKeys(options);
  const signing = await createSigningKeys(options);
  const keys: SigningKeys = {
    ...signing,
    // Whoever revokes a key finds its codes void from the next one on.
    changed: async (owner) => {
      known.forgetAll();
      await signing.changed(owner);
    },
  };
  const codes: TicketCodes = createTicketCodes(options.catalog, keys);
  const check: CodeCheck = createCodeCheck(keys, known);
  const keysOf = async (event: EventFacts): Promise<readonly PublicKey[]> => {
    // A gate that asks before the first ticket is shown to anybody is to know the key that will sign it.
    await keys.signerOf(ownerOf(event));
    return publicKeysOf(options.database.kysely, event);
  };
  const { apple, google } = options.wallets;
  const passes = apple === null ? null : createApplePasses(apple);
  return {
    /** The keys that codes of an event are verified with, the one that signs now among them. */
    keysOf,
    /** What gates ask of codes. */
    check,
    /** What reservations show of tickets. */
    codes,
    routes: ticketKeyRoutes({ ...options, keys, keysOf }),
    /** Passes that are being made are not made any more. */
    close: async () => passes?.close(),
    /** The routes of what attendees carry. Reservations show codes, so they are made before this and asked by it. */
    carry: (reservations: CalendarRoutesContext["reservations"]) => {
      const context = { ...options, codes, reservations };
      const offered = WALLETS.filter((wallet) => options.wallets[wallet] !== null);
      return [
        ticketRoutes({ ...context, offered }),
        ticketPaperRoutes(context),
        calendarRoutes(context),
        walletRoutes({ ...context, passes, google }),
      ];
    },
  };
}
