import assert from "node:assert/strict";
import { before, type TestContext, test } from "node:test";
import { sql } from "kysely";
import { parseId } from "#platform/id.ts";
import { type TestServer, testServer } from "#test/server.ts";
import type { EventCountsBody } from "./door-schemas.ts";
import { anOpenDoor, type OpenDoor } from "./testing-door.ts";

let server: TestServer;
before(async (t) => {
  server = await testServer(t as TestContext);
});

const NOTHING = { admitted: 0, inside: 0, refused: 0, surplus: 0, presented: 0 };

test("GET /v1/events/{id}/door/counts 200: people by slot, type and gate, and all of it adds up", async () => {
  const door = await anOpenDoor(server);
  const [adults, families] = [await door.reserve(3), await door.reserve(2, { slot: 1, type: 1 })];
  const pass = await door.pass("South");
  const { body: before } = await door.ask(`GET /events/${door.eventId}/door/counts`, pass);
  assert.deepEqual(before.total, { expected: 9, ...NOTHING });
  assert.deepEqual(before.gates, []);

  const [one, two] = adults.tickets.map(({ code }) => code);
  assert.equal(await door.present(one), "admitted");
  assert.equal(await door.present(two, { gate: undefined }), "admitted");
  assert.equal(await door.present(two), "already_presented");
  assert.equal(await door.present("nonsense"), "unknown");
  for (const outcome of ["admitted", "admitted", "admitted", "already_presented"]) {
    assert.equal(await door.present(families.tickets[0]?.code), outcome);
  }
  assert.equal(await door.present(one, { direction: "out" }), "left");

  const counts = await door.counts();
  assert.deepEqual(counts, {
    event_id: door.eventId,
    total: { expected: 9, admitted: 5, inside: 4, refused: 3, surplus: 0, presented: 9 },
    slots: [
      { id: door.slots[0], ...{ expected: 3, admitted: 2, inside: 1 }, ...rest(1, 4) },
      { id: door.slots[1], ...{ expected: 6, admitted: 3, inside: 3 }, ...rest(1, 4) },
    ],
    ticket_types: [
      { id: door.types[0], ...{ expected: 3, admitted: 2, inside: 1 }, ...rest(1, 4) },
      { id: door.types[1], ...{ expected: 6, admitted: 3, inside: 3 }, ...rest(1, 4) },
    ],
    gates: [
      { gate: null, ...{ admitted: 1, inside: 1 }, ...rest(0, 1) },
      { gate: "North", ...{ admitted: 4, inside: 3 }, ...rest(3, 8) },
    ],
  });
});

function rest(refused: number, presented: number) {
  return { refused, surplus: 0, presented };
}

test("GET /v1/events/{id}/door/counts 200: what is sold and cancelled later is expected seconds later", async () => {
  const door = await anOpenDoor(server);
  const mine = await door.reserve(2);
  const expected = async () => (await door.counts()).total.expected;
  assert.equal(await expected(), 2);
  await door.reserve(3);
  await server.advance(61);
  assert.equal(await expected(), 5);
  await door.ask(`POST /reservations/${mine.id}/cancel`, { token: mine.token });
  await server.advance(61);
  assert.equal(await expected(), 3);
});

test("who is let in by a gate that could not know is counted beyond what tickets admit", async () => {
  const door = await anOpenDoor(server);
  const mine = await door.reserve();
  const code = mine.tickets[0]?.code;
  assert.equal(await door.present(code), "admitted");
  const at = new Date(server.app.clock.now()).toISOString();
  const scans = [{ id: "off line", code, at, gate: "South", let_through: true }];
  const body = { event_id: door.eventId, scans };
  const told = await door.ask("POST /redemptions/batch", { token: door.token, body });
  assert.equal(told.status, 200);
  const { total, gates } = await door.counts();
  assert.deepEqual(total, {
    ...{ expected: 1, admitted: 1, inside: 2, refused: 0, surplus: 1, presented: 2 },
  });
  assert.deepEqual(
    gates.map(({ gate, surplus }) => [gate, surplus]),
    [
      ["North", 0],
      ["South", 1],
    ],
  );
});

test("GET /v1/events/{id}/door/counts/stream 200: the picture at once and after changes, at most one a second", async () => {
  const door = await anOpenDoor(server);
  const mine = await door.reserve(40);
  const stream = await watch(door, door.token);
  assert.deepEqual(
    [stream.response.status, stream.response.headers.get("content-type")],
    [200, "text/event-stream"],
  );
  assert.equal((await stream.until(({ total }) => total.expected === 40)).total.presented, 0);
  const began = performance.now();
  await Promise.all(mine.tickets.map(({ code }) => door.present(code)));
  const last = await stream.until(({ total }) => total.admitted === 40);
  const seconds = (performance.now() - began) / 1000;
  assert.deepEqual(last, await door.counts());
  assert.ok(stream.seen() <= 3 + seconds, `${stream.seen()} messages in ${seconds} s`);
  await stream.stop();
});

test("who watches with a pass is cut off seconds after it was revoked, also where nobody told of it", async () => {
  const door = await anOpenDoor(server);
  const pass = await door.pass();
  const [revoked, over] = [await watch(door, pass.token), await watch(door, door.token)];
  await revoked.until(() => true);
  await over.until(() => true);
  const passId = parseId("dps", pass.id);
  await sql`
    update organizers.door_pass set revoked_at = clock_timestamp() where pass_id = ${passId}
  `.execute(server.app.database.kysely);
  await server.advance(3);
  await revoked.end();
  await over.stop();
});

test("who watches is cut off when the pass is over, and when an event's token is void", async () => {
  const door = await anOpenDoor(server);
  const { token } = await door.pass();
  const stream = await watch(door, token);
  await stream.until(() => true);
  await server.advance(3_601);
  await stream.end();
  const manager = await watch(door, door.token);
  await manager.until(() => true);
  await sql`
    update catalog.event set token_generation = 1, revision = revision + 1
     where event_id = ${parseId("evt", door.eventId)}
  `.execute(server.app.database.kysely);
  await server.advance(11);
  await manager.end();
});

/** Reads the stream of counts. */
async function watch({ eventId }: OpenDoor, token: string) {
  const response = await fetch(`${server.url}/v1/events/${eventId}/door/counts/stream`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  let seen = 0;
  const next = async (): Promise<EventCountsBody | null> => {
    for (;;) {
      const message = /^event: counts\ndata: (.*)\n\n/m.exec(text);
      if (message !== null) {
        text = text.slice(message.index + message[0].length);
        seen++;
        return JSON.parse(message[1] ?? "") as EventCountsBody;
      }
      const chunk = await reader?.read();
      if (chunk === undefined || chunk.done) return null;
      text += chunk.value;
    }
  };
  return {
    response,
    seen: () => seen,
    /** The first picture that is so. */
    until: async (isWanted: (counts: EventCountsBody) => boolean): Promise<EventCountsBody> => {
      for (;;) {
        const counts = await next();
        assert.ok(counts !== null, "the stream has ended");
        if (isWanted(counts)) return counts;
      }
    },
    /** Resolves when the server has ended it. */
    end: async () => {
      while ((await next()) !== null);
    },
    stop: () => reader?.cancel(),
  };
}
