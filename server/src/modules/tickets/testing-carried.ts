import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { type TestServer, testServer } from "#test/server.ts";

// An attendee with tickets, and what they are answered when they ask for what they carry.

type Client = TestServer["client"];
type NewEvent = Parameters<Client["events"]["create"]>[0];
type NewReservation = Parameters<Client["reservations"]["create"]>[0];

export interface Received {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  readonly text: string;
  /** Of a problem; else empty. */
  readonly code: string;
}

export interface TestAttendees {
  readonly server: TestServer;
  /** Asks as `GET /tickets/…` says; the path is under `/v1`. */
  ask(
    path: string,
    sent?: { readonly token?: string; readonly headers?: Readonly<Record<string, string>> },
  ): Promise<Received>;
  open(more?: Partial<NewEvent>): ReturnType<typeof openEvent>;
}

export async function attendees(t: TestContext): Promise<TestAttendees> {
  const server = await testServer(t);
  return {
    server,
    ask: async (path, { token, headers } = {}) => {
      const answer = await fetch(path.startsWith("http") ? path : `${server.url}/v1${path}`, {
        headers: {
          "accept-language": "en",
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...headers,
        },
      });
      const bytes = Buffer.from(await answer.arrayBuffer());
      const text = bytes.toString();
      const isProblem = answer.headers.get("content-type") === "application/problem+json";
      const code = isProblem ? (JSON.parse(text) as { code: string }).code : "";
      return { status: answer.status, headers: answer.headers, bytes, text, code };
    },
    open: (more) => openEvent(server, more),
  };
}

/** A published event with two slots in Prague, and somebody who reserves there. */
async function openEvent({ client }: TestServer, more: Partial<NewEvent> = {}) {
  const event = await client.events.create({
    name: { en: "Night at the museum", cs: "Noc v muzeu" },
    location: { name: "National Museum", address: "Václavské náměstí 68\nPraha 1" },
    time_zone: "Europe/Prague",
    publish: true,
    tickets_per_reservation_max: 100,
    ticket_types: [{ name: { en: "Family", cs: "Rodinná" }, admits: 4 }],
    slots: [
      { starts_at: "2090-06-15T19:00", ends_at: "2090-06-15T19:30", capacity: 100, note: "North" },
      { starts_at: "2090-01-16T20:00", ends_at: "2090-01-16T20:30", capacity: 100 },
    ],
    ...more,
  });
  // By time: the one in winter is the first.
  const [winter, summer] = event.slots.map(({ id }) => id);
  assert.ok(summer !== undefined && winter !== undefined && event.event_token !== undefined);
  return {
    id: event.id,
    token: event.event_token,
    summer,
    winter,
    reserve: async (quantity = 1, input: Partial<NewReservation> = {}) => {
      const made = await client.reservations.create({
        lines: [{ slot_id: summer, quantity }],
        attendee: { name: "Ada Žižková" },
        confirm: true,
        ...input,
      });
      assert.ok(made.token);
      return { ...made, token: made.token, ticket: made.tickets[0]?.id ?? "" };
    },
  };
}
