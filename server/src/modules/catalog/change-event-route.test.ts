import assert from "node:assert/strict";
import { test } from "node:test";
import { aSharedCatalog, aSlot, codes, fields, refusesStrangers } from "./testing.ts";

const setting = aSharedCatalog();
const { ask, open } = setting;

const change = (event: { id: string; event_token: string }, body: object, key?: string) =>
  ask(`PATCH /events/${event.id}`, {
    body,
    token: event.event_token,
    ...(key !== undefined && { key }),
  });

test("PATCH /v1/events/{id} 200: changes what is sent, keeps the rest, and is a new revision", async () => {
  const event = await open({
    description: "Old",
    location: { name: "Here", address: "Street 1" },
  });
  await ask(`GET /events/${event.id}`);
  const { status, body } = await change(event, {
    description: null,
    location: { name: "There" },
    tickets_per_reservation_max: 4,
    hold_seconds: 60,
  });
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual(
    [body.name, body.description, body.location, body.revision, body.hold_seconds],
    ["Night at the museum", null, { name: "There", address: null }, 2, 60],
  );
  assert.deepEqual(body.ticket_types[0]?.max_per_reservation, 4);
  const read = await ask(`GET /events/${event.id}`);
  assert.deepEqual([read.body.location?.name, read.body.revision], ["There", 2]);
  assert.deepEqual(
    [setting.sales.changes.at(-1)?.revision, setting.sales.changes.at(-1)?.pools],
    [2, []],
  );
});

test("PATCH /v1/events/{id} 200: what cancelling costs and offline payment change on sale, each by itself", async () => {
  const event = await open({ cancellation_free_hours: 48, offline_hold_hours: 72 });
  const rule = async (body: object) => {
    const { body: changed } = await change(event, body);
    return [
      changed.cancellation_free_hours,
      changed.cancellation_kept_percent,
      changed.offline_hold_hours,
    ];
  };
  assert.deepEqual(await rule({ cancellation_kept_percent: 0 }), [48, 0, 72]);
  assert.deepEqual(await rule({ cancellation_free_hours: 8760 }), [8760, 0, 72]);
  assert.deepEqual(await rule({ offline_hold_hours: null }), [8760, 0, null]);
  assert.deepEqual(await rule({ offline_hold_hours: 720 }), [8760, 0, 720]);
  assert.deepEqual(
    await rule({ cancellation_free_hours: 0, cancellation_kept_percent: 100 }),
    [0, 100, 720],
  );
  const read = await ask(`GET /events/${event.id}`);
  assert.deepEqual(
    [read.body.cancellation_kept_percent, read.body.offline_hold_hours],
    [100, 720],
    "everybody may know",
  );
});

test("PATCH /v1/events/{id} 200: when and how often the door lets in changes on sale, each by itself", async () => {
  const event = await open();
  const rule = async (body: object) => {
    const { body: changed } = await change(event, body);
    return [changed.re_entry, changed.entry_opens_minutes];
  };
  assert.deepEqual(await rule({ re_entry: true }), [true, 60]);
  assert.deepEqual(await rule({ entry_opens_minutes: 43_200 }), [true, 43_200]);
  assert.deepEqual(await rule({ re_entry: false }), [false, 43_200]);
  assert.deepEqual(await rule({ entry_opens_minutes: 0 }), [false, 0]);
  const read = await ask(`GET /events/${event.id}`);
  assert.deepEqual([read.body.re_entry, read.body.entry_opens_minutes], [false, 0]);
});

test("PATCH /v1/events/{id} 200: a string changes the default language, a map is the complete text", async () => {
  const event = await open({ name: { en: "Night", cs: "Noc", de: "Nacht" } });
  const one = await change(event, { name: "Evening" });
  assert.deepEqual(one.body.texts.name, { en: "Evening", cs: "Noc", de: "Nacht" });
  const all = await change(event, { name: { en: "Evening", fr: "Soir" } });
  assert.deepEqual(all.body.texts.name, { en: "Evening", fr: "Soir" });
});

