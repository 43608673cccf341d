import type { DataOf, Tessera } from "@tessera/sdk";

/** An event whose door is open, tickets for it, and a pass for one of its gates. */
export interface ADoor {
  readonly eventId: string;
  readonly token: string;
  readonly slotId: string;
  /** One a ticket. */
  readonly codes: readonly string[];
  readonly pass: DataOf<"createDoorPass">;
}

const MINUTE_MS = 60_000;

/** Its one slot begins twenty minutes from the server's now. */
export async function aDoor(client: Tessera, tickets: number): Promise<ADoor> {
  const { now } = (await client.call("moveTestClock", { body: { advance_seconds: 0 } })).data;
  const inMinutes = (minutes: number) =>
    new Date(Date.parse(now) + minutes * MINUTE_MS).toISOString();
  const event = await client.events.create({
    name: "Night at the museum",
    time_zone: "Europe/Prague",
    publish: true,
    slots: [{ starts_at: inMinutes(20), ends_at: inMinutes(80), capacity: 10 }],
  });
  const slotId = event.slots[0]?.id ?? "";
  const made = await client.reservations.create({
    lines: [{ slot_id: slotId, quantity: tickets }],
    attendee: { name: "Ada Lovelace" },
    confirm: true,
  });
  const token = event.event_token ?? "";
  const { data: pass } = await client.call("createDoorPass", {
    path: { id: event.id },
    body: { gate: "North door", expires_at: inMinutes(120) },
    token,
  });
  return { eventId: event.id, token, slotId, codes: made.tickets.map(({ code }) => code), pass };
}
