import type { Slot, TicketKey, TicketType } from "./generated.ts";
import { tailOfId } from "./ids.ts";
import { readTicketCode, type TicketCode } from "./ticket-code.ts";

/** What a gate knows without a network. All of it can be had from the API beforehand. */
export interface TicketVerifierOptions {
  readonly eventId: string;
  /** As `readTicketKeys` gives them, revoked ones too. */
  readonly keys: readonly Pick<TicketKey, "number" | "public_key" | "revoked_at">[];
  /** The ids of tickets that are void. */
  readonly revoked?: { has(ticketId: string): boolean } | undefined;
  /** As they are now: a code was made when its slot may have been at another time. */
  readonly slots?: readonly Pick<Slot, "id" | "starts_at" | "ends_at">[] | undefined;
  /** To say by its id of which a ticket is, and which gates let it in; null: any does. */
  readonly ticketTypes?:
    | readonly (Pick<TicketType, "id"> & {
        readonly gates?: readonly string[] | null | undefined;
      })[]
    | undefined;
  /** So long before its slot starts a ticket is let in, as the event is set. If left out, an hour. */
  readonly earlyMsMax?: number | undefined;
}

export interface Presentation {
  /** When it is presented: milliseconds since 1970. */
  readonly at: number;
  /** Which gate it is. Left out: one that lets in every ticket type. */
  readonly gate?: string | undefined;
  /** The one slot that this gate lets in. Left out: whichever is due. */
  readonly slot?: string | undefined;
}

/** What a code that is the server's says. */
export interface VerifiedTicket {
  readonly ticketId: string;
  /** Null where the gate was not told of the slot. */
  readonly slotId: string | null;
  /** Null where the gate was not told of the ticket type. */
  readonly ticketTypeId: string | null;
  readonly startsAt: number;
  readonly endsAt: number;
  /** How many people it lets in. */
  readonly admits: number;
}

/** The first of these that is true, in this order but for `valid`, which is what is left. */
export type TicketVerdict =
  | { readonly outcome: "valid"; readonly ticket: VerifiedTicket }
  | {
      readonly outcome: "unknown";
      /** Not one of the server's codes for this event, or one that somebody changed. */
      readonly because: "malformed" | "version" | "other_event" | "unknown_key" | "signature";
    }
  | {
      readonly outcome: "void";
      readonly because: "key_revoked" | "ticket_revoked";
      readonly ticket: VerifiedTicket;
    }
  | {
      readonly outcome: "wrong_slot";
      readonly because: "wrong_gate" | "other_slot" | "over";
      readonly ticket: VerifiedTicket;
    }
  | {
      readonly outcome: "too_early";
      /** From when on it is let in. */
      readonly opensAt: number;
      readonly ticket: VerifiedTicket;
    };

export interface TicketVerifier {
  /**
   * What there is to say of a code without a network. Not whether it was presented before: that is for
   * whoever counts. Several at a time are verified faster than one after the other.
   */
  verify(code: string, presentation: Presentation): Promise<TicketVerdict>;
}

const EARLY_MS_MAX = 3_600_000;
const ALGORITHM = "Ed25519";

type VerifyingKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

interface Key {
  readonly isRevoked: boolean;
  /** Read by the first that needs it. */
  imported(): Promise<VerifyingKey>;
}

/**
 * Verifies ticket codes of one event without asking anybody, in a browser or in Node.js.
 *
 * @throws TypeError when what it is given is not of the API
 */
export function createTicketVerifier(options: TicketVerifierOptions): TicketVerifier {
  const { revoked, earlyMsMax = EARLY_MS_MAX } = options;
  const eventTail = tailOfId("evt", options.eventId);
  const keys = new Map(options.keys.map((key) => [key.number, keyOf(key)]));
  const slots = new Map((options.slots ?? []).map((slot) => [tailOfId("slt", slot.id), slot]));
  const types = new Map(
    (options.ticketTypes ?? []).map((type) => [tailOfId("tty", type.id), type]),
  );

  const ticketOf = (code: TicketCode): VerifiedTicket => {
    const slot = slots.get(code.slotTail);
    return {
      ticketId: code.ticketId,
      slotId: slot?.id ?? null,
      ticketTypeId: types.get(code.ticketTypeTail)?.id ?? null,
      startsAt: slot === undefined ? code.startsAt : Date.parse(slot.starts_at),
      endsAt: slot === undefined ? code.endsAt : Date.parse(slot.ends_at),
      admits: code.admits,
    };
  };

  return {
    verify: async (text, { at, gate, slot }) => {
      const code = readTicketCode(text);
      if (typeof code === "string") return { outcome: "unknown", because: code };
      if (code.eventTail !== eventTail) return { outcome: "unknown", because: "other_event" };
      const key = keys.get(code.keyNumber);
      if (key === undefined) return { outcome: "unknown", because: "unknown_key" };
      if (!(await isSigned(await key.imported(), code))) {
        return { outcome: "unknown", because: "signature" };
      }
      const ticket = ticketOf(code);
      if (key.isRevoked) return { outcome: "void", because: "key_revoked", ticket };
      if (revoked?.has(ticket.ticketId) === true) {
        return { outcome: "void", because: "ticket_revoked", ticket };
      }
      const gates = types.get(code.ticketTypeTail)?.gates ?? null;
      if (gate !== undefined && gates?.some((one) => isSameGate(one, gate)) === false) {
        return { outcome: "wrong_slot", because: "wrong_gate", ticket };
      }
      const isOther = slot !== undefined && tailOfId("slt", slot) !== code.slotTail;
      if (isOther) return { outcome: "wrong_slot", because: "other_slot", ticket };
      if (at >= ticket.endsAt) return { outcome: "wrong_slot", because: "over", ticket };
      const opensAt = ticket.startsAt - earlyMsMax;
      if (at < opensAt) return { outcome: "too_early", opensAt, ticket };
      return { outcome: "valid", ticket };
    },
  };
}

/** Who types "north door" means the North door. */
function isSameGate(one: string, other: string): boolean {
  return one === other || foldText(one.trim()) === foldText(other.trim());
}

function foldText(text: string): string {
  return text.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
}

/** Whether signatures can be verified here. Browsers have nothing to do it with on pages that came over plain HTTP. */
export async function hasEd25519(): Promise<boolean> {
  try {
    await crypto.subtle.importKey("raw", new Uint8Array(32), ALGORITHM, false, ["verify"]);
    return true;
  } catch {
    return false;
  }
}

function keyOf({ public_key, revoked_at }: TicketVerifierOptions["keys"][number]): Key {
  const bytes = fromBase64url(public_key);
  let key: Promise<VerifyingKey> | undefined;
  return {
    isRevoked: revoked_at !== null,
    imported: () => {
      key ??= crypto.subtle.importKey("raw", bytes, ALGORITHM, false, ["verify"]);
      return key;
    },
  };
}

function isSigned(key: VerifyingKey, { signature, content }: TicketCode): Promise<boolean> {
  return crypto.subtle.verify(ALGORITHM, key, signature, content);
}

function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  if (!/^[A-Za-z0-9_-]{43}$/.test(text)) throw new TypeError("not a public key of ticket codes");
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
