import assert from "node:assert/strict";
import { test } from "node:test";
import { aSharedCatalog, aSlot, codes, fields, refusesStrangers } from "./testing.ts";

const setting = aSharedCatalog();
const { ask, open } = setting;

/** An event with the ids of its only slot and its first ticket type. */
async function anOpenEvent(more: object = {}) {
  const event = await open(more);
  const [slot, type] = [event.slots[0]?.id ?? "", event.ticket_types[0]?.id ?? ""];
  return { ...event, slot, type, token: event.event_token };
}

const limited = { ticket_types: [{ name: "Adult", capacity: 10, capacity_per_slot: 5 }] };

test("POST /v1/events/{id}/ticket-types 201: comes after the others, with its pools", async () => {
  const { id, token } = await anOpenEvent({ slots: [aSlot(), aSlot()] });
  const sent = {
    name: { en: "Child", cs: "Dítě" },
    description: "Up to 14",
    price: { amount_minor: 500, currency: "EUR" },
    capacity: 20,
    capacity_per_slot: 5,
    min_per_reservation: 2,
    max_per_reservation: 4,
    sales_start_at: "2027-05-01T10:00",
    sales_end_at: "2027-06-01T00:00:00Z",
    admits: 2,
    gates: ["North", "South"],
    hidden: true,
  };
  const { status, body } = await ask(`POST /events/${id}/ticket-types`, { body: sent, token });
  assert.equal(status, 201, JSON.stringify(body));
  const { texts: _, ...shown } = body;
  assert.deepEqual(shown, {
    ...sent,
    id: body.id,
    name: "Child",
    sales_start_at: "2027-05-01T08:00:00Z",
    sales_end_at: "2027-06-01T00:00:00Z",
  });
  assert.deepEqual(
    setting.sales.changes.at(-1)?.pools.map(({ capacity }) => capacity),
    [20, 5, 5],
  );
  const read = await ask(`GET /events/${id}`, { token });
  assert.deepEqual(
    read.body.ticket_types.map(({ name }) => name),
    ["Ticket", "Child"],
  );
});

test("POST /v1/events/{id}/ticket-types 400, 401, 404: who does not manage the event", () =>
  refusesStrangers(setting, (id) => `POST /events/${id}/ticket-types`, { name: "Mine" }));

test("POST /v1/events/{id}/ticket-types 409: a hundred are enough, and a cancelled event", async () => {
  const types = Array.from({ length: 100 }, (_, index) => ({ name: `Type ${index}` }));
  const { id, token } = await anOpenEvent({ ticket_types: types });
  const many = await ask(`POST /events/${id}/ticket-types`, { body: { name: "101" }, token });
  assert.deepEqual([many.status, many.body.code], [409, "event_too_large"]);
  await ask(`POST /events/${id}/cancel`, { token });
  const late = await ask(`POST /events/${id}/ticket-types`, { body: { name: "Late" }, token });
  assert.deepEqual([late.status, late.body.code], [409, "event_cancelled"]);
});

const WRONG: readonly (readonly [more: object, errors: readonly string[]])[] = [
  [{ name: "" }, ["/name too_short", "/name bad_format"]],
  [{ name: "   " }, ["/name bad_format"]],
  [{ name: "\u200b\u2060" }, ["/name bad_format"]],
  [{ name: "two\nlines" }, ["/name bad_format"]],
  [{ name: "x".repeat(201) }, ["/name too_long"]],
  [{ name: {} }, ["/name too_few"]],
  [{ name: { en: "A", EN: "B" } }, ["/name/EN not_unique"]],
  [{ name: { en: "" } }, ["/name/en too_short", "/name/en bad_format"]],
  [{ name: ["A"] }, ["/name wrong_type"]],
  [{ price: 12 }, ["/price wrong_type"]],
  [{ price: { amount_minor: 12.5, currency: "EUR" } }, ["/price/amount_minor wrong_type"]],
  [{ price: { amount_minor: "12", currency: "EUR" } }, ["/price/amount_minor wrong_type"]],
  [{ price: { amount_minor: -1, currency: "EUR" } }, ["/price/amount_minor too_small"]],
  [{ price: { amount_minor: 1e9 + 1, currency: "EUR" } }, ["/price/amount_minor too_large"]],
  [{ price: { amount_minor: 2 ** 53, currency: "EUR" } }, ["/price/amount_minor too_large"]],
  [{ price: { amount_minor: 1, currency: "CZK" } }, ["/price/currency other_currency"]],
  [{ price: { amount_minor: 1, currency: "eur" } }, ["/price/currency bad_format"]],
  [{ price: { amount_minor: 1 } }, ["/price/currency required"]],
  [{ capacity: -1 }, ["/capacity too_small"]],
  [{ capacity: 100_000_001 }, ["/capacity too_large"]],
  [{ capacity_per_slot: 1_000_001 }, ["/capacity_per_slot too_large"]],
  [{ min_per_reservation: 0 }, ["/min_per_reservation too_small"]],
  [{ min_per_reservation: 11 }, ["/min_per_reservation too_large"]],
  [{ min_per_reservation: 3, max_per_reservation: 2 }, ["/min_per_reservation too_large"]],
  [{ max_per_reservation: 0 }, ["/max_per_reservation too_small"]],
  [{ admits: 0 }, ["/admits too_small"]],
  [{ gates: [] }, ["/gates too_few"]],
  [{ gates: Array.from({ length: 21 }, (_, index) => `Gate ${index}`) }, ["/gates too_many"]],
  [{ gates: "North" }, ["/gates wrong_type"]],
  [{ gates: [1] }, ["/gates/0 wrong_type"]],
  [{ gates: [""] }, ["/gates/0 too_short", "/gates/0 bad_format"]],
  [{ gates: ["North", " "] }, ["/gates/1 bad_format"]],
  [{ gates: ["North\nSouth"] }, ["/gates/0 bad_format"]],
  [{ gates: ["a\u0007b"] }, ["/gates/0 not_text"]],
  [{ gates: ["x".repeat(101)] }, ["/gates/0 too_long"]],
  [{ gates: ["North", "North"] }, ["/gates not_unique"]],
  [{ gates: ["North", " North "] }, ["/gates not_unique"]],
  [{ gates: ["Caf\u00e9", "Cafe\u0301"] }, ["/gates not_unique"]],
  [{ hidden: "yes" }, ["/hidden wrong_type"]],
  [{ sales_start_at: "soon" }, ["/sales_start_at bad_format"]],
  [{ sales_start_at: "2027-03-28T02:30" }, ["/sales_start_at wall_time_does_not_exist"]],
  [
    { sales_start_at: "2027-06-01T10:00", sales_end_at: "2027-06-01T10:00" },
    ["/sales_end_at ends_before_start"],
  ],
  [{ colour: "red" }, ["/colour unknown_field"]],
];

