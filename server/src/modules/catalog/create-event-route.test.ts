import assert from "node:assert/strict";
import { test } from "node:test";
import { aCatalog, anEvent, aSharedCatalog, aSlot } from "./testing.ts";

const FULL = {
  name: "Night at the museum",
  slug: "night-2027",
  description: { en: "By torchlight.", cs: "Při pochodních." },
  location: { name: "National Museum", address: "Václavské náměstí 68" },
  time_zone: "Europe/Prague",
  currency: "EUR",
  default_language: "en",
  hold_seconds: 900,
  hold_life_max_seconds: 1800,
  tickets_per_reservation_max: 10,
  cancellation_free_hours: 48,
  cancellation_kept_percent: 50,
  offline_hold_hours: 72,
  re_entry: true,
  entry_opens_minutes: 90,
  publish: true,
  slots: [aSlot({ note: "north door" })],
  ticket_types: [
    {
      name: "Adult",
      price: { amount_minor: 1200, currency: "EUR" },
      capacity: 100,
      capacity_per_slot: 30,
      min_per_reservation: 1,
      max_per_reservation: 6,
      sales_start_at: null,
      sales_end_at: null,
      admits: 1,
      gates: ["North door", 'Östra "2"'],
      hidden: false,
    },
  ],
};

const setting = aSharedCatalog();
const { ask, open } = setting;

test("POST /v1/events 201: answers the whole event with its token, and tells who sells", async () => {
  const { status, headers, body } = await ask("POST /events", { body: FULL });
  assert.equal(status, 201, JSON.stringify(body));
  assert.equal(headers["location"], `https://tickets.example.org/v1/events/${body.id}`);
  assert.equal(headers["cache-control"], "no-store");
  assert.match(body.event_token, /^[\w-]{43}$/);
  assert.equal(body.url, "https://tickets.example.org/e/night-2027");
  assert.deepEqual(
    [body.state, body.name, body.description, body.location, body.revision],
    [
      "published",
      "Night at the museum",
      "By torchlight.",
      { name: "National Museum", address: "Václavské náměstí 68" },
      1,
    ],
  );
  assert.deepEqual(
    [body.cancellation_free_hours, body.cancellation_kept_percent, body.offline_hold_hours],
    [48, 50, 72],
  );
  assert.deepEqual([body.re_entry, body.entry_opens_minutes], [true, 90]);
  const [slot] = body.slots;
  assert.deepEqual(slot, {
    id: slot?.id,
    starts_at: "2027-06-15T17:00:00Z",
    ends_at: "2027-06-15T17:30:00Z",
    starts_at_local: "2027-06-15T19:00:00",
    ends_at_local: "2027-06-15T19:30:00",
    capacity: 40,
    available: 40,
    note: "north door",
    texts: { note: { en: "north door" } },
  });
  const [type] = body.ticket_types;
  assert.deepEqual(type, {
    id: type?.id,
    description: null,
    ...FULL.ticket_types[0],
    texts: { name: { en: "Adult" }, description: null },
  });
  const [change] = setting.sales.changes;
  assert.equal(change?.state, "published");
  assert.deepEqual(
    change?.pools.map(({ capacity }) => capacity),
    [40, 100, 30],
  );
  assert.deepEqual(setting.sales.committed, [[change?.eventId, "published"]]);
});

test("POST /v1/events 201: only a name and slots are needed; there is one free ticket type", async () => {
  const { status, body } = await ask("POST /events", { body: { name: "Draft", slots: [] } });
  assert.equal(status, 201);
  assert.deepEqual(
    [body.state, body.time_zone, body.currency, body.default_language, body.slot_count],
    ["draft", "UTC", "EUR", "en", 0],
  );
  assert.deepEqual(
    [body.hold_seconds, body.hold_life_max_seconds, body.tickets_per_reservation_max],
    [900, 1800, 10],
  );
  assert.deepEqual(
    [body.cancellation_free_hours, body.cancellation_kept_percent, body.offline_hold_hours],
    [0, 100, null],
  );
  assert.deepEqual([body.re_entry, body.entry_opens_minutes], [false, 60]);
  const [type, ...others] = body.ticket_types;
  assert.deepEqual(
    [type?.name, type?.price, type?.max_per_reservation, type?.gates],
    ["Ticket", { amount_minor: 0, currency: "EUR" }, 10, null],
  );
  assert.deepEqual(others, []);
});

