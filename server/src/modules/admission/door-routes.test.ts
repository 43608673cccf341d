import assert from "node:assert/strict";
import { before, type TestContext, test } from "node:test";
import { sql } from "kysely";
import { formatId, newId, parseId } from "#platform/id.ts";
import { type TestServer, testServer } from "#test/server.ts";
import { admitAll, anOpenDoor } from "./testing-door.ts";

let server: TestServer;
before(async (t) => {
  server = await testServer(t as TestContext);
});

test("GET /v1/events/{id}/door 200: a gate gets all it needs to go on without a network, and no names", async () => {
  const door = await anOpenDoor(server, { re_entry: true, entry_opens_minutes: 90 });
  const pass = await door.pass();
  const [mine, gone] = [await door.reserve(2), await door.reserve(1, { type: 1 })];
  await door.ask(`PATCH /reservations/${mine.id}`, {
    token: mine.token,
    body: { attendee: { name: "Ada Lovelace" } },
  });
  await door.ask(`POST /reservations/${gone.id}/cancel`, { token: gone.token });
  await door.ask(`PATCH /ticket-types/${door.types[1]}`, {
    token: door.token,
    body: { gates: ["South"] },
  });
  assert.equal(await door.present(mine.tickets[0]?.code), "admitted");
  const path = `GET /events/${door.eventId}/door`;
  const { status, headers, body } = await door.ask(path, { token: pass.token, language: "cs" });
  assert.deepEqual([status, headers.get("cache-control")], [200, "no-store"]);
  const { cursor, keys, slots, admitted, ...rest } = body;
  assert.deepEqual(rest, {
    event_id: door.eventId,
    complete: true,
    state: "published",
    time_zone: "UTC",
    settings: { re_entry: true, entry_opens_minutes: 90 },
    ticket_types: [
      { id: door.types[0], name: "Dospělý", admits: 1, gates: null },
      { id: door.types[1], name: "Family", admits: 3, gates: ["South"] },
    ],
    revoked: [gone.tickets[0]?.id],
    counts: { expected: 2, admitted: 1, inside: 1, refused: 0, surplus: 0, presented: 1 },
  });
  const published = await door.ask(`GET /events/${door.eventId}/ticket-keys`);
  const [key] = (published.body as unknown as { keys: { public_key: string }[] }).keys;
  assert.deepEqual(
    keys.map(({ public_key: one, revoked_at }) => [one, revoked_at]),
    [[key?.public_key, null]],
  );
  assert.deepEqual(
    slots.map(({ id }) => id),
    door.slots,
  );
  assert.deepEqual(
    admitted.map(({ at: _, ...state }) => state),
    [{ ticket_id: mine.tickets[0]?.id, times: 1, inside: 1, gate: "North" }],
  );
  assert.ok(Date.parse(admitted[0]?.at ?? "") > 0);
  assert.ok(cursor.length > 0 && !JSON.stringify(body).includes("Ada"));
});

test("GET /v1/events/{id}/door 200: later it is what is new, as it stands by then; an undone admission is told", async () => {
  const door = await anOpenDoor(server, { re_entry: true });
  const [mine, other] = [await door.reserve(2), await door.reserve()];
  await door.present(mine.tickets[0]?.code);
  const first = await door.door();
  await server.advance(120);
  const quiet = await door.door(first.cursor);
  await server.advance(120);
  const still = await door.door(quiet.cursor);
  assert.deepEqual([still.revoked, still.admitted, still.complete], [[], [], true]);

  await door.present(mine.tickets[0]?.code, { direction: "out" });
  await door.present(mine.tickets[1]?.code, { gate: undefined });
  await door.present(mine.tickets[1]?.code);
  await door.ask(`POST /reservations/${other.id}/cancel`, { token: other.token });
  const news = await door.door(still.cursor);
  assert.deepEqual(news.revoked, [other.tickets[0]?.id]);
  const states = ({ admitted }: typeof news) =>
    new Map(admitted.map((one) => [one.ticket_id, [one.times, one.inside, one.gate]]));
  const [one = "", two = ""] = mine.tickets.map(({ id }) => id);
  assert.deepEqual(
    states(news),
    new Map([
      [one, [1, 0, "North"]],
      [two, [1, 1, null]],
    ]),
  );
  assert.equal(news.slots.length, 2, "all else is always whole");

  await server.advance(120);
  await door.door(news.cursor);
  await door.ask(`POST /tickets/${two}/undo-admission`, { token: door.token });
  const undone = await door.door(news.cursor);
  assert.deepEqual(states(undone).get(two), [0, 0, null]);
  assert.equal(undone.admitted.find(({ ticket_id: id }) => id === two)?.at, null);
});

