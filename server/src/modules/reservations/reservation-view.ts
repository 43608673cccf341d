import { formatId } from "#platform/id.ts";
import { toRfc3339 } from "#platform/time.ts";
import type { CapabilityTokens } from "#platform/tokens/capability.ts";
import type { Alternative } from "./alternatives.ts";
import { type Beside, NOTHING_BESIDE } from "./beside-reservation.ts";
import type { Line, Reservation } from "./reservation.ts";
import { totalOf } from "./reservation.ts";
import type { ReservationBody } from "./reservation-schemas.ts";
import type { Codes } from "./ticket-codes.ts";

/** Who looks at a reservation: its holder sees the token and the codes, a manager does not need them. */
export type Viewer = "holder" | "manager";

/** To whom a reservation is shown, and with what. */
export interface Showing {
  readonly viewer: Viewer;
  /** Of each ticket in order, `NO_CODES` to whoever may not use them. */
  readonly codes: Codes;
  readonly beside?: Beside;
}

/** A reservation as it goes over the wire. */
export function reservationView(
  tokens: CapabilityTokens,
  reservation: Reservation,
  { viewer, codes, beside: { pendingExchange, alternatives } = NOTHING_BESIDE }: Showing,
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
    lines: linesView(reservation),
    total: money(totalOf(reservation.lines, currency).amountMinor),
    attendee: reservation.attendee,
    language: reservation.language,
    tickets: reservation.tickets.map((ticket, index) => ({
      id: formatId("tkt", ticket.ticketId),
      code: codes[index] ?? "",
      slot_id: formatId("slt", ticket.slotId),
      ticket_type_id: formatId("tty", ticket.ticketTypeId),
      state: ticket.state,
      holder_name: ticket.holderName,
    })),
    awaiting_payment: waitView(reservation),
    alternatives: alternativesView(reservation, alternatives),
    pending_exchange: exchangeView(reservation, pendingExchange),
    cancellation_fee: reservation.keptMinor === null ? null : money(reservation.keptMinor),
    created_at: toRfc3339(reservation.createdAt),
  };
}

type Lines = Pick<Reservation, "lines" | "currency">;

function linesView({ lines, currency }: Lines): ReservationBody["lines"] {
  return lines.map((line) => ({
    ...placesView(line),
    unit_price: { amount_minor: line.unitPriceMinor, currency },
  }));
}

function placesView({ slotId, ticketTypeId, quantity }: Line) {
  return {
    slot_id: formatId("slt", slotId),
    ticket_type_id: formatId("tty", ticketTypeId),
    quantity,
  };
}

function waitView({ state, expiresAt, ownExpiresAt }: Reservation) {
  if (state !== "held" || expiresAt === null || ownExpiresAt === null) return null;
  return { until: toRfc3339(expiresAt), otherwise_expires_at: toRfc3339(ownExpiresAt) };
}

function alternativesView(
  { offerEndsAt }: Reservation,
  alternatives: readonly Alternative[] | null,
): ReservationBody["alternatives"] {
  if (alternatives === null || offerEndsAt === null) return null;
  return {
    until: toRfc3339(offerEndsAt),
    options: alternatives.map(({ slotId, priced }) => ({
      slot_id: formatId("slt", slotId),
      lines: priced.lines.map(placesView),
    })),
  };
}

/** What is paid is the difference to what it has now. */
function exchangeView(
  { lines, currency }: Reservation,
  wanted: Reservation | null,
): ReservationBody["pending_exchange"] {
  if (wanted === null || wanted.expiresAt === null) return null;
  const total = totalOf(wanted.lines, currency).amountMinor;
  const difference = total - totalOf(lines, currency).amountMinor;
  return {
    lines: linesView(wanted),
    total: { amount_minor: total, currency },
    to_pay: { amount_minor: difference, currency },
    expires_at: toRfc3339(wanted.expiresAt),
  };
}
