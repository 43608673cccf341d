import type { EventFacts } from "#modules/catalog/index.ts";
import type { Audit } from "#modules/organizers/index.ts";
import type { TicketCodes } from "#modules/reservations/index.ts";
import type { Bus } from "#platform/bus/bus.ts";
import type { Clock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import { type CodeCheck, createCodeCheck } from "./check-code.ts";
import { createTicketCodes, type TicketFacts } from "./codes-of-tickets.ts";
import { createKnownKeys } from "./known-keys.ts";
import { ownerOf, type PublicKey } from "./signing-key.ts";
import { publicKeysOf } from "./signing-key-store.ts";
import { createSigningKeys } from "./signing-keys.ts";
import { ticketKeyRoutes, type VisibleEvents } from "./ticket-key-routes.ts";

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
  readonly catalog: TicketFacts & VisibleEvents;
}) {
  const keys = await createSigningKeys(options);
  const codes: TicketCodes = createTicketCodes(options.catalog, keys);
  const check: CodeCheck = createCodeCheck(keys, await createKnownKeys(options));
  return {
    /** The keys that codes of an event are verified with, the one that signs now among them. */
    keysOf: async (event: EventFacts): Promise<readonly PublicKey[]> => {
      // A gate that asks before the first ticket is shown to anybody is to know the key that will sign it.
      await keys.signerOf(ownerOf(event));
      return publicKeysOf(options.database.kysely, event);
    },
    /** What gates ask of codes. */
    check,
    /** What reservations show of tickets. */
    codes,
    routes: ticketKeyRoutes({ ...options, keys }),
  };
}
