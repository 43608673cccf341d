import type { EpochMs } from "#platform/clock.ts";
import type { Id } from "#platform/id.ts";

/** All that is said of one ticket on paper, in a calendar or in a wallet, in one language. */
export interface TicketSheet {
  readonly ticketId: Id<"tkt">;
  readonly reservationId: Id<"rsv">;
  readonly eventId: Id<"evt">;
  readonly slotId: Id<"slt">;
  readonly isVoid: boolean;
  /** Empty where the ticket is void. */
  readonly code: string;
  /** BCP 47. */
  readonly language: string;
  readonly eventName: string;
  /** The event's public page. */
  readonly eventUrl: string;
  readonly placeName: string | null;
  readonly placeAddress: string | null;
  /** IANA. */
  readonly timeZone: string;
  readonly startsAt: EpochMs;
  readonly endsAt: EpochMs;
  readonly slotNote: string | null;
  readonly ticketType: string;
  /** How many people it lets in. */
  readonly admits: number;
  readonly holderName: string | null;
  /** Which of the reservation's tickets it is, from 1, and of how many. */
  readonly ordinal: number;
  readonly count: number;
  /** Grows with every change of what is said here. */
  readonly revision: number;
}
