import type { EventFacts } from "#modules/catalog/index.ts";
import type { EpochMs } from "#platform/clock.ts";
import type { Id } from "#platform/id.ts";

/** What a gate is told. The last two are for who leaves. */
export const OUTCOMES = [
  "admitted",
  "already_presented",
  "wrong_slot",
  "too_early",
  "void",
  "unknown",
  "left",
  "not_inside",
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Why somebody is not let through; each has its outcome, and a text in `refusal-texts.ts`. */
export const REASONS = [
  "malformed",
  "version",
  "other_event",
  "unknown_key",
  "signature",
  "no_such_ticket",
  "nonce_reused",
  "key_revoked",
  "ticket_revoked",
  "event_cancelled",
  "wrong_gate",
  "other_slot",
  "over",
  "too_early",
  "already_admitted",
  "not_inside",
] as const;
export type Reason = (typeof REASONS)[number];

export type Direction = "in" | "out";

/** What is found against a presentation before anybody asks how often the ticket was presented. */
export interface Refusal {
  readonly outcome: Outcome;
  readonly reason: Reason;
}

/** Something is shown at a gate. */
export interface Presentation {
  readonly event: EventFacts;
  readonly code: string;
  /** Null: nobody said. */
  readonly gate: string | null;
  /** Names this presentation among those of its presenter at its gate: told again, it is the same one. */
  readonly nonce: string | null;
  /** Null: now. Later than now is now. */
  readonly at: EpochMs | null;
  readonly direction: Direction;
  /** The one slot that the gate lets in; null: whichever is due. */
  readonly slotId: Id<"slt"> | null;
  /** What a gate without a network did; null: it does what it is told. */
  readonly letThrough: boolean | null;
  /** The pass, key or user that presents it, or the event whose token does. */
  readonly presenterId: string;
}

/** What came of a presentation. */
export interface Redemption {
  readonly outcome: Outcome;
  /** Null where somebody goes through. */
  readonly reason: Reason | null;
  /** It was told before, and this is the answer of then. */
  readonly isReplayed: boolean;
  readonly presentedBefore: number;
  readonly lastPresentedAt: EpochMs | null;
  /** Somebody was let in without an admission of the ticket. */
  readonly isSurplus: boolean;
  /** Null where it is no ticket of the event. */
  readonly ticket: PresentedTicket | null;
  /** The admission that stands in its way. */
  readonly firstAdmitted: { readonly at: EpochMs; readonly gate: string | null } | null;
}

export interface PresentedTicket {
  readonly ticketId: Id<"tkt">;
  readonly slotId: Id<"slt">;
  readonly ticketTypeId: Id<"tty">;
  readonly startsAt: EpochMs;
  readonly endsAt: EpochMs;
  readonly admits: number;
  readonly holderName: string | null;
}
