import { createEvent, makeReservations } from "../client.ts";
import { againstEcho } from "../comparison.ts";
import type { LoadRequest, Measurement } from "../measurement.ts";
import { PLENTY } from "../reservation-load.ts";

const RESERVATIONS = 1000;

/** (i) Holders look at their reservations, each with its token. */
export const readReservation: Measurement = {
  name: "read-reservation",
  letter: "i",
  databases: ["postgres"],
  prepare: async (stage) => {
    const server = await stage.startTessera(await stage.newStorage());
    const event = await createEvent(server, { slots: 1, capacity: PLENTY });
    const reservations = await makeReservations(server, event.slotIds[0] ?? "", RESERVATIONS);
    const requests = reservations.map(
      ({ id, token }): LoadRequest => ({
        method: "GET",
        path: `/v1/reservations/${id}`,
        headers: { authorization: `Bearer ${token}` },
      }),
    );
    return [
      await againstEcho(stage, {
        title: "reservation read by token",
        server,
        load: { status: 200, requests: () => requests },
        route: "/v1/reservations/:id",
        bar: 0.6,
      }),
    ];
  },
};
