import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { createLocalBus } from "#platform/bus/local.ts";
import { parseId } from "#platform/id.ts";
import { digestOfApiKey } from "#platform/tokens/api-key.ts";
import { createApiKeyMaker } from "./make-api-key.ts";
import { aCommonBus, SECRET_KEY, someCredentials } from "./testing-organizers.ts";

async function aKey(
  { ask, anOrganizer }: Awaited<ReturnType<typeof someCredentials>>,
  more: object = {},
) {
  const organizer = await anOrganizer();
  const as = organizer.members.owner;
  const body = { name: "website", scopes: ["read", "feed"], ...more };
  const made = await ask(`POST /organizers/${organizer.id}/api-keys`, { as, body });
  assert.equal(made.status, 201, made.text);
  const route = `/organizers/${organizer.id}/api-keys`;
  return { ...made.body, as, route, organizerId: organizer.organizerId };
}

test("a key says whose it is and what its scopes allow", async (t) => {
  const some = await someCredentials(t);
  const { key, organizerId } = await aKey(some);
  const principal = await some.organizers.identities.byKey(digestOfApiKey(key));
  assert.equal(principal?.organizerId, organizerId);
  assert.deepEqual([...(principal?.grant.permissions ?? [])].sort(), [
    "event:read",
    "feed:read",
    "organizer:read",
    "reservation:read",
  ]);
});

test("a revoked key opens nothing in other processes as soon as the bus tells, or seconds later without it", async (t) => {
  const bus = aCommonBus();
  const some = await someCredentials(t, bus);
  const { key, id, as, route } = await aKey(some);
  const digest = digestOfApiKey(key);
  const told = await some.another(bus);
  const deaf = await some.another(createLocalBus());
  for (const { identities } of [some.organizers, told, deaf]) {
    assert.ok(await identities.byKey(digest));
  }
  assert.equal((await some.ask(`DELETE ${route}/${id}`, { as })).status, 204);
  assert.equal(await some.organizers.identities.byKey(digest), null);
  assert.equal(await told.identities.byKey(digest), null);
  assert.ok(await deaf.identities.byKey(digest), "what it keeps is still good for it");
  some.clock.advance(3_000);
  assert.equal(await deaf.identities.byKey(digest), null);
});

test("a key opens nothing from its last moment on, also where it is kept", async (t) => {
  const some = await someCredentials(t);
  const expiresAt = some.clock.now() + 3_600_000;
  const { key } = await aKey(some, { expires_at: new Date(expiresAt).toISOString() });
  some.clock.advance(expiresAt - some.clock.now() - 2_000);
  const before = await some.ask("GET /door-pass", { token: key });
  assert.equal(before.status, 404);
  some.clock.advance(2_000);
  const after = await some.ask("GET /door-pass", { token: key });
  assert.deepEqual([after.status, after.body.code], [401, "not_authenticated"]);
});

test("a slip in a key is told from a key that opens nothing, and neither is repeated in the answer", async (t) => {
  const some = await someCredentials(t);
  const { key, id, as, route } = await aKey(some);
  const slip = `${key.slice(0, 20)}${key[20] === "a" ? "b" : "a"}${key.slice(21)}`;
  const mistyped = await some.ask("GET /door-pass", { token: slip });
  const cut = await some.ask("GET /door-pass", { token: key.slice(0, -1) });
  await some.ask(`DELETE ${route}/${id}`, { as });
  const revoked = await some.ask("GET /door-pass", { token: key });
  await sql`delete from organizers.api_key`.execute(some.database.kysely);
  const unknown = await some.ask("GET /door-pass", { token: key });
  for (const answer of [mistyped, cut, revoked, unknown]) {
    assert.deepEqual([answer.status, answer.body.code], [401, "not_authenticated"]);
    assert.ok(!answer.text.includes(key.slice(8, 18)));
  }
  assert.match(mistyped.body.detail, /slip/);
  assert.equal(cut.body.detail, mistyped.body.detail);
  assert.match(revoked.body.detail, /revoked/);
  assert.equal(unknown.body.detail, revoked.body.detail, "whether it was ever there is not told");
  assert.ok(!JSON.stringify(some.lines).includes(key.slice(8, 18)), "and no log has it");
});

test("many uses of a key are written down once, the latest of them, whoever writes first", async (t) => {
  const some = await someCredentials(t);
  const { key, as, route } = await aKey(some);
  const other = await some.another(createLocalBus());
  const lastUse = async () => (await some.ask(`GET ${route}`, { as })).body.data[0]?.last_used_at;
  const rowVersion = async () =>
    (
      await sql<{ xmin: string }>`select xmin::text from organizers.api_key`.execute(
        some.database.kysely,
      )
    ).rows[0]?.xmin;
  const untouched = await rowVersion();
  await other.identities.byKey(digestOfApiKey(key));
  some.clock.advance(5_000);
  for (let count = 0; count < 20; count++) await some.ask("GET /door-pass", { token: key });
  const at = some.clock.now();
  assert.deepEqual([await lastUse(), await rowVersion()], [null, untouched], "nothing yet");
  await some.organizers.noteKeyUses();
  const noted = Date.parse((await lastUse()) ?? "");
  assert.ok(Math.abs(at - noted) < 4_000, "the time of the last use");
  const version = await rowVersion();
  assert.notEqual(version, untouched);
  await some.organizers.noteKeyUses();
  await other.noteKeyUses();
  assert.equal(await rowVersion(), version, "an earlier use replaces no later one");
});

test("uses that could not be written down are written the next time", async (t) => {
  const some = await someCredentials(t);
  const { key, as, route } = await aKey(some);
  await some.ask("GET /door-pass", { token: key });
  const move = (from: string, to: string) =>
    sql`alter table organizers.${sql.raw(from)} rename to ${sql.raw(to)}`.execute(
      some.database.kysely,
    );
  await move("api_key", "elsewhere");
  await assert.rejects(some.organizers.noteKeyUses());
  await move("elsewhere", "api_key");
  await some.organizers.noteKeyUses();
  assert.ok((await some.ask(`GET ${route}`, { as })).body.data[0]?.last_used_at);
});

test("keys outlive a rotation of the server's secret key, and a repeat still tells the same key", async (t) => {
  const some = await someCredentials(t);
  const { key, id, last_four } = await aKey(some);

  const keyId = parseId("key", id);
  assert.ok(keyId);
  const fresh = Buffer.alloc(32, "fresh");
  assert.equal(createApiKeyMaker([fresh, SECRET_KEY]).keyAgain(keyId, last_four), key);
  assert.equal(createApiKeyMaker([fresh]).keyAgain(keyId, last_four), null);
  const rotated = await some.another(createLocalBus(), [fresh]);
  assert.ok(await rotated.identities.byKey(digestOfApiKey(key)));
});
