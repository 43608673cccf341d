// Shows what is left of an event as it changes, until it is sold out.
//   TESSERA_URL=http://localhost:8080 node sdk/examples/watch.ts

import { createTessera } from "@tessera/sdk";

const tessera = createTessera({ baseUrl: process.env["TESSERA_URL"] ?? "http://localhost:8080" });

const event = await tessera.events.create({
  name: "Three chairs",
  time_zone: "Europe/Prague",
  publish: true,
  slots: [{ starts_at: "2090-06-15T19:00", ends_at: "2090-06-15T19:30", capacity: 3 }],
});

for await (const { slots } of tessera.availability.stream(event.id)) {
  const [slot] = slots;
  if (slot === undefined) throw new Error("the event has no slot");
  console.log(`${slot.available} of ${slot.capacity} left`);
  if (slot.available === 0) break;
  await tessera.reservations.create({
    lines: [{ slot_id: slot.id, quantity: 1 }],
    confirm: true,
  });
}
console.log("done");
