import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { ORGANIZERS_PER_USER_MAX } from "./create-organizer.ts";
import { sharedOrganizers, type TestUser } from "./testing.ts";

const given = sharedOrganizers();

test("whoever makes an organizer owns it, reads it, renames it and finds it among theirs", async () => {
  const { aUser } = given();
  const ada = await aUser();
  const made = await ada.ask("POST /organizers", { name: "National Museum" });
  assert.equal(made.status, 201);
  assert.match(made.body.id, /^org_/);
  assert.deepEqual([made.body.name, made.body.role], ["National Museum", "owner"]);
  const path = `/organizers/${made.body.id}`;
  assert.deepEqual((await ada.ask(`GET ${path}`)).body, made.body);
  const renamed = await ada.ask(`PATCH ${path}`, { name: "Galerie" });
  assert.deepEqual([renamed.status, renamed.body.name], [200, "Galerie"]);
  const { body } = await ada.ask("GET /organizers");
  assert.deepEqual(body, { data: [renamed.body], next_cursor: null });
});

test("to whoever is no member there is no such organizer", async () => {
  const { aUser, anOrganizer, ask } = given();
  const owner = await aUser();
  const stranger = await aUser();
  await anOrganizer(stranger);
  const id = await anOrganizer(owner);
  const paths: readonly [string, object?][] = [
    [`GET /organizers/${id}`],
    [`PATCH /organizers/${id}`, { name: "Mine" }],
    [`GET /organizers/${id}/members`],
    [`POST /organizers/${id}/transfer`, { user_id: stranger.id }],
    [`POST /organizers/${id}/leave`],
    [`DELETE /organizers/${id}/members/${owner.id}`],
    [`POST /organizers/${id}/invitations`, { email: "a@example.org", role: "manager" }],
    [`GET /organizers/${id}/invitations`],
  ];
  for (const [request, body] of paths) {
    const refused = await stranger.ask(request, body);
    assert.deepEqual([refused.status, refused.body.code], [404, "not_found"], request);
    const nobody = await ask(request, body);
    assert.deepEqual([nobody.status, nobody.body.code], [401, "not_authenticated"], request);
  }
  assert.equal((await owner.ask("GET /organizers/org_x")).body.code, "malformed_id");
});

test("each role goes as far as its permissions, and is told what is missing", async () => {
  const { aUser, anOrganizer, join } = given();
  const owner = await aUser();
  const id = await anOrganizer(owner);
  const members = { manager: await aUser(), viewer: await aUser(), door: await aUser() };
  for (const role of ["manager", "viewer", "door"] as const) {
    await join(id, owner, members[role], role);
    const read = await members[role].ask(`GET /organizers/${id}`);
    assert.deepEqual([read.status, read.body.role], [200, role]);
    const renamed = await members[role].ask(`PATCH /organizers/${id}`, { name: "Mine" });
    assert.deepEqual([renamed.status, renamed.body.code], [403, "not_allowed"]);
    assert.deepEqual(
      renamed.body.reasons.map((reason) => reason["permission"]),
      ["organizer:write"],
    );
  }
  assert.equal((await members.door.ask(`GET /organizers/${id}/members`)).status, 403);
  const seen = await members.viewer.ask(`GET /organizers/${id}/members`);
  assert.deepEqual(
    new Set(seen.body.data.map((member) => member["role"])),
    new Set(["owner", "manager", "viewer", "door"]),
  );
});

test("lists of organizers and members come in pages", async () => {
  const { aUser, anOrganizer, join } = given();
  const owner = await aUser();
  const ids = [await anOrganizer(owner), await anOrganizer(owner), await anOrganizer(owner)];
  assert.deepEqual(await collect(owner, "/organizers", "id"), [...ids].sort());
  const [first = ""] = ids;
  const others = [await aUser(), await aUser()];
  for (const other of others) await join(first, owner, other, "viewer");
  const all = [owner, ...others].map((user) => user.id).sort();
  assert.deepEqual(await collect(owner, `/organizers/${first}/members`, "user_id"), all);
  const wrong = await owner.ask("GET /organizers?cursor=nonsense");
  assert.deepEqual([wrong.status, wrong.body.code], [422, "invalid_field"]);
});

async function collect(user: TestUser, path: string, member: string): Promise<string[]> {
  const found: string[] = [];
  let cursor: string | null = null;
  do {
    const more: string = cursor === null ? "" : `&cursor=${cursor}`;
    const { body } = await user.ask(`GET ${path}?limit=1${more}`);
    found.push(...body.data.map((one) => String(one[member])));
    cursor = body.next_cursor;
  } while (cursor !== null);
  return found;
}

test("names that are blank, too long or of more than one line are refused", async () => {
  const { aUser } = given();
  const ada = await aUser();
  for (const name of ["", "  ", "a\nb", "x".repeat(201), "a\u0000"]) {
    const refused = await ada.ask("POST /organizers", { name });
    assert.deepEqual([refused.status, refused.body.code], [422, "invalid_field"], name);
  }
});

test("the same request again makes one organizer", async () => {
  const { aUser } = given();
  const ada = await aUser();
  const headers = { "idempotency-key": crypto.randomUUID() };
  const first = await ada.ask("POST /organizers", { name: "Once" }, headers);
  const again = await ada.ask("POST /organizers", { name: "Once" }, headers);
  assert.deepEqual(again.body, first.body);
  assert.equal(again.headers["idempotent-replayed"], "true");
  assert.equal((await ada.ask("GET /organizers")).body.data.length, 1);
});

test("nobody is in more organizers than can be looked at with each request", async () => {
  const { aUser, database } = given();
  const ada = await aUser();
  await sql`
    with made as (select gen_random_uuid() as id from generate_series(1, ${ORGANIZERS_PER_USER_MAX})),
         organizers as (
           insert into organizers.organizer (organizer_id, name, owner_id, created_at)
           select id, 'One of many', ${ada.userId}, clock_timestamp() from made
         )
    insert into organizers.member (organizer_id, user_id, role, joined_at)
    select id, ${ada.userId}, 'owner', clock_timestamp() from made
  `.execute(database.kysely);
  const refused = await ada.ask("POST /organizers", { name: "One too many" });
  assert.deepEqual([refused.status, refused.body.code], [409, "too_many_organizers"]);
});
