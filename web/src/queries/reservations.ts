import type { Money } from "../format/money.ts";
import type { EventDetail, Slot } from "./events.ts";
import { bearer, type Sent, send } from "./send.ts";

// What the page of a reservation asks, with the token that its link brought.

export type ReservationState = "held" | "confirmed" | "released" | "expired" | "cancelled";

export interface ReservationDetail {
  readonly id: string;
  readonly state: ReservationState;
  readonly expires_at: string | null;
  readonly event_id: string;
  readonly lines: readonly {
    readonly slot_id: string;
    readonly ticket_type_id: string;
    readonly quantity: number;
    readonly unit_price: Money;
  }[];
  readonly total: Money;
  readonly attendee: { readonly name: string | null; readonly email: string | null };
  readonly tickets: readonly {
    readonly id: string;
    /** Empty to who may not use it. */
    readonly code: string;
    readonly slot_id: string;
    readonly ticket_type_id: string;
    readonly state: "valid" | "void";
  }[];
}

export type HeldTicket = ReservationDetail["tickets"][number];

/** A reservation with what there is to say about what it is for. */
export interface ReservationPageData {
  readonly reservation: ReservationDetail;
  readonly event: EventDetail;
  /** The slots that it is for, by id. One that was removed since is not there. */
  readonly slots: ReadonlyMap<string, Slot>;
}

/** An event has at most ten thousand slots, and a page of them a hundred. */
const SLOT_PAGES_MAX = 100;

export async function readReservation(
  id: string,
  token: string,
): Promise<Sent<ReservationPageData>> {
  const read = await withToken<ReservationDetail>(`/v1/reservations/${id}`, "GET", token);
  if (read.problem !== null) return read;
  const reservation = read.data;
  const found = await send<EventDetail>(`/v1/events/${reservation.event_id}`, {});
  if (found.problem !== null) return found;
  const wanted = new Set(reservation.lines.map((line) => line.slot_id));
  const slots = await findSlots(found.data, wanted);
  return { data: { reservation, event: found.data, slots }, problem: null };
}

/** Gives a hold back, or cancels what is confirmed. */
export function endReservation(
  { id, state }: ReservationDetail,
  token: string,
): Promise<Sent<ReservationDetail>> {
  const action = state === "held" ? "release" : "cancel";
  return withToken(`/v1/reservations/${id}/${action}`, "POST", token);
}

/** Confirms what is held and free. */
export function confirmReservation(id: string, token: string): Promise<Sent<ReservationDetail>> {
  return withToken(`/v1/reservations/${id}/confirm`, "POST", token);
}

async function findSlots(
  event: EventDetail,
  wanted: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Slot>> {
  const found = new Map<string, Slot>();
  const take = (slots: readonly Slot[]) => {
    for (const slot of slots) if (wanted.has(slot.id)) found.set(slot.id, slot);
  };
  take(event.slots);
  let cursor: string | null = event.slot_count > event.slots.length ? "" : null;
  for (let page = 0; page < SLOT_PAGES_MAX && cursor !== null; page++) {
    if (found.size === wanted.size) break;
    const more: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const path: string = `/v1/events/${event.id}/slots?limit=100${more}`;
    const sent: Sent<SlotPage> = await send<SlotPage>(path, {});
    if (sent.problem !== null) break;
    take(sent.data.data);
    cursor = sent.data.next_cursor;
  }
  return found;
}

interface SlotPage {
  readonly data: readonly Slot[];
  readonly next_cursor: string | null;
}

function withToken<Data>(path: string, method: "GET" | "POST", token: string): Promise<Sent<Data>> {
  return send<Data>(path, { method, ...bearer(token) });
}