test("POST /v1/events 201: a time with an offset is the instant it says", async () => {
  const { slots } = await open({
    slots: [aSlot({ starts_at: "2027-10-31T02:30+01:00", ends_at: "2027-10-31T02:00:00Z" })],
  });
  assert.deepEqual(
    [slots[0]?.starts_at, slots[0]?.starts_at_local, slots[0]?.ends_at_local],
    ["2027-10-31T01:30:00Z", "2027-10-31T02:30:00", "2027-10-31T03:00:00"],
  );
});

test("POST /v1/events 201: without a currency that of the prices is the event's", async () => {
  const { currency: _, ...free } = anEvent();
  const ticket_types = [{ name: "Adult", price: { amount_minor: 500, currency: "CZK" } }];
  const { body } = await ask("POST /events", { body: { ...free, ticket_types } });
  assert.equal(body.currency, "CZK");
});

test("POST /v1/events 201: without a default language a name that is not in English says it", async () => {
  const { default_language, name } = await open({ name: { de: "Nacht", cs: "Noc" } });
  assert.deepEqual([default_language, name], ["de", "Nacht"]);
});

test("POST /v1/events 201: a slug is made from the name, and made unique", async () => {
  const slugs = [];
  for (let count = 1; count <= 11; count++) {
    slugs.push((await open({ name: "Čokoláda & spol.", slots: [aSlot()] })).slug);
  }
  assert.deepEqual(slugs.slice(0, 3), ["cokolada-spol", "cokolada-spol-2", "cokolada-spol-3"]);
  assert.equal(new Set(slugs).size, 11);
});

test("POST /v1/events 201: the same key is answered once, with the token again", async () => {
  const sent = { body: anEvent({ name: "Once" }), key: "once" };
  const first = await ask("POST /events", sent);
  const second = await ask("POST /events", sent);
  assert.deepEqual([first.status, second.status], [201, 201]);
  assert.deepEqual(second.body, first.body);
  assert.equal(second.headers["idempotent-replayed"], "true");
  assert.equal(second.headers["location"], first.headers["location"]);
  const other = await ask("POST /events", { ...sent, body: anEvent({ name: "Other" }) });
  assert.deepEqual([other.status, other.body.code], [422, "idempotency_key_reused"]);
});

test("POST /v1/events 400: what is not JSON", async () => {
  const { status, body } = await ask("POST /events", {
    headers: { "content-type": "application/json" },
    body: undefined,
  });
  assert.deepEqual([status, body.code], [422, "invalid_field"]);
  const keyed = await ask("POST /events", { body: anEvent(), key: "é" });
  assert.deepEqual([keyed.status, keyed.body.code], [400, "malformed_request"]);
});

test("POST /v1/events 409: a slug that is another event's", async () => {
  await open({ slug: "mine" });
  const { status, body } = await ask("POST /events", { body: anEvent({ slug: "mine" }) });
  assert.deepEqual([status, body.code], [409, "slug_taken"]);
  assert.equal(body.reasons[0]?.["slug"], "mine");
});

test("POST /v1/events 409: more pools than an event may have", async () => {
  const slots = Array.from({ length: 600 }, () => aSlot());
  const ticket_types = Array.from({ length: 90 }, () => ({ name: "T", capacity_per_slot: 1 }));
  const { status, body } = await ask("POST /events", { body: anEvent({ slots, ticket_types }) });
  assert.deepEqual([status, body.code], [409, "event_too_large"]);
});

test("POST /v1/events 422: all that is wrong is told at once, and nothing is stored", async () => {
  const { status, body } = await ask("POST /events", {
    body: anEvent({
      slug: "Wrong Slug",
      time_zone: "Europe/Atlantis",
      currency: "XXY",
      slots: [aSlot({ starts_at: "yesterday" })],
      ticket_types: [{ name: "A", price: { amount_minor: 1, currency: "EUR" } }],
    }),
  });
  assert.deepEqual([status, body.code], [422, "invalid_field"]);
  assert.deepEqual(
    body.errors.map(({ path, code }) => `${path} ${code}`),
    [
      "/slug bad_format",
      "/time_zone unknown_time_zone",
      "/currency unknown_currency",
      "/slots/0/starts_at bad_format",
      "/ticket_types/0/price/currency other_currency",
    ],
  );
});

test("POST /v1/events 403: where events need an organizer", async (t) => {
  const { ask } = await aCatalog(t, { anonymousEvents: false });
  const { status, body } = await ask("POST /events", { body: anEvent() });
  assert.deepEqual([status, body.code], [403, "anonymous_events_off"]);
});