test("GET /v1/events/{id}/door 200: what was dated before the last answer and committed after it is not missed", async () => {
  const door = await anOpenDoor(server);
  const mine = await door.reserve();
  const { cursor } = await door.door();
  await door.ask(`POST /reservations/${mine.id}/cancel`, { token: mine.token });
  const ticketId = parseId("tkt", mine.tickets[0]?.id ?? "");
  await sql`
    update reservations.ticket set voided_at = voided_at - interval '30 seconds'
     where ticket_id = ${ticketId}
  `.execute(server.app.database.kysely);
  assert.deepEqual((await door.door(cursor)).revoked, [mine.tickets[0]?.id]);
});

test("GET /v1/events/{id}/door 200: much comes in parts, each asked for with the cursor of the one before", async () => {
  const door = await anOpenDoor(server);
  const mine = await door.reserve(7_000);
  const transferred = await door.ask(`POST /reservations/${mine.id}/transfer`, {
    token: mine.token,
    body: { attendee: { name: "Grace" } },
  });
  assert.equal(transferred.status, 200);
  await admitAll(server, door.eventId);
  const parts = [await door.door()];
  for (let part = parts[0]; part?.complete === false; part = parts.at(-1)) {
    parts.push(await door.door(part.cursor));
  }
  assert.deepEqual(
    parts.map(({ revoked, admitted }) => [revoked.length, admitted.length]),
    [
      [5_000, 5_000],
      [2_000, 2_000],
    ],
  );
  const revoked = new Set(parts.flatMap((part) => part.revoked));
  const admitted = new Set(parts.flatMap((part) => part.admitted.map((one) => one.ticket_id)));
  assert.deepEqual([revoked.size, admitted.size], [7_000, 7_000]);
  assert.deepEqual(revoked, new Set(mine.tickets.map(({ id }) => id)));
});

test("GET /v1/events/{id}/door 422: a cursor that is none of this event's", async () => {
  const [door, other] = [await anOpenDoor(server), await anOpenDoor(server)];
  const { cursor } = await other.door();
  const forged = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  for (const after of [
    ...["", "x", "%20", "e30", cursor, `${cursor}x`, "x".repeat(501)],
    forged({ event: "'; drop table", began: 1, round: null }),
    forged({ event: parseId("evt", door.eventId), began: -1, round: null }),
    forged({ event: parseId("evt", door.eventId), began: 1e300, round: null }),
    forged({ event: parseId("evt", door.eventId), began: 1, round: { voided: { at: 1 } } }),
  ]) {
    const refused = await door.ask(`GET /events/${door.eventId}/door?after=${after}`, door);
    assert.deepEqual([refused.status, refused.body.code], [422, "invalid_field"], after);
    assert.equal(refused.body.errors[0]?.path, "/after");
  }
});

for (const path of ["door", "door/counts", "door/counts/stream"]) {
  test(`GET /v1/events/{id}/${path} 400, 401, 404: for who lets people in there, and a pass of another event is none`, async () => {
    const [door, other] = [await anOpenDoor(server), await anOpenDoor(server)];
    const nothing = formatId("evt", newId(server.app.clock));
    const code = async (id: string, token: string | null) => {
      const { status, body } = await door.ask(`GET /events/${id}/${path}`, { token });
      return `${status} ${body.code}`;
    };
    const { tickets: _, ...mine } = await door.reserve();
    assert.deepEqual(
      [
        await code(door.eventId, null),
        await code(door.eventId, "x"),
        await code(door.eventId, (await other.pass()).token),
        await code(door.eventId, other.token),
        await code(door.eventId, mine.token),
        await code(nothing, door.token),
        await code("evt_x", door.token),
      ],
      [
        ...["401 not_authenticated", "401 not_authenticated"],
        ...["404 not_found", "404 not_found", "404 not_found", "404 not_found"],
        "400 malformed_id",
      ],
    );
  });
}
