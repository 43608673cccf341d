import assert from "node:assert/strict";
import { sql } from "kysely";
import { parseId } from "#platform/id.ts";
import type { TestServer } from "#test/server.ts";
import type { DoorDataBody, EventCountsBody } from "./door-schemas.ts";
import type { RedemptionBody } from "./redemption-schemas.ts";

// An event whose doors are open, on a whole server, and what is asked there.

/** Every member that some answer has: a test reads those that its answer has. */
type AnyBody = DoorDataBody &
  EventCountsBody &
  RedemptionBody & {
    readonly code: string;
    readonly errors: readonly { readonly path: string; readonly code: string }[];
  };

export interface Asked {
  readonly status: number;
  readonly headers: Headers;
  readonly body: AnyBody;
}

export interface Sending {
  readonly token?: string | null;
  readonly body?: object;
  readonly language?: string;
}

export interface OpenDoor {
  readonly eventId: string;
  /** Manages the event. */
  readonly token: string;
  readonly slots: readonly string[];
  readonly types: readonly string[];
  /** The token of a door pass, and its id. */
  pass(gate?: string): Promise<{ readonly id: string; readonly token: string }>;
  /** A confirmed reservation of so many tickets. */
  reserve(quantity?: number, line?: { slot?: number; type?: number }): Promise<Reserved>;
  ask(request: string, sent?: Sending): Promise<Asked>;
  /** Presents a code; gives the outcome. */
  present(code: string | undefined, more?: object): Promise<string>;
  /** What a gate knows: all of it, or what is new since the cursor. */
  door(after?: string): Promise<DoorDataBody>;
  counts(): Promise<EventCountsBody>;
}

export interface Reserved {
  readonly id: string;
  readonly token: string;
  readonly tickets: readonly { readonly id: string; readonly code: string }[];
}

const HOUR_SECONDS = 3_600;

/** Two slots that are let in to now, and two types: the second admits three people. */
export async function anOpenDoor(server: TestServer, more: object = {}): Promise<OpenDoor> {
  const later = (seconds: number) =>
    new Date(Math.floor(server.app.clock.now() / 1000 + seconds) * 1000).toISOString();
  const ask = (request: string, sent: Sending = {}) => send(server, request, sent);
  const slot = (from: number) => ({
    starts_at: later(from * HOUR_SECONDS),
    ends_at: later((from + 2) * HOUR_SECONDS),
    capacity: 20_000,
  });
  const { client } = server;
  const event = await client.events.create({
    name: "Night",
    publish: true,
    entry_opens_minutes: 1_440,
    tickets_per_reservation_max: 10_000,
    slots: [slot(1), slot(2)],
    ticket_types: [{ name: { en: "Adult", cs: "Dospělý" } }, { name: "Family", admits: 3 }],
    ...more,
  });
  const slots = event.slots.map(({ id }) => id);
  const types = event.ticket_types.map(({ id }) => id);
  const token = event.event_token ?? "";
  const door: OpenDoor = {
    eventId: event.id,
    token,
    slots,
    types,
    pass: async (gate = "North") => {
      const body = { gate, expires_at: later(HOUR_SECONDS) };
      const made = await ask(`POST /events/${event.id}/door-passes`, { token, body });
      assert.equal(made.status, 201);
      return made.body as unknown as { id: string; token: string };
    },
    reserve: async (quantity = 1, { slot: at = 0, type = 0 } = {}) => {
      const line = { slot_id: slots[at] ?? "", ticket_type_id: types[type] ?? "", quantity };
      const made = await client.reservations.create({ lines: [line], confirm: true });
      return { ...made, token: made.token ?? "" };
    },
    ask,
    present: async (code, sent = {}) => {
      const body = { code, event_id: event.id, gate: "North", ...sent };
      const told = await ask("POST /redemptions", { token, body });
      assert.equal(told.status, 200, JSON.stringify(told.body));
      return told.body.outcome;
    },
    door: async (after) => {
      const query = after === undefined ? "" : `?after=${after}`;
      const told = await ask(`GET /events/${event.id}/door${query}`, { token });
      assert.equal(told.status, 200, JSON.stringify(told.body));
      return told.body;
    },
    counts: async () => (await ask(`GET /events/${event.id}/door/counts`, { token })).body,
  };
  return door;
}

/** Lets in with all valid tickets of an event at once, as if each had been presented a while ago. */
export async function admitAll({ app }: TestServer, eventId: string): Promise<void> {
  const { kysely } = app.database;
  const id = parseId("evt", eventId);
  await sql`
    update reservations.ticket
       set used_at = clock_timestamp()
     where event_id = ${id}
       and voided_at is null
  `.execute(kysely);
  await sql`
    insert into admission.redemption (
      event_id, ticket_id, number, slot_id, ticket_type_id, gate, presenter_id, direction, outcome,
      is_let_through, is_counted, presented_at, recorded_at
    )
    select event_id, ticket_id, 1, slot_id, ticket_type_id, 'North', event_id, 'in', 'admitted',
           true, true, clock_timestamp(), clock_timestamp() - interval '1 hour'
      from reservations.ticket
     where event_id = ${id}
       and voided_at is null
  `.execute(kysely);
}

async function send(
  { url }: TestServer,
  request: string,
  { token, body, language }: Sending,
): Promise<Asked> {
  const [method = "GET", path = ""] = request.split(" ");
  const response = await fetch(`${url}/v1${path}`, {
    method,
    headers: {
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(token != null && { authorization: `Bearer ${token}` }),
      ...(language !== undefined && { "accept-language": language }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const { status, headers } = response;
  const text = await response.text();
  return { status, headers, body: JSON.parse(text === "" ? "{}" : text) };
}
