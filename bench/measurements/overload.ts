import { createEvent } from "../client.ts";
import { againstEcho } from "../comparison.ts";
import type { Measurement } from "../measurement.ts";
import { hotSlotLoad, PLENTY } from "../reservation-load.ts";
import { CONNECTIONS } from "../wrk.ts";

const TIMES = 4;

/** (m) As (b), with four times the clients that saturate it, against as many as do: nothing collapses. */
export const overload: Measurement = {
  name: "overload",
  letter: "m",
  databases: ["postgres"],
  prepare: async (stage) => {
    const server = await stage.startTessera(await stage.newStorage());
    const event = await createEvent(server, { slots: stage.rounds + 1, capacity: PLENTY });
    const load = hotSlotLoad(event, { confirm: true });
    const comparison = await againstEcho(stage, {
      title: `hold and confirm, ${TIMES * CONNECTIONS} connections`,
      server,
      load,
      bodyComponent: "NewReservation",
      bar: 0.9,
    });
    const reference = { name: `${CONNECTIONS} connections`, side: comparison.ours };
    return [
      {
        ...comparison,
        ours: { servers: [server], load, connections: TIMES * CONNECTIONS },
        reference,
      },
    ];
  },
};
