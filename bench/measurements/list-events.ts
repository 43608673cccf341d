import { createEvent } from "../client.ts";
import { againstEcho } from "../comparison.ts";
import type { Measurement } from "../measurement.ts";

const EVENTS = 100;

/** (h) The first page of the public list of events. */
export const listOfEvents: Measurement = {
  name: "list-events",
  letter: "h",
  databases: ["postgres"],
  prepare: async (stage) => {
    const server = await stage.startTessera(await stage.newStorage());
    for (let count = 0; count < EVENTS; count++) {
      await createEvent(server, { slots: 1, capacity: 100 });
    }
    return [
      await againstEcho(stage, {
        title: "list of events, 25 of 100",
        server,
        load: { status: 200, requests: () => [{ method: "GET", path: "/v1/events" }] },
      }),
    ];
  },
};
