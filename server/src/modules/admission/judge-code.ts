import type { EventFacts, TicketTypeFacts } from "#modules/catalog/index.ts";
import { type CodeCheck, type ReadCode, readCode, tailOf } from "#modules/tickets/index.ts";
import type { EpochMs } from "#platform/clock.ts";
import type { Id } from "#platform/id.ts";
import { foldText } from "#platform/text.ts";
import type { Presentation, Refusal } from "./redemption.ts";

/** What a code says, as far as it can be said without asking who was here before. */
export interface JudgedCode {
  /** Null where it is not of this event, or of nobody's making. */
  readonly ticketId: Id<"tkt"> | null;
  readonly refusal: Refusal | null;
  /** When its slot is, as it is known now. */
  readonly startsAt: EpochMs;
  readonly endsAt: EpochMs;
  /** From when on its slot lets in. */
  readonly opensAt: EpochMs;
  /** How often it lets in. */
  readonly admits: number;
}

const MINUTE_MS = 60_000;

/** Judges codes by what is known of events, in memory. In the order of docs/concepts/ticket-code.md. */
export function createJudge(check: CodeCheck) {
  const tails = new WeakMap<EventFacts, Tails>();
  return async (presentation: JudgedPresentation): Promise<JudgedCode> => {
    const { event, code: text } = presentation;
    const code = readCode(text);
    if (typeof code === "string") return unknown(code);
    if (code.eventTail !== tailOf(event.eventId)) return unknown("other_event");
    const standing = await check(event, code);
    if (standing === "unknown_key" || standing === "signature") return unknown(standing);
    let known = tails.get(event);
    if (known === undefined) {
      known = tailsOf(event);
      tails.set(event, known);
    }
    const slot = known.slots.get(code.slotTail) ?? code;
    const type = known.ticketTypes.get(code.ticketTypeTail);
    const refusal: Refusal | null =
      standing === "key_revoked"
        ? { outcome: "void", reason: "key_revoked" }
        : refusalOf(presentation, code, type);
    return {
      ticketId: code.ticketId,
      refusal,
      startsAt: slot.startsAt,
      endsAt: slot.endsAt,
      opensAt: slot.startsAt - event.entryOpensMinutes * MINUTE_MS,
      admits: type?.admits ?? code.admits,
    };
  };
}

export type JudgedPresentation = Pick<Presentation, "event" | "code" | "gate" | "slotId">;

function unknown(reason: Refusal["reason"]): JudgedCode {
  const refusal: Refusal = { outcome: "unknown", reason };
  return { ticketId: null, refusal, startsAt: 0, endsAt: 0, opensAt: 0, admits: 0 };
}

function refusalOf(
  { event, gate, slotId }: JudgedPresentation,
  code: ReadCode,
  type: TicketTypeFacts | undefined,
): Refusal | null {
  if (event.state === "cancelled") return { outcome: "void", reason: "event_cancelled" };
  const gates = type?.gates ?? null;
  if (gates !== null && !gates.some((one) => isSameGate(one, gate ?? ""))) {
    return { outcome: "wrong_slot", reason: "wrong_gate" };
  }
  if (slotId !== null && tailOf(slotId) !== code.slotTail) {
    return { outcome: "wrong_slot", reason: "other_slot" };
  }
  return null;
}

/** Who types "north door" means the North door. */
export function isSameGate(one: string, other: string): boolean {
  return one === other || foldText(one.trim()) === foldText(other.trim());
}

/** What codes name by the last eight bytes of its id. */
interface Tails {
  readonly slots: ReadonlyMap<string, { readonly startsAt: EpochMs; readonly endsAt: EpochMs }>;
  readonly ticketTypes: ReadonlyMap<string, TicketTypeFacts>;
}

function tailsOf({ slots, ticketTypes }: EventFacts): Tails {
  return {
    slots: new Map([...slots].map(([slotId, slot]) => [tailOf(slotId), slot])),
    ticketTypes: new Map([...ticketTypes].map(([typeId, type]) => [tailOf(typeId), type])),
  };
}
