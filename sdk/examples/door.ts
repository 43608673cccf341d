// A gate that loses its network, goes on, and reports what it did when the network is back.
//   TESSERA_URL=http://localhost:8080 node sdk/examples/door.ts

import { randomUUID } from "node:crypto";
import { createOfflineGate, createTessera, type GateAnswer } from "@tessera/sdk";

const baseUrl = process.env["TESSERA_URL"] ?? "http://localhost:8080";
const tessera = createTessera({ baseUrl });
const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();

// An event whose doors are open, and two tickets.
const event = await tessera.events.create({
  name: "Night at the museum",
  time_zone: "Europe/Prague",
  publish: true,
  slots: [{ starts_at: inMinutes(20), ends_at: inMinutes(80), capacity: 10 }],
});
const [slot] = event.slots;
if (slot === undefined) throw new Error("the event has no slot");
const { tickets } = await tessera.reservations.create({
  lines: [{ slot_id: slot.id, quantity: 2 }],
  confirm: true,
});
const [first, second] = tickets.map(({ code }) => code);
if (first === undefined || second === undefined) throw new Error("the tickets have no codes");

// A pass for one gate. Whoever has its token can let people in, and nothing else.
const { data: pass } = await tessera.call("createDoorPass", {
  path: { id: event.id },
  body: { gate: "North door", expires_at: inMinutes(120) },
  token: event.event_token ?? null,
});

let hasNetwork = true;
const client = createTessera({
  baseUrl,
  token: pass.token,
  retries: 0,
  fetch: (input, init) =>
    hasNetwork ? fetch(input, init) : Promise.reject(new TypeError("there is no network")),
});
// What the gate knows and has not reported. A program that is to survive its end writes it to a disk.
const kept = new Map<string, unknown>();
const gate = await createOfflineGate({
  eventId: event.id,
  gate: pass.gate,
  server: client.door,
  storage: {
    load: async () => kept,
    save: async (changes) => {
      for (const [key, value] of changes) {
        if (value === undefined) kept.delete(key);
        else kept.set(key, value);
      }
    },
  },
  clock: { now: () => Date.now() },
  newId: randomUUID,
});
await gate.sync();

const say = ({ outcome, decidedBy }: GateAnswer) =>
  console.log(`${outcome}, said the ${decidedBy}`);
say(await gate.present(first));
hasNetwork = false;
say(await gate.present(second));
say(await gate.present(first));
console.log(`${gate.state().waiting} scans wait`);
hasNetwork = true;
await gate.sync();
const { total } = await client.door.counts(event.id);
console.log(`${total.admitted} of ${total.expected} are in`);
if (gate.state().waiting === 0 && total.admitted === 2) console.log("done");
