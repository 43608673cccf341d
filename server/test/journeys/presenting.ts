import assert from "node:assert/strict";
import type { BodyOf, DataOf } from "@tessera/sdk";
import type { TestServer } from "#test/server.ts";

const HOUR = 3_600;

/** An event that lets in now, and one slot tomorrow. */
export interface Door {
  readonly eventId: string;
  readonly token: string;
  readonly now: string;
  readonly tomorrow: string;
  readonly types: readonly string[];
  /** Codes of fresh tickets. */
  codes(slotId?: string, quantity?: number, ticketTypeId?: string): Promise<readonly string[]>;
  pass(gate?: string): Promise<string>;
}

/** A server with doors, as gates speak to it. */
export interface Doors {
  /** So many seconds from now. */
  later(seconds: number): string;
  aDoor(more?: Partial<BodyOf<"createEvent">>): Promise<Door>;
  /** Presents a code, and is answered. */
  redeem(token: string, body: BodyOf<"redeem">, language?: string): Promise<DataOf<"redeem">>;
  /** Sends anything. */
  post(token: string | null, body: unknown, more?: Sending): Promise<Sent>;
}

interface Sending {
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
}

interface Sent {
  readonly status: number;
  readonly replayed: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}

export function doorsOf(server: TestServer): Doors {
  const later = (seconds: number) =>
    new Date(Math.floor(server.app.clock.now() / 1000 + seconds) * 1000).toISOString();
  const post: Doors["post"] = async (token, body, { headers, path = "/v1/redemptions" } = {}) => {
    const response = await fetch(`${server.url}${path}`, {
      method: "POST",
      headers: {
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const { status } = response;
    const replayed = response.headers.get("idempotent-replayed");
    return { status, replayed, body: (await response.json()) as Record<string, unknown> };
  };
  return {
    later,
    post,
    aDoor: (more = {}) => makeDoor(server, later, more),
    redeem: async (token, body, language) => {
      const headers = language === undefined ? {} : { "accept-language": language };
      const answer = await post(token, body, { headers });
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      return answer.body as DataOf<"redeem">;
    },
  };
}

async function makeDoor(
  { client }: TestServer,
  later: Doors["later"],
  more: Partial<BodyOf<"createEvent">>,
): Promise<Door> {
  const made = await client.events.create({
    name: "Night at the museum",
    time_zone: "Europe/Prague",
    publish: true,
    slots: [
      { starts_at: later(HOUR / 2), ends_at: later(2 * HOUR), capacity: 50 },
      { starts_at: later(25 * HOUR), ends_at: later(26 * HOUR), capacity: 50 },
    ],
    ...more,
  });
  const [now = "", tomorrow = ""] = made.slots.map(({ id }) => id);
  const types = made.ticket_types.map(({ id }) => id);
  const token = made.event_token as string;
  return {
    eventId: made.id,
    token,
    now,
    tomorrow,
    types,
    codes: async (slot_id = now, quantity = 1, ticket_type_id = types[0] as string) => {
      const { tickets } = await client.reservations.create({
        lines: [{ slot_id, ticket_type_id, quantity }],
        attendee: { name: "Ada  King Lovelace" },
        confirm: true,
      });
      return tickets.map(({ code }) => code);
    },
    pass: async (gate = "North door") => {
      const body = { gate, expires_at: later(12 * HOUR) };
      const pass = await client.call("createDoorPass", { path: { id: made.id }, body, token });
      return pass.data.token;
    },
  };
}

/** An answer in short. */
export function said({ outcome, reasons, presented_before }: DataOf<"redeem">) {
  return [outcome, ...reasons.map(({ code }) => code), presented_before];
}
