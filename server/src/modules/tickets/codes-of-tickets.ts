import { setImmediate } from "node:timers/promises";
import type { EventFacts } from "#modules/catalog/index.ts";
import type { Codes, TicketCodes } from "#modules/reservations/index.ts";
import { assert } from "#platform/assert.ts";
import type { Id } from "#platform/id.ts";
import { signEd25519 } from "#platform/sign-ed25519.ts";
import { ownerOf, type Signer } from "./signing-key.ts";
import type { SigningKeys } from "./signing-keys.ts";
import { codeOf, contentOf } from "./ticket-code.ts";

/** What codes say of tickets, beside what tickets say themselves. */
export interface TicketFacts {
  facts(eventId: Id<"evt">): Promise<EventFacts | null>;
  /** Drops what is kept of an event, so that it is read anew. */
  forget(eventId: Id<"evt">): void;
  /** How many people a ticket of a type lets in that is no longer sold. */
  admitsOf(ticketTypeId: Id<"tty">): Promise<number | null>;
}

type Tickets = Parameters<TicketCodes["codesOf"]>[0]["tickets"];
type Ticket = Tickets[number];

/** So many codes of one reservation are made in one go: others have their turn between. */
const MADE_AT_ONCE_MAX = 64;

interface Made {
  readonly facts: EventFacts;
  readonly signer: Signer;
  readonly codes: Promise<Codes>;
}

/**
 * Codes are made when they are shown, and not kept: the same ticket at the same time with the same key
 * has the same code.
 */
export function createTicketCodes(catalog: TicketFacts, keys: SigningKeys): TicketCodes {
  // As long as somebody else keeps the tickets, so are their codes.
  const made = new WeakMap<Tickets, Made>();
  return {
    codesOf: async ({ eventId, tickets }) => {
      const facts = await factsOfAll(catalog, eventId, tickets);
      const signer = await keys.signerOf(ownerOf(facts));
      const known = made.get(tickets);
      if (known?.facts === facts && known.signer === signer) return known.codes;
      const codes = makeCodes(catalog, facts, signer, tickets);
      made.set(tickets, { facts, signer, codes });
      codes.catch(() => made.delete(tickets));
      return codes;
    },
  };
}

/** The facts of the event, with the slots of all valid tickets in them: one may have been opened this moment. */
async function factsOfAll(
  catalog: TicketFacts,
  eventId: Id<"evt">,
  tickets: Tickets,
): Promise<EventFacts> {
  const isKnown = ({ slots }: EventFacts) =>
    tickets.every(({ state, slotId }) => state === "void" || slots.has(slotId));
  let facts = await catalog.facts(eventId);
  if (facts !== null && !isKnown(facts)) {
    catalog.forget(eventId);
    facts = await catalog.facts(eventId);
  }
  assert(facts !== null, "what has tickets is an event");
  return facts;
}

async function makeCodes(
  catalog: TicketFacts,
  facts: EventFacts,
  signer: Signer,
  tickets: Tickets,
): Promise<Codes> {
  const one = (ticket: Ticket) => codeOfTicket(catalog, facts, signer, ticket);
  const codes: string[] = [];
  for (let index = 0; index < tickets.length; index += MADE_AT_ONCE_MAX) {
    if (index > 0) await setImmediate();
    codes.push(...(await Promise.all(tickets.slice(index, index + MADE_AT_ONCE_MAX).map(one))));
  }
  return codes;
}

async function codeOfTicket(
  catalog: TicketFacts,
  { eventId, slots, ticketTypes }: EventFacts,
  { number, privateKey }: Signer,
  { ticketId, slotId, ticketTypeId, state }: Ticket,
): Promise<string> {
  const slot = slots.get(slotId);
  if (state === "void" || slot === undefined) return "";
  const type = ticketTypes.get(ticketTypeId);
  const admits = type?.admits ?? (await catalog.admitsOf(ticketTypeId)) ?? 1;
  const { startsAt, endsAt } = slot;
  const ids = { ticketId, eventId, slotId, ticketTypeId };
  const content = contentOf({ keyNumber: number, ...ids, startsAt, endsAt, admits });
  return codeOf(content, signEd25519(content, privateKey));
}
