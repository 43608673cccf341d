import type { Direction, DoorPicture, Presence } from "./gate-memory.ts";
import type { Redemption } from "./generated.ts";
import type { Reason } from "./problem.ts";
import type { TicketVerdict, VerifiedTicket } from "./verify-tickets.ts";

export type RedemptionOutcome = Redemption["outcome"];

/** What a gate is told of a ticket, to be shown. Times are milliseconds since 1970. */
export interface GateTicket {
  readonly id: string;
  /** Null where the gate has not heard of the ticket type. */
  readonly ticketType: { readonly id: string; readonly name: string | null } | null;
  /** The id is null where the gate has not heard of the slot: then the times are those of the code. */
  readonly slot: {
    readonly id: string | null;
    readonly startsAt: number;
    readonly endsAt: number;
  };
  /** Null where only the gate decided: it knows nobody's name. */
  readonly holderInitials: string | null;
  readonly admits: number;
}

/** What was decided of one presentation. */
export interface GateAnswer {
  /** Of this presentation, for ever: under it it is reported. */
  readonly id: string;
  readonly at: number;
  readonly direction: Direction;
  readonly outcome: RedemptionOutcome;
  /** Whether the gate is to open. */
  readonly isLetThrough: boolean;
  /** `gate`: without the server, by what it knew when it was last asked. */
  readonly decidedBy: "server" | "gate";
  /** Why not; empty when it is let through. */
  readonly reasons: readonly Reason[];
  readonly ticket: GateTicket | null;
  readonly presentedBefore: number;
  readonly lastPresentedAt: number | null;
  /** Where and when it was let in, when that is why it is refused. */
  readonly firstAdmitted: { readonly at: number; readonly gate: string | null } | null;
}

export type Decided = Omit<GateAnswer, "id" | "at" | "direction" | "decidedBy">;

/** This browser, or this connection, has no Ed25519: nothing can be told without the server. */
export const CANNOT_VERIFY = "cannot_verify";

const MESSAGES: Readonly<Record<string, string>> = {
  malformed: "This is no ticket code.",
  version: "This ticket is newer than this gate. Reload the gate when there is a network.",
  other_event: "This ticket is for another event.",
  unknown_key:
    "This gate does not know the key of this ticket. It may be new: try it again with a network.",
  signature: "This is not a ticket of ours: somebody made or changed it.",
  event_cancelled: "The event is cancelled.",
  key_revoked: "This ticket was replaced by a newer one.",
  ticket_revoked: "This ticket was given back, exchanged or handed over.",
  wrong_gate: "This ticket is for another gate.",
  other_slot: "This ticket is for another time.",
  over: "The time of this ticket is over.",
  too_early: "It is too early for this ticket.",
  already_admitted: "This ticket was presented before.",
  not_inside: "Nobody is inside with this ticket.",
  [CANNOT_VERIFY]: "Tickets cannot be checked here without a network.",
};

const reasonOf = (code: string, more: object = {}): Reason => ({
  code,
  message: MESSAGES[code] ?? code,
  ...more,
});

const NOTHING_KNOWN = {
  isLetThrough: false,
  ticket: null,
  presentedBefore: 0,
  lastPresentedAt: null,
  firstAdmitted: null,
} as const;

export const cannotVerify: Decided = {
  ...NOTHING_KNOWN,
  outcome: "unknown",
  reasons: [reasonOf(CANNOT_VERIFY)],
};

export const nothingPresented: Decided = {
  ...NOTHING_KNOWN,
  outcome: "unknown",
  reasons: [reasonOf("malformed")],
};

/** What the server would say, as far as this gate knows: by the verdict on the code, and how far its ticket is in. */
export function decideAlone(
  verdict: TicketVerdict,
  direction: Direction,
  door: DoorPicture,
  presenceOf: (ticketId: string) => Presence,
): Decided {
  if (verdict.outcome === "unknown") {
    return { ...NOTHING_KNOWN, outcome: "unknown", reasons: [reasonOf(verdict.because)] };
  }
  const presence = presenceOf(verdict.ticket.ticketId);
  const known = {
    ticket: ticketOf(verdict.ticket, door),
    presentedBefore: presence.presented,
    lastPresentedAt: presence.lastPresentedAt,
    firstAdmitted: null,
  };
  const refuse = (outcome: RedemptionOutcome, reason: Reason): Decided => ({
    ...known,
    outcome,
    isLetThrough: false,
    reasons: [reason],
  });
  const pass = (outcome: RedemptionOutcome): Decided => ({
    ...known,
    outcome,
    isLetThrough: true,
    reasons: [],
  });
  // Whoever is inside may leave, whatever has become of the ticket.
  if (direction === "out") {
    return presence.inside > 0 ? pass("left") : refuse("not_inside", reasonOf("not_inside"));
  }
  const isKeyRevoked = verdict.outcome === "void" && verdict.because === "key_revoked";
  if (door.state === "cancelled" && !isKeyRevoked) {
    return refuse("void", reasonOf("event_cancelled"));
  }
  if (verdict.outcome === "too_early") {
    const opensAt = new Date(verdict.opensAt).toISOString();
    return refuse("too_early", reasonOf("too_early", { opens_at: opensAt }));
  }
  if (verdict.outcome !== "valid") return refuse(verdict.outcome, reasonOf(verdict.because));
  const used = door.settings.re_entry ? presence.inside : presence.times;
  if (used < known.ticket.admits) return pass("admitted");
  return {
    ...refuse("already_presented", reasonOf("already_admitted")),
    firstAdmitted: presence.admitted,
  };
}

/** What the server said. */
export function decidedByServer(answer: Redemption): Decided {
  const { ticket, outcome, reasons } = answer;
  const first = answer.first_admitted;
  return {
    outcome,
    isLetThrough: outcome === "admitted" || outcome === "left",
    reasons,
    ticket: ticket && {
      id: ticket.id,
      ticketType: ticket.ticket_type,
      slot: {
        id: ticket.slot.id,
        startsAt: Date.parse(ticket.slot.starts_at),
        endsAt: Date.parse(ticket.slot.ends_at),
      },
      holderInitials: ticket.holder_initials,
      admits: ticket.admits,
    },
    presentedBefore: answer.presented_before,
    lastPresentedAt:
      answer.last_presented_at === null ? null : Date.parse(answer.last_presented_at),
    firstAdmitted: first && { at: Date.parse(first.at), gate: first.gate },
  };
}

function ticketOf(ticket: VerifiedTicket, door: DoorPicture): GateTicket {
  const type = door.ticket_types.find(({ id }) => id === ticket.ticketTypeId);
  return {
    id: ticket.ticketId,
    ticketType: type === undefined ? null : { id: type.id, name: type.name },
    slot: { id: ticket.slotId, startsAt: ticket.startsAt, endsAt: ticket.endsAt },
    holderInitials: null,
    // As many as the type says now, which may have been changed since the code was made.
    admits: type?.admits ?? ticket.admits,
  };
}
