import { formatId } from "#platform/id.ts";
import { toRfc3339 } from "#platform/time.ts";
import type { CapabilityTokens } from "#platform/tokens/capability.ts";
import type { Reservation } from "./reservation.ts";
import { totalOf } from "./reservation.ts";
import type { ReservationBody } from "./reservation-schemas.ts";

/** Who looks at a reservation: its holder sees the token and the codes, a manager does not need them. */
export type Viewer = "holder" | "manager";

/** A reservation as it goes over the wire. */
export function reservationView(
  tokens: CapabilityTokens,
  reservation: Reservation,
  viewer: Viewer,
): ReservationBody {
  const { currency, reservationId, generation } = reservation;
  const money = (amountMinor: number) => ({ amount_minor: amountMinor, currency });
  return {
    id: formatId("rsv", reservationId),
    ...(viewer === "holder" && {
      token: tokens.issue({ kind: "manage", id: reservationId, generation }),
    }),
    state: reservation.state,
    expires_at: reservation.expiresAt === null ? null : toRfc3339(reservation.expiresAt),
    event_id: formatId("evt", reservation.eventId),
    lines: reservation.lines.map((line) => ({
      slot_id: formatId("slt", line.slotId),
      ticket_type_id: formatId("tty", line.ticketTypeId),
      quantity: line.quantity,
      unit_price: money(line.unitPriceMinor),
    })),
    total: money(totalOf(reservation.lines, currency).amountMinor),
    attendee: reservation.attendee,
    language: reservation.language,
    tickets: reservation.tickets.map((ticket) => ({
      id: formatId("tkt", ticket.ticketId),
      code:
        viewer === "holder" && ticket.state === "valid"
          ? tokens.issue({ kind: "ticket", id: ticket.ticketId, generation: 0 })
          : "",
      slot_id: formatId("slt", ticket.slotId),
      ticket_type_id: formatId("tty", ticket.ticketTypeId),
      state: ticket.state,
      holder_name: ticket.holderName,
    })),
    created_at: toRfc3339(reservation.createdAt),
  };
}
