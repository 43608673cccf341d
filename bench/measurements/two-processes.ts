import { createEvent } from "../client.ts";
import { againstEcho } from "../comparison.ts";
import type { Measurement } from "../measurement.ts";
import { hotSlotLoad, PLENTY } from "../reservation-load.ts";

/** (k) As (b), by two processes on one database, against one process on its own. */
export const twoProcesses: Measurement = {
  name: "two-processes",
  letter: "k",
  databases: ["postgres"],
  prepare: async (stage) => {
    const wanted = { slots: stage.rounds + 1, capacity: PLENTY };
    const alone = await stage.startTessera(await stage.newStorage());
    const aloneEvent = await createEvent(alone, wanted);
    const storage = await stage.newStorage();
    const servers = [await stage.startTessera(storage), await stage.startTessera(storage)] as const;
    const load = hotSlotLoad(await createEvent(servers[0], wanted), { confirm: true });
    const comparison = await againstEcho(stage, {
      title: "hold and confirm, two processes",
      server: servers[0],
      load,
      bodyComponent: "NewReservation",
      bar: 1,
    });
    const side = { servers: [alone], load: hotSlotLoad(aloneEvent, { confirm: true }) };
    return [{ ...comparison, ours: { servers, load }, reference: { name: "one", side } }];
  },
};