for (const [more, errors] of WRONG) {
  test(`POST /v1/events/{id}/ticket-types 422: ${JSON.stringify(more).slice(0, 60)} is ${errors.join()}`, async () => {
    const { id, token } = await anOpenEvent();
    const body = { name: "Adult", ...more };
    const refused = await ask(`POST /events/${id}/ticket-types`, { body, token });
    assert.deepEqual([refused.status, codes(refused)], [422, errors]);
  });
}

test("PATCH /v1/ticket-types/{id} 200: changes what is sent; null takes a limit back", async () => {
  const { type, token } = await anOpenEvent({
    ticket_types: [
      { name: "Adult", max_per_reservation: 2, sales_end_at: "2027-06-01T10:00", description: "x" },
    ],
  });
  const { status, body } = await ask(`PATCH /ticket-types/${type}`, {
    token,
    body: {
      price: { amount_minor: 900, currency: "EUR" },
      max_per_reservation: null,
      sales_end_at: null,
      description: null,
    },
  });
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual(
    [body.name, body.price.amount_minor, body.max_per_reservation, body.sales_end_at],
    ["Adult", 900, 10, null],
  );
  assert.equal(body.description, null);
});

test("PATCH /v1/ticket-types/{id} 200: gates are trimmed and kept in their order; null is any gate", async () => {
  const { id, type, token } = await anOpenEvent({ ticket_types: [{ name: "A", gates: ["West"] }] });
  const gates = async (sent: object) =>
    (await ask(`PATCH /ticket-types/${type}`, { token, body: sent })).body.gates;
  assert.deepEqual(await gates({ gates: [" South ", 'N "1", {a}', "Cafe\u0301"] }), [
    "South",
    'N "1", {a}',
    "Caf\u00e9",
  ]);
  assert.equal((await gates({ admits: 2 }))?.length, 3, "what is left out stays");
  const read = await ask(`GET /events/${id}`);
  assert.equal(read.body.ticket_types[0]?.gates?.length, 3, "everybody may know");
  assert.equal(await gates({ gates: null }), null);
});

test("PATCH /v1/ticket-types/{id} 200: capacities go up and down, and only what changed is told", async () => {
  const { type, token } = await anOpenEvent({ ...limited, slots: [aSlot(), aSlot()] });
  await ask(`PATCH /ticket-types/${type}`, { token, body: { capacity: 8 } });
  assert.deepEqual(
    setting.sales.changes.at(-1)?.pools.map(({ capacity }) => capacity),
    [8],
  );
  await ask(`PATCH /ticket-types/${type}`, { token, body: { capacity_per_slot: 6 } });
  assert.deepEqual(
    setting.sales.changes.at(-1)?.pools.map(({ capacity }) => capacity),
    [6, 6],
  );
});

test("PATCH /v1/ticket-types/{id} 200: in a draft capacities come and go", async () => {
  const { type, token } = await anOpenEvent({ publish: false, ...limited });
  await ask(`PATCH /ticket-types/${type}`, { token, body: { capacity: null } });
  assert.equal(setting.sales.changes.at(-1)?.closed.length, 1);
  await ask(`PATCH /ticket-types/${type}`, { token, body: { capacity_per_slot: null } });
  assert.equal(setting.sales.changes.at(-1)?.closed.length, 1);
  const { status } = await ask(`PATCH /ticket-types/${type}`, { token, body: { capacity: 4 } });
  assert.equal(status, 200);
  assert.deepEqual(
    setting.sales.changes.at(-1)?.pools.map(({ capacity }) => capacity),
    [4],
  );
});

