import type { RunningServer } from "./running-server.ts";

/** The few requests the bench itself makes, to bring data into place and to look at it. */

export interface NewEvent {
  readonly slots: number;
  readonly capacity: number;
  readonly ticketTypes?: readonly object[];
  /** Left out: some day far ahead. */
  readonly firstSlotAt?: number;
  /** Left out: ten minutes. */
  readonly slotMs?: number;
}

export interface MadeEvent {
  readonly id: string;
  readonly token: string;
  /** In the order of time, as many as were asked for. */
  readonly slotIds: readonly string[];
  readonly ticketTypeIds: readonly string[];
}

export interface MadeReservation {
  readonly id: string;
  readonly token: string;
}

interface Page {
  readonly data: readonly { readonly id: string }[];
  readonly next_cursor: string | null;
}

const FIRST_SLOT_AT = Date.UTC(2090, 0, 1);
const SLOT_MS = 10 * 60_000;
const PAGE_ITEMS = 100;
/** Places of one reservation where many tickets are made. */
const TICKETS_AT_ONCE = 1_000;
/** Requests under way at once while data is made. */
const CONCURRENCY = 64;

/** A published event. Holds outlive the measurement: ending them is not what is measured. */
export async function createEvent(server: RunningServer, wanted: NewEvent): Promise<MadeEvent> {
  const { firstSlotAt = FIRST_SLOT_AT, slotMs = SLOT_MS } = wanted;
  const time = (index: number) => new Date(firstSlotAt + index * slotMs).toISOString();
  const event = await call<{
    id: string;
    event_token: string;
    ticket_types: readonly { id: string }[];
  }>(server, "POST", "/v1/events", {
    body: {
      name: "An evening at full speed",
      time_zone: "UTC",
      publish: true,
      hold_seconds: 86_400,
      hold_life_max_seconds: 172_800,
      tickets_per_reservation_max: TICKETS_AT_ONCE,
      slots: Array.from({ length: wanted.slots }, (_, index) => ({
        starts_at: time(index),
        ends_at: time(index + 1),
        capacity: wanted.capacity,
      })),
      ...(wanted.ticketTypes === undefined ? {} : { ticket_types: wanted.ticketTypes }),
    },
  });
  return {
    id: event.id,
    token: event.event_token,
    slotIds: await slotIdsOf(server, event.id),
    ticketTypeIds: event.ticket_types.map(({ id }) => id),
  };
}

async function slotIdsOf(server: RunningServer, eventId: string): Promise<string[]> {
  const found: string[] = [];
  let cursor: string | null = null;
  do {
    const more: string = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const path = `/v1/events/${eventId}/slots?limit=${PAGE_ITEMS}${more}`;
    const page: Page = await call<Page>(server, "GET", path);
    found.push(...page.data.map(({ id }) => id));
    cursor = page.next_cursor;
  } while (cursor !== null);
  return found;
}

/** So many confirmed reservations of one place, each with its token. */
export async function makeReservations(
  server: RunningServer,
  slotId: string,
  count: number,
): Promise<MadeReservation[]> {
  const made: MadeReservation[] = [];
  const body = { lines: [{ slot_id: slotId, quantity: 1 }], confirm: true };
  let left = count;
  const work = async () => {
    while (left-- > 0) {
      const { id, token } = await call<MadeReservation>(server, "POST", "/v1/reservations", {
        body,
      });
      made.push({ id, token });
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  return made;
}

/** The codes of so many tickets. */
export async function makeTickets(
  server: RunningServer,
  slotId: string,
  count: number,
): Promise<string[]> {
  const codes: string[] = [];
  for (let left = count; left > 0; left -= TICKETS_AT_ONCE) {
    const quantity = Math.min(left, TICKETS_AT_ONCE);
    const made = await call<{ tickets: readonly { code: string }[] }>(
      server,
      "POST",
      "/v1/reservations",
      { body: { lines: [{ slot_id: slotId, quantity }], confirm: true } },
    );
    codes.push(...made.tickets.map(({ code }) => code));
  }
  return codes;
}

/** What is sold of a slot, when all counters of its pools equal the ledger; throws when they do not. */
export async function provenSold(
  server: RunningServer,
  event: MadeEvent,
  slotId: string,
): Promise<number> {
  const { pools } = await call<{
    pools: readonly { id: string; sold: number; adds_up: boolean }[];
  }>(server, "GET", `/v1/slots/${slotId}/proof`, { token: event.token });
  const pool = pools.find(({ id }) => id === slotId);
  if (pool === undefined || !pools.every((one) => one.adds_up)) {
    throw new Error(`the pools of ${slotId} do not add up: ${JSON.stringify(pools)}`);
  }
  return pool.sold;
}

/** @throws when the answer is not a 2xx. */
export async function call<Body>(
  { url }: RunningServer,
  method: string,
  path: string,
  { body, token }: { readonly body?: object; readonly token?: string } = {},
): Promise<Body> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 500)}`);
  return JSON.parse(text) as Body;
}
