import { createEvent } from "../client.ts";
import { againstEcho } from "../comparison.ts";
import type { Measurement } from "../measurement.ts";
import { preload } from "../preload.ts";
import { hotSlotLoad, PLENTY } from "../reservation-load.ts";

/** (j) As (b), on a database that already holds a million reservations, against an empty one. */
export const fullDatabase: Measurement = {
  name: "full-database",
  letter: "j",
  databases: ["postgres"],
  prepare: async (stage) => {
    const empty = await stage.startTessera(await stage.newStorage());
    const emptyEvent = await createEvent(empty, { slots: stage.rounds + 1, capacity: PLENTY });
    const storage = await stage.newStorage();
    const full = await stage.startTessera(storage);
    // One slot more, the last, has what was sold before.
    const event = await createEvent(full, { slots: stage.rounds + 2, capacity: PLENTY });
    const soldSlot = event.slotIds.at(-1) ?? "";
    await preload(storage, { ...event, slotId: soldSlot, count: stage.preload });
    const comparison = await againstEcho(stage, {
      title: `hold and confirm, ${stage.preload.toLocaleString("en-US")} stored`,
      server: full,
      load: hotSlotLoad(event, { confirm: true }),
      bodyComponent: "NewReservation",
      bar: 0.9,
    });
    const side = { servers: [empty], load: hotSlotLoad(emptyEvent, { confirm: true }) };
    return [{ ...comparison, reference: { name: "empty", side } }];
  },
};
