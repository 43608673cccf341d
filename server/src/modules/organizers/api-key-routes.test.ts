import assert from "node:assert/strict";
import { before, type TestContext, test } from "node:test";
import { sql } from "kysely";
import { formatId, newId } from "#platform/id.ts";
import { lookOfApiKey } from "#platform/tokens/api-key.ts";
import { API_KEY_DAYS_MAX } from "./api-key-schemas.ts";
import { API_KEYS_MAX } from "./credential-limits.ts";
import { type AnOrganizer, someCredentials, type TestCredentials } from "./testing-organizers.ts";

let shared: TestCredentials;
let museum: AnOrganizer;
before(async (t) => {
  shared = await someCredentials(t as TestContext);
  museum = await shared.anOrganizer();
});

const DAY_MS = 86_400_000;
const inDays = (days: number) => new Date(shared.clock.now() + days * DAY_MS).toISOString();

function make(body: object = {}, key?: string, organizer = museum) {
  return shared.ask(`POST /organizers/${organizer.id}/api-keys`, {
    as: organizer.members.owner,
    body: { name: "website", scopes: ["read"], ...body },
    ...(key !== undefined && { key }),
  });
}

test("a key is shown once", async () => {
  const expires = inDays(30);
  const { status, body } = await make({ scopes: ["write", "read"], expires_at: expires });
  assert.equal(status, 201);
  const { id, created_at, key, ...rest } = body;
  assert.match(id, /^key_/);
  assert.ok(created_at);
  assert.equal(lookOfApiKey(key), "key");
  assert.deepEqual(rest, {
    name: "website",
    scopes: ["read", "write"],
    last_four: key.slice(-4),
    expires_at: expires.replace(".000Z", "Z"),
    last_used_at: null,
    revoked_at: null,
  });
  const list = await shared.ask(`GET /organizers/${museum.id}/api-keys`, {
    as: museum.members.owner,
  });
  assert.deepEqual(list.body.data[0], { id, created_at, ...rest });
});

test("a repeat under the same Idempotency-Key gives the same key, makes none, and needs none to be kept", async () => {
  const organizer = await shared.anOrganizer();
  const first = await make({}, "once", organizer);
  const again = await make({}, "once", organizer);
  assert.equal(again.status, 201);
  assert.deepEqual(again.body, first.body);
  assert.equal(again.headers["idempotent-replayed"], "true");
  const list = await shared.ask(`GET /organizers/${organizer.id}/api-keys`, {
    as: organizer.members.owner,
  });
  assert.equal(list.body.data.length, 1);
  const { rows } = await sql<{ kept: string }>`
    select k::text || i::text as kept
      from organizers.api_key k, platform.idempotency i
     where k.organizer_id = ${organizer.organizerId}
  `.execute(shared.database.kysely);
  assert.ok(rows[0]?.kept.includes(first.body.id));
  assert.ok(!rows[0]?.kept.includes(first.body.key));
  const other = await make({ name: "other" }, "once", organizer);
  assert.deepEqual([other.status, other.body.code], [422, "idempotency_key_reused"]);
});

