import assert from "node:assert/strict";
import { before, type TestContext, test } from "node:test";
import { sql } from "kysely";
import { createLocalBus } from "#platform/bus/local.ts";
import { testTokens } from "#platform/http/testing.ts";
import { formatId, newId, parseId } from "#platform/id.ts";
import { DOOR_PASSES_MAX } from "./credential-limits.ts";
import { DOOR_PASS_DAYS_MAX } from "./door-pass-schemas.ts";
import {
  type AnOrganizer,
  aCommonBus,
  type Sent,
  someCredentials,
  type TestCredentials,
} from "./testing-organizers.ts";

let shared: TestCredentials;
let museum: AnOrganizer;
let event: { readonly id: string; readonly token: string };
before(async (t) => {
  shared = await someCredentials(t as TestContext);
  museum = await shared.anOrganizer();
  event = await shared.anEvent(museum);
});

const DAY_MS = 86_400_000;
const inDays = (days: number) => new Date(shared.clock.now() + days * DAY_MS).toISOString();

function make(body: object = {}, sent: Sent = { as: museum.members.manager }, of = event) {
  return shared.ask(`POST /events/${of.id}/door-passes`, {
    ...sent,
    body: { gate: "North door", expires_at: inDays(1), ...body },
  });
}

test("a pass is made for a gate of an event, and tells what it opens", async () => {
  const expires = inDays(2);
  const { status, body } = await make({ gate: " North door ", expires_at: expires });
  assert.equal(status, 201);
  const { id, token, created_at, ...rest } = body;
  assert.match(id, /^dps_/);
  assert.ok(created_at);
  const opened = {
    event_id: event.id,
    gate: "North door",
    expires_at: expires.replace(".000Z", "Z"),
  };
  assert.deepEqual(rest, { ...opened, revoked_at: null });
  const own = await shared.ask("GET /door-pass", { token });
  assert.deepEqual([own.status, own.body], [200, opened]);
  const list = await shared.ask(`GET /events/${event.id}/door-passes`, {
    as: museum.members.owner,
  });
  assert.deepEqual(list.body.data[0], { id, created_at, ...rest });
  const { rows } = await sql<{ action: string; actor_id: string; event_id: string }>`
    select action, actor_id, event_id from organizers.audit_entry where subject = ${id}
  `.execute(shared.database.kysely);
  assert.deepEqual(rows, [
    {
      action: "createDoorPass",
      actor_id: museum.members.manager,
      event_id: parseId("evt", event.id),
    },
  ]);
});

test("a repeat under the same Idempotency-Key gives the same token, which is kept nowhere", async () => {
  const sent = { as: museum.members.owner, key: "once" };
  const first = await make({ expires_at: "2026-12-24T18:00:00+01:00" }, sent);
  const again = await make({ expires_at: "2026-12-24T18:00:00+01:00" }, sent);
  assert.equal(first.body.expires_at, "2026-12-24T17:00:00Z");
  assert.deepEqual([again.status, again.body], [201, first.body]);
  assert.equal(again.headers["idempotent-replayed"], "true");
  const { rows } = await sql<{ kept: string }>`
    select string_agg(answer::text, '') as kept from platform.idempotency
  `.execute(shared.database.kysely);
  assert.ok(rows[0]?.kept.includes(first.body.id));
  assert.ok(!rows[0]?.kept.includes(first.body.token));
});

test("the token of an anonymous event makes, lists and revokes passes of that event only", async () => {
  const [mine, other] = [await shared.anEvent(), await shared.anEvent()];
  const made = await make({}, { token: mine.token }, mine);
  assert.equal(made.status, 201);
  const refused = await make({}, { token: mine.token }, other);
  assert.deepEqual([refused.status, refused.body.code], [404, "not_found"]);
  const list = await shared.ask(`GET /events/${mine.id}/door-passes`, { token: mine.token });
  assert.deepEqual(
    list.body.data.map(({ id }) => id),
    [made.body.id],
  );
  const path = (id: string) => `DELETE /events/${id}/door-passes/${made.body.id}`;
  assert.equal((await shared.ask(path(other.id), { token: other.token })).status, 404);
  assert.equal((await shared.ask("GET /door-pass", { token: made.body.token })).status, 200);
  assert.equal((await shared.ask(path(mine.id), { token: mine.token })).status, 204);
  assert.equal((await shared.ask("GET /door-pass", { token: made.body.token })).status, 401);
});

