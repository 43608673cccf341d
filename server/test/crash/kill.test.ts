import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { post } from "./post.ts";
import { type ServerProcess, startServer } from "./server-process.ts";
import { storage } from "./storage.ts";

const KILLS = 10;
const CLIENTS = 8;
/** The server is killed after so many answers of a round: in the middle of the others. */
const ANSWERS_BEFORE_KILL = 12;

interface Acknowledged {
  readonly key: string;
  readonly request: string;
  readonly id: string;
  readonly token: string;
  /** As the server said it is. */
  state: string;
}

interface Event {
  readonly id: string;
  readonly event_token: string;
  readonly slots: readonly { readonly id: string }[];
}

test("kill -9 in the middle of a write load, ten times: all that was acknowledged is there and adds up", async (t) => {
  const environment = await storage(t);
  let server = await startServer(environment);
  t.after(() => server.kill());
  const event = await post<Event>(server, "/v1/events", {
    name: "Night",
    time_zone: "UTC",
    publish: true,
    slots: ["19:00", "20:00"].map((time) => ({
      starts_at: `2090-06-15T${time}`,
      ends_at: `2090-06-15T${time.slice(0, 2)}:30`,
      capacity: 100_000,
    })),
  });
  const acknowledged: Acknowledged[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    const enough = Promise.withResolvers<void>();
    const before = acknowledged.length;
    const clients = Array.from({ length: CLIENTS }, (_, client) =>
      writeUntilGone(server, event, client, (one) => {
        acknowledged.push(one);
        if (acknowledged.length - before >= ANSWERS_BEFORE_KILL) enough.resolve();
      }),
    );
    await Promise.race([enough.promise, Promise.all(clients)]);
    await server.kill();
    await Promise.all(clients);
    server = await startServer(environment);
    await assertAllThere(server, event, acknowledged.slice(before));
  }
  await assertAllThere(server, event, acknowledged);
  assert.ok(acknowledged.length >= KILLS * ANSWERS_BEFORE_KILL);
  assert.equal(await server.stop(), 0);
});

test("SIGTERM finishes what was accepted, then the server exits with 0", async (t) => {
  const environment = await storage(t);
  const server = await startServer(environment);
  t.after(() => server.kill());
  const event = await post<Event>(server, "/v1/events", {
    name: "Night",
    time_zone: "UTC",
    publish: true,
    slots: [{ starts_at: "2090-06-15T19:00", ends_at: "2090-06-15T20:00", capacity: 100_000 }],
  });
  const acknowledged: Acknowledged[] = [];
  const enough = Promise.withResolvers<void>();
  const clients = Array.from({ length: CLIENTS }, (_, client) =>
    writeUntilGone(server, event, client, (one) => {
      acknowledged.push(one);
      if (acknowledged.length >= ANSWERS_BEFORE_KILL) enough.resolve();
    }),
  );
  await enough.promise;
  assert.equal(await server.stop(), 0);
  await Promise.all(clients);
  const again = await startServer(environment);
  await assertAllThere(again, event, acknowledged);
  assert.equal(await again.stop(), 0);
});

/** Reserves, and cancels every third, until the server does not answer any more; tells what was acknowledged. */
async function writeUntilGone(
  server: ServerProcess,
  event: Event,
  client: number,
  onAcknowledged: (one: Acknowledged) => void,
): Promise<unknown> {
  for (let count = 0; ; count++) {
    try {
      const slot = event.slots[(client + count) % event.slots.length];
      const key = randomUUID();
      const request = {
        lines: [{ slot_id: slot?.id, quantity: 1 + (count % 3) }],
        confirm: count % 2 === 0,
      };
      const made = await post<{ id: string; token: string; state: string }>(
        server,
        "/v1/reservations",
        request,
        { key },
      );
      const one: Acknowledged = { key, request: JSON.stringify(request), ...made };
      onAcknowledged(one);
      if (count % 3 !== 0) continue;
      const ending = made.state === "held" ? "release" : "cancel";
      // Asked for, but perhaps never answered: then either state is right.
      one.state = `${made.state} or ${ending === "release" ? "released" : "cancelled"}`;
      const ended = await post<{ state: string }>(
        server,
        `/v1/reservations/${made.id}/${ending}`,
        undefined,
        { token: made.token },
      );
      one.state = ended.state;
    } catch (error) {
      return error;
    }
  }
}

async function assertAllThere(
  server: ServerProcess,
  event: Event,
  acknowledged: readonly Acknowledged[],
): Promise<void> {
  await Promise.all(acknowledged.map((one) => assertThere(server, one)));
  for (const slot of event.slots) {
    const response = await fetch(`${server.url}/v1/slots/${slot.id}/proof`, {
      headers: { authorization: `Bearer ${event.event_token}` },
    });
    const { pools } = (await response.json()) as { pools: { adds_up: boolean }[] };
    assert.ok(pools.length > 0 && pools.every((pool) => pool.adds_up));
  }
}

async function assertThere(
  server: ServerProcess,
  { id, token, state, key, request }: Acknowledged,
): Promise<void> {
  const response = await fetch(`${server.url}/v1/reservations/${id}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const found = (await response.json()) as { id: string; state: string };
  assert.equal(response.status, 200);
  assert.ok(state.split(" or ").includes(found.state), `${found.state} is not ${state}`);
  const repeated = await fetch(`${server.url}/v1/reservations`, {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": key },
    body: request,
  });
  assert.equal(repeated.headers.get("idempotent-replayed"), "true");
  assert.equal(((await repeated.json()) as { id: string }).id, id);
}