test("what is wrong with a new key is told by its field", async () => {
  const cases: readonly (readonly [object, string])[] = [
    [{ name: " " }, "/name bad_format"],
    [{ name: "a\nb" }, "/name bad_format"],
    [{ name: "x".repeat(101) }, "/name too_long"],
    [{ scopes: [] }, "/scopes too_few"],
    [{ scopes: ["read", "read"] }, "/scopes not_unique"],
    [{ scopes: ["all"] }, "/scopes/0 not_allowed"],
    [{ expires_at: "tomorrow" }, "/expires_at bad_format"],
    [{ expires_at: "2027-02-30T10:00:00Z" }, "/expires_at bad_format"],
    [{ expires_at: inDays(0) }, "/expires_at in_the_past"],
    [{ expires_at: "1969-12-31T23:59:59Z" }, "/expires_at out_of_range"],
    [{ expires_at: inDays(API_KEY_DAYS_MAX + 1) }, "/expires_at too_late"],
    [{ expires_at: "9999-12-31T23:59:59Z" }, "/expires_at out_of_range"],
    [{ key: "mine" }, "/key unknown_field"],
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

test("only the owner has to do with keys: other roles are 403, strangers 404, nobody 401, a key never", async () => {
  const { body: made } = await make({ scopes: ["read", "write", "door", "feed"] });
  const stranger = await shared.anOrganizer();
  const routes = [
    [`POST /organizers/${museum.id}/api-keys`, { name: "x", scopes: ["read"] }],
    [`GET /organizers/${museum.id}/api-keys`, undefined],
    [`DELETE /organizers/${museum.id}/api-keys/${made.id}`, undefined],
  ] as const;
  for (const [route, body] of routes) {
    const sent = body === undefined ? {} : { body };
    for (const role of ["manager", "viewer", "door"] as const) {
      const answer = await shared.ask(route, { ...sent, as: museum.members[role] });
      assert.deepEqual([answer.status, answer.body.code], [403, "not_allowed"], `${route} ${role}`);
    }
    const byKey = await shared.ask(route, { ...sent, token: made.key });
    assert.deepEqual([byKey.status, byKey.body.code], [403, "not_allowed"], route);
    const byStranger = await shared.ask(route, { ...sent, as: stranger.members.owner });
    assert.deepEqual([byStranger.status, byStranger.body.code], [404, "not_found"], route);
    assert.equal((await shared.ask(route, sent)).status, 401, route);
    const malformed = route.replace(museum.id, "org_x");
    const answer = await shared.ask(malformed, { ...sent, as: museum.members.owner });
    assert.deepEqual([answer.status, answer.body.code], [400, "malformed_id"], route);
  }
});

test("the list is paged, the newest first", async () => {
  const organizer = await shared.anOrganizer();
  const ids: string[] = [];
  for (let count = 0; count < 3; count++) {
    shared.clock.advance(1);
    ids.unshift((await make({}, undefined, organizer)).body.id);
  }
  const page = (query: string) =>
    shared.ask(`GET /organizers/${organizer.id}/api-keys?${query}`, {
      as: organizer.members.owner,
    });
  const first = await page("limit=2");
  const second = await page(`limit=2&cursor=${first.body.next_cursor}`);
  const listed = [...first.body.data, ...second.body.data].map(({ id }) => id);
  assert.deepEqual(listed, ids);
  assert.equal(second.body.next_cursor, null);
  const wrong = await page("cursor=e30");
  assert.deepEqual([wrong.status, wrong.body.code], [422, "invalid_field"]);
});

test("a revoked key opens nothing, repeated it is the same, and another organizer's key is not there", async () => {
  const { body: made } = await make();
  const route = `DELETE /organizers/${museum.id}/api-keys/${made.id}`;
  const opens = async () => (await shared.ask("GET /door-pass", { token: made.key })).status;
  assert.equal(await opens(), 404, "it is known, but no door pass");
  const other = await shared.anOrganizer();
  for (const id of [made.id, formatId("key", newId<"key">(shared.clock))]) {
    const elsewhere = await shared.ask(`DELETE /organizers/${other.id}/api-keys/${id}`, {
      as: other.members.owner,
    });
    assert.deepEqual([elsewhere.status, elsewhere.body.code], [404, "not_found"]);
  }
  assert.equal(await opens(), 404);
  for (const key of [undefined, undefined, "end", "end"]) {
    const sent = { as: museum.members.owner, ...(key !== undefined && { key }) };
    const revoked = await shared.ask(route, sent);
    assert.deepEqual([revoked.status, revoked.text], [204, ""]);
    assert.equal(await opens(), 401);
  }
  const malformed = await shared.ask(`DELETE /organizers/${museum.id}/api-keys/dps_x`, {
    as: museum.members.owner,
  });
  assert.deepEqual([malformed.status, malformed.body.code], [400, "malformed_id"]);
  const { rows } = await sql<{ action: string; actor_id: string }>`
    select action, actor_id from organizers.audit_entry where subject = ${made.id} order by audit_id
  `.execute(shared.database.kysely);
  assert.deepEqual(rows.map(({ action }) => action).sort(), ["createApiKey", "revokeApiKey"]);
  assert.ok(rows.every(({ actor_id }) => actor_id === museum.members.owner));
});

test("an organizer has a bounded number of keys that are good, and a revoked one makes room", async () => {
  const organizer = await shared.anOrganizer();
  const { body: first } = await make({}, undefined, organizer);
  await sql`
    insert into organizers.api_key (key_id, organizer_id, name, digest, last_four, scopes, created_by, created_at)
    select gen_random_uuid(), ${organizer.organizerId}, 'one of many', rpad(n::text, 43, 'x'), 'xxxx', '{read}',
           ${organizer.members.owner}, clock_timestamp()
      from generate_series(2, ${API_KEYS_MAX}) n
  `.execute(shared.database.kysely);
  const refused = await make({}, undefined, organizer);
  assert.deepEqual([refused.status, refused.body.code], [409, "too_many_credentials"]);
  const path = `DELETE /organizers/${organizer.id}/api-keys/${first.id}`;
  await shared.ask(path, { as: organizer.members.owner });
  assert.equal((await make({}, undefined, organizer)).status, 201);
});
