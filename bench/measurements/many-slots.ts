import { createEvent } from "../client.ts";
import { againstEcho } from "../comparison.ts";
import type { Measurement } from "../measurement.ts";
import { PLENTY, reserveRequest } from "../reservation-load.ts";

const SLOTS = 1000;

/** (c) As (b), over a thousand slots in turn. */
export const manySlots: Measurement = {
  name: "many-slots",
  letter: "c",
  databases: ["postgres", "embedded"],
  prepare: async (stage) => {
    const server = await stage.startTessera(await stage.newStorage());
    const event = await createEvent(server, { slots: SLOTS, capacity: PLENTY });
    const requests = event.slotIds.map((slotId) => reserveRequest(slotId, { confirm: true }));
    return [
      await againstEcho(stage, {
        title: "hold and confirm, 1,000 slots",
        server,
        load: { status: 201, requests: () => requests },
        bodyComponent: "NewReservation",
        bar: stage.database === "postgres" ? 0.45 : 0.3,
      }),
    ];
  },
};