test("PATCH /v1/ticket-types/{id} 409: capacities that come or go once published", async () => {
  const { type, token } = await anOpenEvent({ ticket_types: [{ name: "A", capacity: 5 }] });
  const body = { capacity: null, capacity_per_slot: 3 };
  const refused = await ask(`PATCH /ticket-types/${type}`, { token, body });
  assert.deepEqual([refused.status, refused.body.code], [409, "change_not_possible"]);
  assert.deepEqual(fields(refused), [
    "/capacity fixed_once_published",
    "/capacity_per_slot fixed_once_published",
  ]);
});

test("PATCH /v1/ticket-types/{id} 409: a capacity below what is sold, and a cancelled event", async () => {
  const { id, type, token } = await anOpenEvent(limited);
  setting.sales.sell(type, 4);
  const refused = await ask(`PATCH /ticket-types/${type}`, { token, body: { capacity: 3 } });
  assert.deepEqual([refused.status, refused.body.code], [409, "capacity_below_sold"]);
  assert.deepEqual(refused.body.reasons[0]?.["ticket_type_id"], type);
  await ask(`POST /events/${id}/cancel`, { token });
  const late = await ask(`PATCH /ticket-types/${type}`, { token, body: { capacity: 50 } });
  assert.deepEqual([late.status, late.body.code], [409, "event_cancelled"]);
});

test("PATCH /v1/ticket-types/{id} 422: what is wrong, also with what stays", async () => {
  const { type, token } = await anOpenEvent({
    ticket_types: [{ name: "A", max_per_reservation: 2, sales_start_at: "2027-06-01T10:00" }],
  });
  for (const [body, code] of [
    [{}, " too_few"],
    [{ name: null }, "/name wrong_type"],
    [{ min_per_reservation: 3 }, "/min_per_reservation too_large"],
    [{ sales_end_at: "2027-05-01T10:00" }, "/sales_end_at ends_before_start"],
    [{ price: null }, "/price wrong_type"],
  ] as const) {
    const refused = await ask(`PATCH /ticket-types/${type}`, { token, body });
    assert.deepEqual([refused.status, codes(refused)], [422, [code]]);
  }
});

test("DELETE /v1/ticket-types/{id} 204: is off sale; what is sold of it does not stand in the way", async () => {
  const event = await anOpenEvent({ ticket_types: [...limited.ticket_types, { name: "Other" }] });
  setting.sales.sell(event.type, 1);
  const { status, bytes } = await ask(`DELETE /ticket-types/${event.type}`, event);
  assert.deepEqual([status, bytes.length], [204, 0]);
  assert.deepEqual(setting.sales.changes.at(-1)?.closed, []);
  const read = await ask(`GET /events/${event.id}`);
  assert.deepEqual(
    read.body.ticket_types.map(({ name }) => name),
    ["Other"],
  );
  assert.equal((await ask(`DELETE /ticket-types/${event.type}`, event)).status, 404);
});

test("DELETE /v1/ticket-types/{id} 204: of a draft its pools go, too", async () => {
  const event = await anOpenEvent({ publish: false, ...limited });
  assert.equal((await ask(`DELETE /ticket-types/${event.type}`, event)).status, 204);
  assert.equal(setting.sales.changes.at(-1)?.closed.length, 2);
});

test("DELETE /v1/ticket-types/{id} 409: the last of a published event, and of a cancelled one", async () => {
  const event = await anOpenEvent();
  const last = await ask(`DELETE /ticket-types/${event.type}`, event);
  assert.deepEqual([last.status, last.body.code], [409, "event_incomplete"]);
  await ask(`POST /events/${event.id}/cancel`, event);
  const late = await ask(`DELETE /ticket-types/${event.type}`, event);
  assert.deepEqual([late.status, late.body.code], [409, "event_cancelled"]);
});

for (const method of ["PATCH", "DELETE"]) {
  test(`${method} /v1/ticket-types/{id} 400, 401, 404: who does not manage its event`, async () => {
    const { slot, type, token } = await anOpenEvent();
    const sent = method === "PATCH" ? { body: { admits: 2 } } : {};
    const answers = [
      await ask(`${method} /ticket-types/${type}`, sent),
      await ask(`${method} /ticket-types/${type}`, { ...sent, token: (await open()).event_token }),
      await ask(`${method} /ticket-types/${slot}`, { ...sent, token }),
      await ask(`${method} /ticket-types/tty_01h455vb4pex5vsknk084sn02q`, { ...sent, token }),
    ];
    assert.deepEqual(
      answers.map(({ status, body }) => `${status} ${body.code}`),
      ["401 not_authenticated", "404 not_found", "400 malformed_id", "404 not_found"],
    );
  });
}
