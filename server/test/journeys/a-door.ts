import { randomUUID } from "node:crypto";
import {
  type BodyOf,
  createOfflineGate,
  createTessera,
  type DataOf,
  type OfflineGate,
  type Tessera,
} from "@tessera/sdk";

/** An event whose door is open, and tickets for it. */
export interface ADoor {
  readonly eventId: string;
  readonly token: string;
  readonly slotId: string;
  readonly reservation: DataOf<"reserve">;
  /** One a ticket. */
  readonly codes: readonly string[];
}

/** What is between a gate and the server. `deaf`: what is sent arrives, and no answer does. */
export interface Network {
  state: "up" | "down" | "deaf";
}

const MINUTE_MS = 60_000;

/** Its one slot begins twenty minutes from the server's now. */
export async function aDoor(
  client: Tessera,
  tickets: number,
  overrides: Partial<BodyOf<"createEvent">> = {},
): Promise<ADoor> {
  const inMinutes = await minutesFromNow(client);
  const event = await client.events.create({
    name: "Night at the museum",
    time_zone: "Europe/Prague",
    publish: true,
    slots: [{ starts_at: inMinutes(20), ends_at: inMinutes(80), capacity: 10 }],
    ...overrides,
  });
  const slotId = event.slots[0]?.id ?? "";
  const reservation = await client.reservations.create({
    lines: [{ slot_id: slotId, quantity: tickets }],
    attendee: { name: "Ada Lovelace" },
    confirm: true,
  });
  const codes = reservation.tickets.map(({ code }) => code);
  return { eventId: event.id, token: event.event_token ?? "", slotId, reservation, codes };
}

/** A pass for one of its gates, good for two hours. */
export async function aPass(client: Tessera, { eventId, token }: ADoor, gate = "North door") {
  const inMinutes = await minutesFromNow(client);
  const body = { gate, expires_at: inMinutes(120) };
  const { data } = await client.call("createDoorPass", { path: { id: eventId }, body, token });
  return data;
}

/** A gate with a pass of its own, which has heard of everything. */
export async function aGate(
  { client, url }: { readonly client: Tessera; readonly url: string },
  door: ADoor,
  { gate = "North door", network = { state: "up" } }: { gate?: string; network?: Network } = {},
): Promise<OfflineGate> {
  const { token } = await aPass(client, door, gate);
  const server = createTessera({
    ...{ baseUrl: url, token, retries: 0 },
    fetch: async (input, init) => {
      if (network.state === "down") throw new TypeError("there is no network");
      const answer = await fetch(input, init);
      if (network.state === "deaf") throw new TypeError("the answer was lost");
      return answer;
    },
  });
  const kept = new Map<string, unknown>();
  const made = await createOfflineGate({
    ...{ eventId: door.eventId, gate, server: server.door, newId: randomUUID },
    clock: { now: () => Date.now() },
    storage: {
      load: async () => kept,
      save: async (changes) => {
        for (const [key, value] of changes) kept.set(key, value);
      },
    },
  });
  await made.sync();
  return made;
}

async function minutesFromNow(client: Tessera): Promise<(minutes: number) => string> {
  const { now } = (await client.call("moveTestClock", { body: { advance_seconds: 0 } })).data;
  return (minutes) => new Date(Date.parse(now) + minutes * MINUTE_MS).toISOString();
}
