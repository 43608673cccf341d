import { createEvent } from "../client.ts";
import { againstEcho } from "../comparison.ts";
import type { Measurement } from "../measurement.ts";
import { hotSlotLoad, PLENTY } from "../reservation-load.ts";

/** (a) Everybody holds a place of one slot. */
export const hold: Measurement = {
  name: "hold",
  letter: "a",
  databases: ["postgres", "embedded"],
  prepare: async (stage) => {
    const server = await stage.startTessera(await stage.newStorage());
    const event = await createEvent(server, { slots: stage.rounds + 1, capacity: PLENTY });
    return [
      await againstEcho(stage, {
        title: "hold, one hot slot",
        server,
        load: hotSlotLoad(event, { confirm: false }),
        bodyComponent: "NewReservation",
        bar: stage.database === "postgres" ? 0.5 : 0.35,
      }),
    ];
  },
};
