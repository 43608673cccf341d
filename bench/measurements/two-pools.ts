import { createEvent } from "../client.ts";
import { againstEcho } from "../comparison.ts";
import type { Measurement } from "../measurement.ts";
import { PLENTY, reserveRequest } from "../reservation-load.ts";

/** (d) Two ticket types that share their slot's capacity, each with a capacity of its own. */
export const twoPools: Measurement = {
  name: "two-pools",
  letter: "d",
  databases: ["postgres"],
  prepare: async (stage) => {
    const server = await stage.startTessera(await stage.newStorage());
    const event = await createEvent(server, {
      slots: stage.rounds + 1,
      capacity: PLENTY,
      ticketTypes: ["Seated", "Standing"].map((name) => ({ name, capacity: 100 * PLENTY })),
    });
    return [
      await againstEcho(stage, {
        title: "hold and confirm, two pools a line",
        server,
        load: {
          status: 201,
          requests: (round) =>
            event.ticketTypeIds.map((ticketTypeId) =>
              reserveRequest(event.slotIds[round] ?? "", { confirm: true, ticketTypeId }),
            ),
        },
        bodyComponent: "NewReservation",
        bar: 0.4,
      }),
    ];
  },
};
