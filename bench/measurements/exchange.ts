import { createEvent, makeReservations } from "../client.ts";
import { againstEcho } from "../comparison.ts";
import type { LoadRequest, Measurement } from "../measurement.ts";
import { PLENTY } from "../reservation-load.ts";

/** So many that each moves a few times a round: nobody has a hundred tickets void. */
const RESERVATIONS = 5000;

/** (f) Confirmed reservations move from one slot to the other and back, all at once. */
export const exchange: Measurement = {
  name: "exchange",
  letter: "f",
  databases: ["postgres"],
  prepare: async (stage) => {
    const server = await stage.startTessera(await stage.newStorage());
    const event = await createEvent(server, { slots: 2, capacity: PLENTY });
    const [here = "", there = ""] = event.slotIds;
    const reservations = await makeReservations(server, here, RESERVATIONS);
    // All go there, then all come back: no request finds its reservation where it wants it to be.
    const requests = [there, here].flatMap((slotId) =>
      reservations.map(
        ({ id, token }): LoadRequest => ({
          method: "PATCH",
          path: `/v1/reservations/${id}`,
          headers: { authorization: `Bearer ${token}` },
          body: { lines: [{ slot_id: slotId, quantity: 1 }] },
        }),
      ),
    );
    return [
      await againstEcho(stage, {
        title: "exchange between two hot slots",
        server,
        load: { status: 200, requests: () => requests },
        route: "/v1/reservations/:id",
        bodyComponent: "ReservationChange",
        bar: 0.35,
      }),
    ];
  },
};