test("PATCH /v1/events/{id} 200: the default language changes where every text has it", async () => {
  const event = await open({
    name: { en: "Night", cs: "Noc" },
    slots: [aSlot({ note: "north" })],
    ticket_types: [{ name: { en: "Adult", cs: "Dospělý" } }],
  });
  const refused = await change(event, { default_language: "cs" });
  assert.deepEqual(codes(refused), ["/default_language default_language_missing"]);
  assert.match(refused.body.errors[0]?.message ?? "", /a slot's note$/);
  const slot = { body: { note: { en: "north", cs: "sever" } }, token: event.event_token };
  await ask(`PATCH /slots/${event.slots[0]?.id}`, slot);
  const { body } = await change(event, { default_language: "cs" });
  assert.deepEqual([body.default_language, body.name], ["cs", "Noc"]);
});

test("PATCH /v1/events/{id} 200: the slots of a draft keep their wall times in another zone", async () => {
  const event = await open({ publish: false });
  const { body } = await change(event, { time_zone: "America/New_York", slug: "other-zone" });
  const [slot] = body.slots;
  assert.deepEqual(
    [slot?.starts_at_local, slot?.starts_at, body.first_slot_at, body.slug],
    ["2027-06-15T19:00:00", "2027-06-15T23:00:00Z", "2027-06-15T23:00:00Z", "other-zone"],
  );
  assert.equal((await ask(`GET /events/${event.slug}`, { token: event.event_token })).status, 404);
});

test("PATCH /v1/events/{id} 200: a repeat under the same key changes nothing more", async () => {
  const event = await open();
  const first = await change(event, { name: "Once" }, "change");
  await change(event, { name: "Twice" });
  const again = await change(event, { name: "Once" }, "change");
  assert.deepEqual(again.body, first.body);
  assert.equal((await ask(`GET /events/${event.id}`)).body.name, "Twice");
});

test("PATCH /v1/events/{id} 400, 401, 404: who does not manage the event", () =>
  refusesStrangers(setting, (id) => `PATCH /events/${id}`, { name: "Mine" }));

test("PATCH /v1/events/{id} 409: what is fixed once published", async () => {
  const event = await open();
  const refused = await change(event, { slug: "new", time_zone: "UTC", currency: "CZK" });
  assert.deepEqual([refused.status, refused.body.code], [409, "change_not_possible"]);
  assert.deepEqual(fields(refused), [
    "/slug fixed_once_published",
    "/time_zone fixed_once_published",
    "/currency fixed_once_published",
  ]);
  const same = await change(event, { slug: event.slug, time_zone: "europe/prague" });
  assert.equal(same.status, 200, "what stays as it is may be sent");
});

test("PATCH /v1/events/{id} 409: the currency of a draft with prices", async () => {
  const ticket_types = [{ name: "Adult", price: { amount_minor: 1, currency: "EUR" } }];
  const refused = await change(await open({ publish: false, ticket_types }), { currency: "CZK" });
  assert.deepEqual(fields(refused), ["/currency has_prices"]);
  const free = await change(await open({ publish: false }), { currency: "CZK" });
  assert.equal(free.body.ticket_types[0]?.price.currency, "CZK");
});

test("PATCH /v1/events/{id} 409: another event's slug, and a cancelled event", async () => {
  const event = await open({ publish: false });
  const taken = await change(event, { slug: (await open()).slug });
  assert.deepEqual([taken.status, taken.body.code], [409, "slug_taken"]);
  await ask(`POST /events/${event.id}/cancel`, { token: event.event_token });
  const late = await change(event, { name: "Late" });
  assert.deepEqual([late.status, late.body.code], [409, "event_cancelled"]);
});

test("PATCH /v1/events/{id} 409: of two events that take a slug at once, one gets it", async () => {
  const events = await Promise.all([open({ publish: false }), open({ publish: false })]);
  const answers = await Promise.all(events.map((event) => change(event, { slug: "wanted" })));
  const statuses = answers.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [200, 409]);
});

test("PATCH /v1/events/{id} 422: what is wrong, also with what stays", async () => {
  const event = await open({ publish: false });
  for (const [body, code] of [
    [{ hold_seconds: 1801 }, "/hold_seconds too_large"],
    [{ hold_life_max_seconds: 899 }, "/hold_life_max_seconds too_small"],
    [{ cancellation_free_hours: 8_761 }, "/cancellation_free_hours too_large"],
    [{ cancellation_free_hours: null }, "/cancellation_free_hours wrong_type"],
    [{ cancellation_kept_percent: 101 }, "/cancellation_kept_percent too_large"],
    [{ cancellation_kept_percent: null }, "/cancellation_kept_percent wrong_type"],
    [{ offline_hold_hours: 0 }, "/offline_hold_hours too_small"],
    [{ re_entry: 1 }, "/re_entry wrong_type"],
    [{ entry_opens_minutes: 43_201 }, "/entry_opens_minutes too_large"],
    [{ entry_opens_minutes: null }, "/entry_opens_minutes wrong_type"],
    [{ time_zone: "Mars" }, "/time_zone unknown_time_zone"],
    [{ name: { cs: "Noc" } }, "/name default_language_missing"],
    [{ name: null }, "/name wrong_type"],
    [{ slots: [] }, "/slots unknown_field"],
    [{}, " too_few"],
  ] as const) {
    const refused = await change(event, body);
    assert.deepEqual([refused.status, codes(refused)], [422, [code]]);
  }
  const gap = await open({
    publish: false,
    slots: [aSlot({ starts_at: "2027-03-14T02:30", ends_at: "2027-03-14T05:00" })],
  });
  const moved = await change(gap, { time_zone: "America/New_York" });
  assert.deepEqual(codes(moved), ["/time_zone wall_time_does_not_exist"]);
});

test("PATCH /v1/events/{id} 200: edits of one event at once come one after the other", async () => {
  const event = await open();
  const token = event.event_token;
  const names = Array.from({ length: 10 }, (_, index) => `Type ${index}`);
  const added = await Promise.all(
    names.map((name) => ask(`POST /events/${event.id}/ticket-types`, { body: { name }, token })),
  );
  assert.ok(added.every(({ status }) => status === 201));
  const { body } = await ask(`GET /events/${event.id}`);
  assert.deepEqual([body.revision, body.ticket_types.length], [11, 11]);
  const revisions = setting.sales.changes.slice(-10).map(({ revision }) => revision);
  assert.deepEqual(new Set(revisions).size, 10);
});
