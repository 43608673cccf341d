import type { MadeEvent } from "./client.ts";
import type { Load, LoadRequest } from "./measurement.ts";

/** The most places a slot may have: no round sells one out. */
export const PLENTY = 1_000_000;
export const RESERVE_ROUTE = "/v1/reservations";

/** A request for one place of a slot: held, or with `confirm` confirmed at once under a key of its own. */
export function reserveRequest(
  slotId: string,
  { confirm, ticketTypeId }: { readonly confirm: boolean; readonly ticketTypeId?: string },
): LoadRequest {
  const type = ticketTypeId === undefined ? {} : { ticket_type_id: ticketTypeId };
  return {
    method: "POST",
    path: RESERVE_ROUTE,
    hasOwnKey: confirm,
    body: {
      lines: [{ slot_id: slotId, ...type, quantity: 1 }],
      ...(confirm ? { confirm: true } : {}),
    },
  };
}

/** Everybody wants the same slot; each round has another one, so that none is sold out. */
export function hotSlotLoad(event: MadeEvent, { confirm }: { readonly confirm: boolean }): Load {
  return {
    status: 201,
    requests: (round) => {
      const slotId = event.slotIds[round];
      if (slotId === undefined) throw new Error(`the event has no slot for round ${round}`);
      return [reserveRequest(slotId, { confirm })];
    },
  };
}
