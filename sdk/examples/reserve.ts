// Creates an event, reserves, moves to another slot and cancels.
//   TESSERA_URL=http://localhost:8080 node sdk/examples/reserve.ts

import { createTessera, TesseraProblem } from "@tessera/sdk";

const tessera = createTessera({ baseUrl: process.env["TESSERA_URL"] ?? "http://localhost:8080" });

const event = await tessera.events.create({
  name: "Night at the museum",
  time_zone: "Europe/Prague",
  publish: true,
  slots: [
    { starts_at: "2090-06-15T19:00", ends_at: "2090-06-15T19:30", capacity: 4 },
    { starts_at: "2090-06-15T20:00", ends_at: "2090-06-15T20:30", capacity: 4 },
  ],
});
const [early, late] = event.slots.map(({ id }) => id);
if (early === undefined || late === undefined) throw new Error("the event has no slots");

// A hold: nobody else gets these places until it expires.
const { id, token } = await tessera.reservations.create({
  lines: [{ slot_id: early, quantity: 3 }],
  attendee: { name: "Ada Lovelace", email: "ada@example.org" },
});
const { tickets } = await tessera.reservations.confirm(id, { token });
console.log(`confirmed: ${tickets.length} tickets`);

// A refusal says what stands in the way.
try {
  await tessera.reservations.create({ lines: [{ slot_id: early, quantity: 2 }] });
} catch (error) {
  if (!(error instanceof TesseraProblem) || error.code !== "sold_out") throw error;
  console.log(`refused: ${error.reasons.map(({ message }) => message).join(" ")}`);
}

// `lines` is the complete new set: all of it or nothing.
await tessera.reservations.change(id, { lines: [{ slot_id: late, quantity: 2 }] }, { token });
const { state } = await tessera.reservations.cancel(id, { token });
console.log(`now it is ${state}`);
console.log("done");
