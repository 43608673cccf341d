import assert from "node:assert/strict";
import { before, type TestContext, test } from "node:test";
import { sql } from "kysely";
import { parseId } from "#platform/id.ts";
import { type TestServer, testServer } from "#test/server.ts";

/** Every member that some answer has. */
interface Body {
  readonly code: string;
  readonly event_id: string;
  readonly keys: readonly { readonly public_key: string; readonly created_at: string }[];
}

let server: TestServer;
before(async (t) => {
  server = await testServer(t as TestContext);
});

async function anEvent(publish = true) {
  const slot = { starts_at: "2090-06-15T19:00", ends_at: "2090-06-15T19:30", capacity: 10 };
  const made = await server.client.events.create({ name: "Night", publish, slots: [slot] });
  return { id: made.id, slug: made.slug, token: made.event_token ?? "" };
}

async function ask(request: string, sent: { token?: string; body?: unknown; key?: string } = {}) {
  const [method = "GET", path = ""] = request.split(" ");
  const { token, body, key } = sent;
  const answer = await fetch(`${server.url}/v1${path}`, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(key !== undefined && { "idempotency-key": key }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Body };
}

test("the keys of a published event are for everybody, by id and by slug, and there before the first ticket", async () => {
  const event = await anEvent();
  const { status, body } = await ask(`GET /events/${event.id}/ticket-keys`);
  assert.equal(status, 200);
  const [key, ...others] = body.keys;
  assert.ok(key);
  assert.deepEqual([body.event_id, others], [event.id, []]);
  const { public_key, created_at, ...rest } = key;
  assert.deepEqual(rest, { number: 32_769, retired_at: null, revoked_at: null });
  assert.equal(Buffer.from(public_key, "base64url").length, 32);
  assert.ok(Date.parse(created_at) > 0);
  assert.deepEqual((await ask(`GET /events/${event.slug}/ticket-keys`)).body, body);
});

test("the keys of a draft are for whoever manages it", async () => {
  const draft = await anEvent(false);
  const path = `GET /events/${draft.id}/ticket-keys`;
  assert.equal((await ask(path)).status, 404);
  assert.equal((await ask(path, { token: draft.token })).status, 200);
  assert.equal((await ask(path, { token: "nonsense" })).status, 401);
  assert.equal((await ask("GET /events/slt_x/ticket-keys")).status, 400);
});

test("keys are rotated once under an Idempotency-Key, and it is noted who did it", async () => {
  const { id, token } = await anEvent();
  const path = `POST /events/${id}/ticket-keys/rotate`;
  const first = await ask(path, { token, key: "once" });
  const again = await ask(path, { token, key: "once" });
  assert.deepEqual([first.status, again.status], [200, 200]);
  assert.deepEqual(again.body, first.body);
  assert.equal(again.headers.get("idempotent-replayed"), "true");
  const { rows } = await sql<{ actor_kind: string; details: object }>`
    select actor_kind, details from organizers.audit_entry
     where action = 'rotateTicketKeys' and event_id = ${parseId("evt", id)}
  `.execute(server.app.database.kysely);
  assert.deepEqual(rows, [{ actor_kind: "event_token", details: { revoke: false } }]);
});

test("rotating is refused to whoever does not manage the event, and for what it does not know", async () => {
  const [event, other] = [await anEvent(), await anEvent()];
  const path = `POST /events/${event.id}/ticket-keys/rotate`;
  assert.equal((await ask(path)).status, 401);
  assert.equal((await ask(path, { token: other.token })).status, 404);
  const pass = await server.client.call("createDoorPass", {
    path: { id: event.id },
    body: { gate: "north", expires_at: "2026-12-31T00:00:00Z" },
    token: event.token,
  });
  assert.equal((await ask(path, { token: pass.data.token })).status, 403);
  assert.equal((await ask("POST /events/evt_x/ticket-keys/rotate", event)).status, 400);
  const { token } = event;
  assert.equal((await ask(path, { token, body: { revoke: "yes" } })).status, 422);
  assert.equal((await ask(path, { token, body: { revok: true } })).status, 422);
});

test("rotating is refused where no number is left", async () => {
  const { id, token } = await anEvent();
  await ask(`GET /events/${id}/ticket-keys`);
  await sql`
    update tickets.signing_key set number = 65535 where event_id = ${parseId("evt", id)}
  `.execute(server.app.database.kysely);
  const refused = await ask(`POST /events/${id}/ticket-keys/rotate`, { token });
  assert.deepEqual([refused.status, refused.body.code], [409, "too_many_credentials"]);
});
