import { createEvent } from "../client.ts";
import { againstEcho, send } from "../comparison.ts";
import type { LoadRequest, Measurement } from "../measurement.ts";
import { PLENTY } from "../reservation-load.ts";

const BAR = 0.8;
const ROUTE = "/v1/events/:id/availability";

/** (g) What is left of an event with 10 and with 10,000 slots: whole, and again to whoever has it. */
export const availability: Measurement = {
  name: "availability",
  letter: "g",
  databases: ["postgres"],
  prepare: async (stage) => {
    const server = await stage.startTessera(await stage.newStorage());
    const comparisons = [];
    for (const slots of [10, 10_000]) {
      const event = await createEvent(server, { slots, capacity: PLENTY });
      const whole: LoadRequest = { method: "GET", path: `/v1/events/${event.id}/availability` };
      const etag = (await send(server, whole)).headers.get("etag") ?? "";
      const again: LoadRequest = { ...whole, headers: { "if-none-match": etag } };
      const count = slots.toLocaleString("en-US");
      comparisons.push(
        await againstEcho(stage, {
          title: `availability, ${count} slots, whole`,
          server,
          load: { status: 200, requests: () => [whole] },
          route: ROUTE,
          // The bars are for the whole answer of the small event and the repeat of the large one.
          bar: slots === 10 ? BAR : undefined,
        }),
        await againstEcho(stage, {
          title: `availability, ${count} slots, repeat (304)`,
          server,
          load: { status: 304, requests: () => [again] },
          route: ROUTE,
          bar: slots === 10 ? undefined : BAR,
        }),
      );
    }
    return comparisons;
  },
};
