import { createEvent } from "../client.ts";
import { againstEcho } from "../comparison.ts";
import type { Measurement } from "../measurement.ts";
import { hotSlotLoad, PLENTY } from "../reservation-load.ts";

const MEMORY_MB_MAX = 250;

/** (b) Everybody takes a free place of one slot: confirmed at once, under an idempotency key. */
export const holdAndConfirm: Measurement = {
  name: "hold-and-confirm",
  letter: "b",
  databases: ["postgres", "embedded"],
  prepare: async (stage) => {
    const server = await stage.startTessera(await stage.newStorage());
    const event = await createEvent(server, { slots: stage.rounds + 1, capacity: PLENTY });
    const isPostgres = stage.database === "postgres";
    return [
      await againstEcho(stage, {
        title: "hold and confirm, one hot slot",
        server,
        load: hotSlotLoad(event, { confirm: true }),
        bodyComponent: "NewReservation",
        bar: isPostgres ? 0.5 : 0.35,
        memoryMbMax: isPostgres ? MEMORY_MB_MAX : undefined,
      }),
    ];
  },
};