test("what is wrong with a new pass is told by its field", async () => {
  const cases: readonly (readonly [object, string])[] = [
    [{ gate: " " }, "/gate bad_format"],
    [{ gate: "a\nb" }, "/gate bad_format"],
    [{ gate: "x".repeat(101) }, "/gate too_long"],
    [{ expires_at: null }, "/expires_at wrong_type"],
    [{ expires_at: "2027-06-15T17:00" }, "/expires_at bad_format"],
    [{ expires_at: inDays(0) }, "/expires_at in_the_past"],
    [{ expires_at: inDays(DOOR_PASS_DAYS_MAX + 1) }, "/expires_at too_late"],
    [{ event_id: event.id }, "/event_id unknown_field"],
  ];
  for (const [body, expected] of cases) {
    const { status, body: answer } = await make(body);
    assert.equal(status, 422, JSON.stringify(body));
    assert.deepEqual(
      answer.errors.map(({ path, code }) => `${path} ${code}`),
      [expected],
    );
  }
});

test("owner and manager make passes; viewer, door and a pass are 403, strangers 404, nobody 401", async () => {
  const { body: made } = await make();
  const stranger = await shared.anOrganizer();
  const { body: foreign } = await make(
    {},
    { as: stranger.members.owner },
    await shared.anEvent(stranger),
  );
  assert.equal((await make({}, { as: museum.members.owner })).status, 201);
  const routes = [
    [`POST /events/${event.id}/door-passes`, { gate: "x", expires_at: inDays(1) }],
    [`GET /events/${event.id}/door-passes`, undefined],
    [`DELETE /events/${event.id}/door-passes/${made.id}`, undefined],
  ] as const;
  for (const [route, body] of routes) {
    const sent = body === undefined ? {} : { body };
    for (const who of [
      { as: museum.members.viewer },
      { as: museum.members.door },
      { token: made.token },
    ]) {
      const answer = await shared.ask(route, { ...sent, ...who });
      assert.deepEqual([answer.status, answer.body.code], [403, "not_allowed"], route);
    }
    for (const who of [{ as: stranger.members.owner }, { token: foreign.token }]) {
      const answer = await shared.ask(route, { ...sent, ...who });
      assert.deepEqual([answer.status, answer.body.code], [404, "not_found"], route);
    }
    assert.equal((await shared.ask(route, sent)).status, 401, route);
    const malformed = await shared.ask(route.replace(event.id, "evt_x"), {
      ...sent,
      as: museum.members.owner,
    });
    assert.deepEqual([malformed.status, malformed.body.code], [400, "malformed_id"], route);
  }
  assert.equal((await shared.ask("GET /door-pass", { token: made.token })).status, 200);
});

test("who sends something else than a door pass is told so, and who sends nothing is asked for it", async () => {
  for (const who of [{ as: museum.members.door }, { token: event.token }]) {
    const answer = await shared.ask("GET /door-pass", who);
    assert.deepEqual([answer.status, answer.body.code], [404, "not_found"]);
    assert.match(answer.body.detail, /no door pass/);
  }
  assert.equal((await shared.ask("GET /door-pass")).status, 401);
});

test("the list is paged, the newest first", async () => {
  const of = await shared.anEvent(museum);
  const made: string[] = [];
  for (let count = 0; count < 3; count++) {
    shared.clock.advance(1);
    made.unshift((await make({}, undefined, of)).body.id);
  }
  const page = (query: string) =>
    shared.ask(`GET /events/${of.id}/door-passes?${query}`, { as: museum.members.owner });
  const first = await page("limit=2");
  const second = await page(`limit=2&cursor=${first.body.next_cursor}`);
  const listed = [...first.body.data, ...second.body.data].map(({ id }) => id);
  assert.deepEqual(listed, made);
  assert.equal(second.body.next_cursor, null);
  const wrong = await page("cursor=e30");
  assert.deepEqual([wrong.status, wrong.body.code], [422, "invalid_field"]);
});

