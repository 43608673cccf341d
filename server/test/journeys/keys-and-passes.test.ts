import assert from "node:assert/strict";
import { before, type TestContext, test } from "node:test";
import { insertOrganizer } from "#modules/organizers/testing.ts";
import { TestClock } from "#platform/clock.ts";
import { formatId, type Id, parseId } from "#platform/id.ts";
import { createKeptMails } from "#platform/mail/mail-transport.ts";
import { type TestServer, testServer } from "#test/server.ts";

interface Answer {
  readonly status: number;
  readonly body: {
    readonly id: string;
    readonly code: string;
    readonly key: string;
    readonly token: string;
    readonly event_token?: string;
    readonly organizer_id: string | null;
    readonly state: string;
    readonly name: string;
    readonly event_id: string;
    readonly slots: readonly { readonly id: string }[];
  };
}

const mails = createKeptMails();
let server: TestServer;
let cookie: string;
let organizer: string;

before(async (t) => {
  server = await testServer(t as TestContext, {}, { mail: mails });
  cookie = await logIn();
  const me = await ask("GET /auth/me", { cookie });
  const owner = parseId("usr", me.body.id) as Id<"usr">;
  const { database } = server.app;
  organizer = formatId("org", await insertOrganizer(database, new TestClock(), { owner }));
  // Nobody told the server: it looks again by itself.
  await server.advance(3);
});

async function ask(
  request: string,
  headers: Record<string, string> = {},
  body?: object,
): Promise<Answer> {
  const [method = "GET", path = ""] = request.split(" ");
  const answer = await fetch(`${server.url}/v1${path}`, {
    method,
    headers: { ...headers, ...(body !== undefined && { "content-type": "application/json" }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: JSON.parse(text || "{}") };
}

async function logIn(): Promise<string> {
  const user = { user_name: "grace", email: "grace@example.org", password: "a long enough one" };
  assert.equal((await ask("POST /auth/register", {}, user)).status, 202);
  await server.app.outbox.deliver();
  const token = mails.sent[0]?.text.split("#")[1]?.trim() ?? "";
  assert.equal((await ask("POST /auth/verify-email", {}, { token })).status, 204);
  const login = await fetch(`${server.url}/v1/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ login: user.user_name, password: user.password }),
  });
  return login.headers.getSetCookie()[0]?.split(";")[0] ?? "";
}

async function aKey(...scopes: readonly string[]): Promise<{ authorization: string }> {
  const made = await ask(
    `POST /organizers/${organizer}/api-keys`,
    { cookie },
    { name: scopes.join(" "), scopes },
  );
  assert.equal(made.status, 201);
  return { authorization: `Bearer ${made.body.key}` };
}

const DRAFT = {
  name: "Night at the museum",
  time_zone: "Europe/Prague",
  slots: [{ starts_at: "2090-06-15T19:00", ends_at: "2090-06-15T19:30", capacity: 10 }],
};

test("a key opens what its scopes say: read reads, write edits and opens events, door and feed see no attendees", async () => {
  const [read, write, door, feed] = [
    await aKey("read"),
    await aKey("write"),
    await aKey("door"),
    await aKey("feed"),
  ];
  const made = await ask("POST /events", write, DRAFT);
  assert.deepEqual([made.status, made.body.organizer_id], [201, organizer]);
  assert.equal(made.body.event_token, undefined, "the organizer manages it, and no token");
  const event = `/events/${made.body.id}`;
  for (const key of [read, door, { cookie }]) {
    const draft = await ask(`GET ${event}`, key);
    assert.deepEqual([draft.status, draft.body.state], [200, "draft"]);
  }
  assert.equal((await ask(`GET ${event}`)).status, 404, "nobody else sees a draft");
  const renamed = await ask(`PATCH ${event}`, write, { name: "Night in the gallery" });
  assert.deepEqual([renamed.status, renamed.body.name], [200, "Night in the gallery"]);
  for (const key of [read, door, feed]) {
    const refused = await ask(`PATCH ${event}`, key, { name: "Mine" });
    assert.deepEqual([refused.status, refused.body.code], [403, "not_allowed"]);
    assert.equal((await ask("POST /events", key, DRAFT)).status, 403);
  }
  assert.equal((await ask(`GET ${event}/reservations`, read)).status, 200);
  for (const key of [door, feed, write]) {
    const refused = await ask(`GET ${event}/reservations`, key);
    assert.deepEqual([refused.status, refused.body.code], [403, "not_allowed"]);
  }
  const until = new Date(server.app.clock.now() + 3_600_000).toISOString();
  const pass = { gate: "North door", expires_at: until };
  assert.equal((await ask(`POST ${event}/door-passes`, write, pass)).status, 201);
  assert.equal((await ask(`POST ${event}/door-passes`, door, pass)).status, 403);
});

test("keys and passes have nothing to do with the events of others", async () => {
  const mine = await ask("POST /events", await aKey("write"), DRAFT);
  const theirs = await ask("POST /events", {}, DRAFT);
  const token = { authorization: `Bearer ${theirs.body.event_token}` };
  const pass = await ask(`POST /events/${theirs.body.id}/door-passes`, token, {
    gate: "South",
    expires_at: new Date(server.app.clock.now() + 3_600_000).toISOString(),
  });
  assert.equal(pass.status, 201, "an anonymous event has door passes by its token");
  const atTheDoor = { authorization: `Bearer ${pass.body.token}` };
  const opened = await ask("GET /door-pass", atTheDoor);
  assert.deepEqual([opened.status, opened.body.event_id], [200, theirs.body.id]);
  const everything = await aKey("read", "write", "door", "feed");
  for (const [id, who, status] of [
    [theirs.body.id, everything, 404],
    [mine.body.id, atTheDoor, 404],
    [mine.body.id, token, 404],
    [theirs.body.id, atTheDoor, 403],
  ] as const) {
    const change = await ask(`PATCH /events/${id}`, who, { name: "Mine" });
    assert.equal(change.status, status);
    assert.equal((await ask(`GET /events/${id}/reservations`, who)).status, status);
    assert.equal((await ask(`GET /events/${id}/door-passes`, who)).status, status);
  }
});

test("when keys were last used is written down by a task of every process", async () => {
  const key = await aKey("read");
  for (let count = 0; count < 3; count++) await ask("GET /door-pass", key);
  await server.app.tasks.get("organizers.note-key-uses")?.runNow();
  const list = await fetch(`${server.url}/v1/organizers/${organizer}/api-keys?limit=1`, {
    headers: { cookie },
  });
  const { data } = (await list.json()) as { data: readonly { last_used_at: string | null }[] };
  assert.ok(data[0]?.last_used_at);
});
