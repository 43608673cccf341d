import { call, createEvent, type MadeEvent, makeTickets } from "../client.ts";
import { againstEcho } from "../comparison.ts";
import type { LoadRequest, Measurement } from "../measurement.ts";
import { settle } from "../preload.ts";
import { PLENTY } from "../reservation-load.ts";
import type { RunningServer } from "../running-server.ts";

/** More than are presented in a round. */
const TICKETS_PER_ROUND = 120_000;
const HALF_AN_HOUR_MS = 1_800_000;
const DAY_MS = 86_400_000;

/** Gates enough that none of them presents more in a minute than one may: 3,000. */
const GATES = 300;

/** (n) Gates present one ticket after the other, each for the first time and under a name of its own. */
export const redemptions: Measurement = {
  name: "redemptions",
  letter: "n",
  databases: ["postgres", "embedded"],
  prepare: async (stage) => {
    const storage = await stage.newStorage();
    const server = await stage.startTessera(storage);
    // Half an hour ahead: places are still sold, and the door is open.
    const event = await createEvent(server, {
      slots: 1,
      capacity: PLENTY,
      firstSlotAt: Date.now() + HALF_AN_HOUR_MS,
    });
    const count = Math.min(stage.preload, TICKETS_PER_ROUND * (stage.rounds + 1));
    const codes = await makeTickets(server, event.slotIds[0] ?? "", count);
    await settle(storage);
    const passes = await makePasses(server, event);
    const requests = codes.map(
      (code, index): LoadRequest => ({
        method: "POST",
        path: "/v1/redemptions",
        headers: { authorization: `Bearer ${passes[index % passes.length]}` },
        body: { code, nonce: `n${index.toString().padStart(9, "0")}` },
      }),
    );
    return [
      await againstEcho(stage, {
        title: "redemption of distinct tickets",
        server,
        load: { status: 200, requests: () => requests },
        bodyComponent: "NewRedemption",
        bar: stage.database === "postgres" ? 0.45 : undefined,
      }),
    ];
  },
};

/** The tokens of passes, each for a gate of its own. */
async function makePasses(server: RunningServer, event: MadeEvent): Promise<string[]> {
  const until = new Date(Date.now() + DAY_MS).toISOString();
  const tokens: string[] = [];
  for (let gate = 1; gate <= GATES; gate++) {
    const { token } = await call<{ token: string }>(
      server,
      "POST",
      `/v1/events/${event.id}/door-passes`,
      { body: { gate: `Gate ${gate}`, expires_at: until }, token: event.token },
    );
    tokens.push(token);
  }
  return tokens;
}