test("revoking is repeated at will and noted once; a pass that is not the event's is not there", async () => {
  const { body: made } = await make();
  const as = museum.members.owner;
  const path = `DELETE /events/${event.id}/door-passes`;
  for (const key of [undefined, undefined, "end", "end"]) {
    const revoked = await shared.ask(`${path}/${made.id}`, {
      as,
      ...(key !== undefined && { key }),
    });
    assert.deepEqual([revoked.status, revoked.text], [204, ""]);
  }
  const unknown = await shared.ask(`${path}/${formatId("dps", newId(shared.clock))}`, { as });
  assert.deepEqual([unknown.status, unknown.body.code], [404, "not_found"]);
  const malformed = await shared.ask(`${path}/key_x`, { as });
  assert.deepEqual([malformed.status, malformed.body.code], [400, "malformed_id"]);
  const { rows } = await sql`
    select from organizers.audit_entry where subject = ${made.id} and action = 'revokeDoorPass'
  `.execute(shared.database.kysely);
  assert.equal(rows.length, 1);
});

test("a pass opens nothing from its last moment on, nor under another generation", async (t) => {
  const some = await someCredentials(t);
  const mine = await some.anEvent();
  const expiresAt = some.clock.now() + 3_600_000;
  const made = await some.ask(`POST /events/${mine.id}/door-passes`, {
    token: mine.token,
    body: { gate: "South", expires_at: new Date(expiresAt).toISOString() },
  });
  const { token } = made.body;
  const id = parseId("dps", made.body.id) ?? "";
  const later = testTokens.issue({ kind: "door_pass", id, generation: 1 });
  const statusOf = async (sent: string) =>
    (await some.ask("GET /door-pass", { token: sent })).status;
  assert.deepEqual([await statusOf(token), await statusOf(later)], [200, 401]);
  some.clock.advance(expiresAt - some.clock.now() - 2_000);
  assert.equal(await statusOf(token), 200);
  some.clock.advance(2_000);
  assert.equal(await statusOf(token), 401);
  assert.ok(!JSON.stringify(some.lines).includes(token), "no log has it");
});

test("a revoked pass opens nothing in other processes as soon as the bus tells, or seconds later without it", async (t) => {
  const bus = aCommonBus();
  const some = await someCredentials(t, bus);
  const mine = await some.anEvent();
  const { body } = await some.ask(`POST /events/${mine.id}/door-passes`, {
    token: mine.token,
    body: { gate: "South", expires_at: new Date(some.clock.now() + DAY_MS).toISOString() },
  });
  const pass = testTokens.read(body.token);
  assert.ok(pass);
  const told = await some.another(bus);
  const deaf = await some.another(createLocalBus());
  for (const { identities } of [some.organizers, told, deaf]) {
    assert.ok(await identities.byDoorPass(pass));
  }
  const path = `DELETE /events/${mine.id}/door-passes/${body.id}`;
  assert.equal((await some.ask(path, { token: mine.token })).status, 204);
  assert.equal(await some.organizers.identities.byDoorPass(pass), null);
  assert.equal(await told.identities.byDoorPass(pass), null);
  assert.ok(await deaf.identities.byDoorPass(pass), "what it keeps is still good for it");
  some.clock.advance(3_000);
  assert.equal(await deaf.identities.byDoorPass(pass), null);
});

test("an event has a bounded number of passes that are good", async () => {
  const some = await shared.anEvent(museum);
  await sql`
    insert into organizers.door_pass (pass_id, event_id, gate, created_at, expires_at)
    select gen_random_uuid(), ${parseId("evt", some.id)}, 'north', clock_timestamp(), clock_timestamp() + interval '1 day'
      from generate_series(1, ${DOOR_PASSES_MAX})
  `.execute(shared.database.kysely);
  const refused = await shared.ask(`POST /events/${some.id}/door-passes`, {
    as: museum.members.owner,
    body: { gate: "south", expires_at: new Date(shared.clock.now() + 60_000).toISOString() },
  });
  assert.deepEqual([refused.status, refused.body.code], [409, "too_many_credentials"]);
});
