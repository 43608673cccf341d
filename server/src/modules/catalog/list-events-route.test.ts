import assert from "node:assert/strict";
import { before, test } from "node:test";
import { aSharedCatalog, aSlot } from "./testing.ts";

const setting = aSharedCatalog();
const { ask, open } = setting;

before(async () => {
  const at = (day: string) => [aSlot({ starts_at: `${day}T19:00`, ends_at: `${day}T20:00` })];
  await open({ name: { en: "May", cs: "Máj v Žižkově" }, slots: at("2027-05-01") });
  await open({ name: "July", slots: at("2027-07-01"), location: { name: "Žižkov" } });
  await open({ name: "June", slots: [...at("2027-06-01"), ...at("2027-08-01")] });
  await open({ name: "Draft", publish: false, slots: at("2027-06-02") });
  const gone = await open({ name: "Gone", slots: at("2027-06-03") });
  await ask(`POST /events/${gone.id}/cancel`, { token: gone.event_token });
});

const names = async (query: string) => {
  const { status, body } = await ask(`GET /events?${query}`);
  assert.equal(status, 200, JSON.stringify(body));
  return body.data.map(({ name }) => name);
};

test("GET /v1/events 200: published events by their first slot, without drafts and cancelled ones", async () => {
  assert.deepEqual(await names(""), ["May", "June", "July"]);
});

test("GET /v1/events 200: page by page, each event once", async () => {
  const first = await ask("GET /events?limit=2");
  const second = await ask(`GET /events?limit=2&cursor=${first.body.next_cursor}`);
  const shown = [...first.body.data, ...second.body.data].map(({ name }) => name);
  assert.deepEqual([shown, second.body.next_cursor], [["May", "June", "July"], null]);
});

test("GET /v1/events 200: those with a slot in a time", async () => {
  assert.deepEqual(await names("from=2027-06-15"), ["June", "July"]);
  assert.deepEqual(await names("to=2027-06-15T00:00:00Z"), ["May", "June"]);
  assert.deepEqual(await names("from=2027-06-15&to=2027-07-15"), ["July"]);
});

test("GET /v1/events 200: those with words in name or location, in any language, without accents", async () => {
  assert.deepEqual(await names("q=zizkove"), ["May"]);
  assert.deepEqual(await names("q=ziz"), ["May", "July"]);
  assert.deepEqual(await names("q=M%C3%81J%20zizkove"), ["May"]);
  assert.deepEqual(await names("q=%25"), [], "a sign of patterns is a sign");
});

test("GET /v1/events 200: in the reader's language", async () => {
  const { headers, body } = await ask("GET /events?limit=1", { language: "cs-CZ" });
  assert.equal(body.data[0]?.name, "Máj v Žižkově");
  assert.equal(headers["vary"], "accept-language");
});

test("GET /v1/events 422: what is no time, limit or cursor", async () => {
  for (const query of [
    "from=soon",
    "from=2027-07-01&to=2027-06-01",
    "limit=0",
    "limit=101",
    "limit=ten",
    "cursor=abc",
    `cursor=${Buffer.from('{"at":1,"id":"x"}').toString("base64url")}`,
    `cursor=${Buffer.from('{"at":1e300,"id":"00000000-0000-0000-0000-000000000000"}').toString("base64url")}`,
    "q=",
  ]) {
    const { status, body } = await ask(`GET /events?${query}`);
    assert.deepEqual([status, body.code], [422, "invalid_field"], query);
  }
});

test("GET /v1/events 200: an edit is in the next answer, however lately the last one was made", async () => {
  const slots = [aSlot({ starts_at: "2027-04-01T19:00", ends_at: "2027-04-01T20:00" })];
  await names("limit=1");
  const { id, event_token: token } = await open({ name: "April", slots });
  assert.deepEqual(await names("limit=1"), ["April"]);
  await ask(`PATCH /events/${id}`, { token, body: { name: "First of April" } });
  assert.deepEqual(await names("limit=1"), ["First of April"]);
  await ask(`POST /events/${id}/cancel`, { token });
  assert.deepEqual(await names("limit=1"), ["May"]);
});
