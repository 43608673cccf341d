import type { Reservation } from "./reservation.ts";

/** The code of each ticket of a reservation, in their order; empty where one is void. */
export type Codes = readonly string[];

/** Who makes codes of tickets stands above the reservations that show them. */
export interface TicketCodes {
  /** The very same list as long as it would say the same, where that is cheap to know. */
  codesOf(reservation: Pick<Reservation, "eventId" | "tickets">): Promise<Codes>;
}

export const NO_CODES: Codes = [];

/** Whether there is anything a code could be of. */
export function hasCodes({ tickets }: Pick<Reservation, "tickets">): boolean {
  return tickets.some(({ state }) => state === "valid");
}
