import { createEvent, makeReservations } from "../client.ts";
import { againstEcho } from "../comparison.ts";
import type { Measurement } from "../measurement.ts";
import { reserveRequest } from "../reservation-load.ts";

/** (e) The one place is taken and everybody still asks. */
export const soldOut: Measurement = {
  name: "sold-out",
  letter: "e",
  databases: ["postgres"],
  prepare: async (stage) => {
    const server = await stage.startTessera(await stage.newStorage());
    const event = await createEvent(server, { slots: 1, capacity: 1 });
    const [slotId = ""] = event.slotIds;
    await makeReservations(server, slotId, 1);
    return [
      await againstEcho(stage, {
        title: "refusal, sold out",
        server,
        load: { status: 409, requests: () => [reserveRequest(slotId, { confirm: false })] },
        bodyComponent: "NewReservation",
        bar: 0.6,
      }),
    ];
  },
};
