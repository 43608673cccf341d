import assert from "node:assert/strict";
import { test } from "node:test";
import { aSharedCatalog, refusesStrangers } from "./testing.ts";

const setting = aSharedCatalog();
const { ask, open } = setting;

test("POST /v1/events/{id}/publish 200: a draft is for sale and seen by all; once more changes nothing", async () => {
  const { id, event_token: token } = await open({ publish: false });
  const first = await ask(`POST /events/${id}/publish`, { token });
  assert.deepEqual([first.status, first.body.state, first.body.revision], [200, "published", 2]);
  assert.ok(first.body.published_at);
  const again = await ask(`POST /events/${id}/publish`, { token });
  assert.deepEqual([again.status, again.body.revision], [200, 2]);
  assert.equal((await ask(`GET /events/${id}`)).status, 200);
  assert.equal(setting.sales.changes.filter(({ state }) => state === "published").length, 1);
});

test("POST /v1/events/{id}/publish 400, 401, 404: who does not manage the event", () =>
  refusesStrangers(setting, (id) => `POST /events/${id}/publish`));

test("POST /v1/events/{id}/publish 409: an event with nothing to sell, and a cancelled one", async () => {
  const event = await open({ publish: false, slots: [], ticket_types: [] });
  const { id, event_token: token } = event;
  const empty = await ask(`POST /events/${id}/publish`, { token });
  assert.deepEqual([empty.status, empty.body.code], [409, "event_incomplete"]);
  assert.deepEqual(
    empty.body.reasons.map(({ code }) => code),
    ["no_slot", "no_ticket_type"],
  );
  await ask(`POST /events/${id}/cancel`, { token });
  const late = await ask(`POST /events/${id}/publish`, { token });
  assert.deepEqual([late.status, late.body.code], [409, "event_cancelled"]);
});

test("POST /v1/events/{id}/cancel 200: is over for good, whoever sells is told; once more changes nothing", async () => {
  const { id, event_token: token } = await open();
  const first = await ask(`POST /events/${id}/cancel`, { token });
  assert.deepEqual(
    [first.status, first.body.state, first.body.slots[0]?.available],
    [200, "cancelled", 0],
  );
  const again = await ask(`POST /events/${id}/cancel`, { token });
  assert.deepEqual([again.status, again.body], [200, first.body]);
  assert.deepEqual(setting.sales.changes.at(-1)?.state, "cancelled");
  assert.deepEqual(
    setting.sales.committed.slice(-2).map(([, state]) => state),
    ["cancelled", "cancelled"],
  );
  assert.equal((await ask(`GET /events/${id}`)).body.state, "cancelled");
});

test("POST /v1/events/{id}/cancel 400, 401, 404: who does not manage the event", () =>
  refusesStrangers(setting, (id) => `POST /events/${id}/cancel`));
