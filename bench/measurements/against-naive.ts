import { createEvent } from "../client.ts";
import { againstEcho, sampleAnswer } from "../comparison.ts";
import type { Measurement } from "../measurement.ts";
import { hotSlotLoad, PLENTY } from "../reservation-load.ts";

/** (l) As (b), against a transaction a request written by hand. */
export const againstNaive: Measurement = {
  name: "against-naive",
  letter: "l",
  databases: ["postgres"],
  prepare: async (stage) => {
    const server = await stage.startTessera(await stage.newStorage());
    const event = await createEvent(server, { slots: stage.rounds + 1, capacity: PLENTY });
    const wanted = {
      title: "hold and confirm against lock, insert, update, commit",
      server,
      load: hotSlotLoad(event, { confirm: true }),
      bodyComponent: "NewReservation",
      bar: 8,
    } as const;
    const comparison = await againstEcho(stage, wanted);
    const naive = await stage.startNaive(await stage.newStorage(), await sampleAnswer(wanted));
    const side = { servers: [naive], load: wanted.load };
    return [{ ...comparison, reference: { name: "naive", side } }];
  },
};
