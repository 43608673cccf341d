import assert from "node:assert/strict";
import { before, test } from "node:test";
import { anEvent, aSharedCatalog, aSlot, forged } from "./testing.ts";

const setting = aSharedCatalog();
const { ask, open } = setting;

let event: { id: string; event_token: string; slotId: string };
before(async () => {
  const made = await open({
    slug: "night-2027",
    description: { en: "By torchlight.", cs: "Při pochodních." },
  });
  event = { id: made.id, event_token: made.event_token, slotId: made.slots[0]?.id ?? "" };
});

test("GET /v1/events/{id or slug} 200: by id and by slug, what is left included", async () => {
  const byId = await ask(`GET /events/${event.id}`);
  const bySlug = await ask("GET /events/night-2027");
  assert.equal(byId.status, 200);
  assert.deepEqual(bySlug.body, byId.body);
  assert.deepEqual([byId.body.slot_count, byId.body.slots[0]?.available], [1, 40]);
  assert.equal(byId.body.texts, undefined, "all languages are for managers");
  assert.equal(byId.body.event_token, undefined);
  const shouted = await ask("GET /events/NIGHT-2027");
  assert.equal(shouted.status, 200);
});

test("GET /v1/events/{id or slug} 200: each text in the reader's best language", async () => {
  const { headers, body } = await ask(`GET /events/${event.id}`, { language: "cs, en;q=0.5" });
  assert.deepEqual(
    [body.name, body.description, body.language, body.languages],
    ["Night at the museum", "Při pochodních.", "cs", ["en", "cs"]],
  );
  assert.equal(headers["content-language"], "cs");
  assert.equal(headers["vary"], "accept-language, authorization, cookie");
});

test("GET /v1/events/{id or slug} 200: hidden ticket types and all languages are shown to managers only", async () => {
  const { id, event_token: token } = await open({
    ticket_types: [{ name: "Open" }, { name: "Friends", hidden: true }],
  });
  const forAll = await ask(`GET /events/${id}`);
  const forManager = await ask(`GET /events/${id}`, { token });
  assert.equal(forAll.body.ticket_types.length, 1);
  assert.equal(forManager.body.ticket_types.length, 2);
  assert.deepEqual(forManager.body.texts.name, { en: "Night at the museum" });
  assert.equal(forManager.headers["cache-control"], "private, no-cache");
});

test("GET /v1/events/{id or slug} 200: at most a hundred slots, and how many there are", async () => {
  const { body } = await ask("POST /events", {
    body: anEvent({ slots: Array.from({ length: 150 }, () => aSlot()) }),
  });
  assert.deepEqual([body.slots.length, body.slot_count], [100, 150]);
});

test("GET /v1/events/{id or slug} 304: who has the answer already; another language is another answer", async () => {
  const { headers } = await ask(`GET /events/${event.id}`);
  const etag = headers["etag"] ?? "";
  const again = { headers: { "if-none-match": etag } };
  const unchanged = await ask(`GET /events/${event.id}`, again);
  assert.deepEqual([unchanged.status, unchanged.bytes.length], [304, 0]);
  const other = await ask(`GET /events/${event.id}`, { ...again, language: "cs" });
  assert.equal(other.status, 200);
  setting.sales.sell(event.slotId, 1);
  assert.equal((await ask(`GET /events/${event.id}`, again)).status, 200);
});

test("GET /v1/events/{id or slug} 400: an id that is malformed or of another kind", async () => {
  for (const id of [`slt_${event.id.slice(4)}`, "evt_123", `${event.id}0`, "xyz_a"]) {
    const { status, body } = await ask(`GET /events/${id}`);
    assert.deepEqual([status, body.code], [400, "malformed_id"], id);
  }
});

test("GET /v1/events/{id or slug} 401: a token that is forged or cut", async () => {
  for (const token of [forged(event.event_token), "x", event.event_token.slice(1)]) {
    const { status, headers } = await ask(`GET /events/${event.id}`, { token });
    assert.equal(status, 401);
    assert.match(headers["www-authenticate"] ?? "", /^Bearer/);
  }
});

test("GET /v1/events/{id or slug} 404: what is not there, and drafts to all but their managers", async () => {
  const draft = await open({ publish: false });
  for (const path of [
    "/events/evt_01h455vb4pex5vsknk084sn02q",
    "/events/nothing-here",
    "/events/%F0%9F%8E%89",
    `/events/${draft.id}`,
    `/events/${draft.slug}`,
  ]) {
    const { status, body } = await ask(`GET ${path}`);
    assert.deepEqual([status, body.code], [404, "not_found"], path);
  }
  const stranger = await ask(`GET /events/${draft.id}`, { token: event.event_token });
  assert.equal(stranger.status, 404);
  const manager = await ask(`GET /events/${draft.slug}`, { token: draft.event_token });
  assert.deepEqual([manager.status, manager.body.state], [200, "draft"]);
});
