import assert from "node:assert/strict";
import { test } from "node:test";
import { parseId } from "#platform/id.ts";
import { poolIdOf } from "./pool-id.ts";
import {
  type Answered,
  aSharedCatalog,
  aSlot,
  codes,
  forged,
  refusesStrangers,
} from "./testing.ts";

const setting = aSharedCatalog();
const { ask, open } = setting;

type Opened = Pick<Answered, "id" | "event_token">;

const add = ({ id, event_token: token }: Opened, body: unknown, key?: string) =>
  ask(`POST /events/${id}/slots`, { body, token, ...(key !== undefined && { key }) });

/** An event with the ids of its only slot and ticket type. */
async function anOpenEvent(more: object = {}) {
  const event = await open(more);
  const [slot, type] = [event.slots[0]?.id ?? "", event.ticket_types[0]?.id ?? ""];
  return { ...event, slot, type, token: event.event_token };
}

test("GET /v1/events/{id}/slots 200: by time, page by page, with what is left", async () => {
  const days = ["2027-06-03", "2027-06-01", "2027-06-02"];
  const event = await open({
    slots: days.map((day) => aSlot({ starts_at: `${day}T19:00`, ends_at: `${day}T20:00` })),
  });
  setting.sales.sell(event.slots[0]?.id ?? "", 3);
  const first = await ask(`GET /events/${event.slug}/slots?limit=2`);
  const second = await ask(`GET /events/${event.id}/slots?cursor=${first.body.next_cursor}`);
  const shown = [...first.body.data, ...second.body.data];
  assert.deepEqual(
    shown.map(({ starts_at_local: local, available }) => [local.slice(0, 10), available]),
    [
      ["2027-06-01", 37],
      ["2027-06-02", 40],
      ["2027-06-03", 40],
    ],
  );
  assert.deepEqual([first.body.data.length, second.body.next_cursor], [2, null]);
});

test("GET /v1/events/{id}/slots 200: those that start in a time of the event's zone", async () => {
  const times = ["2027-06-01T00:30", "2027-06-01T23:30", "2027-06-02T00:30"];
  const event = await open({
    slots: times.map((at) => aSlot({ starts_at: at, ends_at: at.replace("30", "45") })),
  });
  const { body } = await ask(`GET /events/${event.id}/slots?from=2027-06-01&to=2027-06-02`);
  assert.deepEqual(
    body.data.map(({ starts_at_local: local }) => local.slice(0, 16)),
    times.slice(0, 2),
  );
});

test("GET /v1/events/{id}/slots 400, 401, 404, 422: as of its event, and wrong queries", async () => {
  const event = await open({ publish: false });
  assert.equal((await ask("GET /events/evt_1/slots")).status, 400);
  assert.equal((await ask(`GET /events/${event.id}/slots`, { token: "forged" })).status, 401);
  assert.equal((await ask(`GET /events/${event.id}/slots`)).status, 404);
  const { event_token: token } = event;
  assert.equal((await ask(`GET /events/${event.id}/slots`, { token })).status, 200);
  assert.equal((await ask(`GET /events/${event.id}/slots?from=x`, { token })).status, 422);
  assert.equal((await ask(`GET /events/${event.id}/slots?cursor=x`, { token })).status, 422);
});

test("POST /v1/events/{id}/slots 201: one slot", async () => {
  const event = await anOpenEvent({ ticket_types: [{ name: "A", capacity_per_slot: 3 }] });
  const { status, body } = await add(event, aSlot({ starts_at: "2027-06-14T19:00", note: "new" }));
  assert.equal(status, 201, JSON.stringify(body));
  assert.deepEqual(
    body.slots.map(({ capacity, available, note }) => ({ capacity, available, note })),
    [{ capacity: 40, available: 40, note: "new" }],
  );
  const [slotId, typeId] = [parseId("slt", body.slots[0]?.id ?? ""), parseId("tty", event.type)];
  assert.ok(slotId !== null && typeId !== null);
  assert.deepEqual(
    setting.sales.changes.at(-1)?.pools.map(({ poolId, capacity }) => [poolId, capacity]),
    [
      [slotId, 40],
      [poolIdOf(slotId, typeId), 3],
    ],
  );
  const read = await ask(`GET /events/${event.id}`);
  assert.deepEqual([read.body.slot_count, read.body.first_slot_at], [2, "2027-06-14T17:00:00Z"]);
});

test("POST /v1/events/{id}/slots 201: several, as a list or by name", async () => {
  const event = await open();
  const slots = [aSlot({ starts_at: "2027-06-15T19:10" }), aSlot()];
  assert.deepEqual((await add(event, slots)).body.slots.length, 2);
  const { body } = await add(event, { slots });
  assert.deepEqual(
    body.slots.map(({ starts_at_local: local }) => local.slice(11, 16)),
    ["19:00", "19:10"],
  );
  assert.equal((await ask(`GET /events/${event.id}`)).body.slot_count, 5);
});

test("POST /v1/events/{id}/slots 201: a recurrence keeps its wall times when the clocks change", async () => {
  const event = await open();
  const { status, body } = await add(event, {
    rrule: "FREQ=WEEKLY;BYDAY=SA;COUNT=4",
    starts_at: "2027-03-20T22:00",
    ends_at: "2027-03-21T06:00",
    capacity: 12,
    exdates: ["2027-04-03"],
  });
  assert.equal(status, 201, JSON.stringify(body));
  assert.deepEqual(
    body.slots.map((slot) => [slot.starts_at, slot.ends_at, slot.ends_at_local, slot.capacity]),
    [
      ["2027-03-20T21:00:00Z", "2027-03-21T05:00:00Z", "2027-03-21T06:00:00", 12],
      ["2027-03-27T21:00:00Z", "2027-03-28T04:00:00Z", "2027-03-28T06:00:00", 12],
      ["2027-04-10T20:00:00Z", "2027-04-11T04:00:00Z", "2027-04-11T06:00:00", 12],
    ],
  );
});

test("POST /v1/events/{id}/slots 201: the length of a recurrence may be in minutes", async () => {
  const { body } = await add(await open(), {
    rrule: "FREQ=DAILY;COUNT=2",
    starts_at: "2027-10-30T02:45",
    duration_minutes: 30,
    capacity: 1,
  });
  // In the night in which the clocks go back, 02:45 is first, and 03:15 an hour and a half later.
  assert.deepEqual(
    body.slots.map(({ starts_at, ends_at }) => [starts_at, ends_at]),
    [
      ["2027-10-30T00:45:00Z", "2027-10-30T01:15:00Z"],
      ["2027-10-31T00:45:00Z", "2027-10-31T02:15:00Z"],
    ],
  );
});

test("POST /v1/events/{id}/slots 201: the same key adds once", async () => {
  const event = await open();
  const first = await add(event, aSlot(), "add");
  const again = await add(event, aSlot(), "add");
  assert.deepEqual([again.status, again.body], [201, first.body]);
  assert.equal((await ask(`GET /events/${event.id}`)).body.slot_count, 2);
});

test("POST /v1/events/{id}/slots 400, 401, 404: who does not manage the event", () =>
  refusesStrangers(setting, (id) => `POST /events/${id}/slots`, aSlot()));

test("POST /v1/events/{id}/slots 409: more than an event may have, and a cancelled event", async () => {
  const event = await open();
  const rule = { rrule: "FREQ=DAILY;COUNT=10000", starts_at: "2027-01-01T09:00" };
  const many = await add(event, { ...rule, duration_minutes: 60, capacity: 1 });
  assert.deepEqual([many.status, many.body.code], [409, "event_too_large"]);
  assert.deepEqual(many.body.reasons[0]?.["count"], 10_001);
  await ask(`POST /events/${event.id}/cancel`, { token: event.event_token });
  const late = await add(event, aSlot());
  assert.deepEqual([late.status, late.body.code], [409, "event_cancelled"]);
});

const WRONG_SLOTS: readonly (readonly [body: unknown, errors: readonly string[]])[] = [
  [{ starts_at: "2027-06-15T19:00" }, ["/ends_at required", "/capacity required"]],
  [aSlot({ capacity: "40" }), ["/capacity wrong_type"]],
  [aSlot({ capacity: -1 }), ["/capacity too_small"]],
  [aSlot({ capacity: 1.5 }), ["/capacity wrong_type"]],
  [aSlot({ capacity: 1_000_001 }), ["/capacity too_large"]],
  [aSlot({ capacity: 2 ** 53 }), ["/capacity too_large"]],
  [aSlot({ seats: 1 }), ["/seats unknown_field"]],
  [aSlot({ note: "" }), ["/note too_short", "/note bad_format"]],
  [aSlot({ note: "x".repeat(501) }), ["/note too_long"]],
  [aSlot({ note: { "!": "x" } }), ["/note/! bad_format"]],
  [aSlot({ note: { de: "x" } }), ["/note default_language_missing"]],
  [aSlot({ ends_at: "2027-06-15T19:00" }), ["/ends_at ends_before_start"]],
  [aSlot({ ends_at: "2027-06-15T18:59" }), ["/ends_at ends_before_start"]],
  [aSlot({ ends_at: "2028-06-17T19:00" }), ["/ends_at too_large"]],
  [aSlot({ starts_at: "2027-03-28T02:30" }), ["/starts_at wall_time_does_not_exist"]],
  [aSlot({ ends_at: "2027-10-31T02:30" }), ["/ends_at wall_time_is_ambiguous"]],
  [aSlot({ starts_at: 1 }), ["/starts_at wrong_type"]],
  [{ slots: [] }, ["/slots too_few"]],
  [[], [" too_few"]],
  [{ slots: [aSlot(), aSlot({ capacity: null })] }, ["/slots/1/capacity wrong_type"]],
  [[aSlot(), aSlot({ ends_at: "soon" })], ["/1/ends_at bad_format"]],
  [
    { rrule: "FREQ=DAILY;COUNT=3", starts_at: "2027-06-15T19:00", capacity: 1 },
    ["/ends_at required"],
  ],
  [
    { rrule: "FREQ=DAILY", starts_at: "2027-06-15T19:00", duration_minutes: 1, capacity: 1 },
    ["/rrule rule_has_no_end"],
  ],
  [
    { rrule: "X", starts_at: "2027-06-15T19:00", duration_minutes: 1, capacity: 1 },
    ["/rrule bad_rule"],
  ],
  [
    {
      rrule: "FREQ=DAILY;COUNT=2",
      starts_at: "2027-06-15T19:00",
      ends_at: "2027-06-15T18:00",
      capacity: 1,
      exdates: ["2027-06-15", "never"],
    },
    ["/ends_at ends_before_start", "/exdates/1 bad_format"],
  ],
];

for (const [index, [body, errors]] of WRONG_SLOTS.entries()) {
  test(`POST /v1/events/{id}/slots 422: ${errors.join(", ")} (${index})`, async () => {
    const event = await open();
    const refused = await add(event, body);
    assert.deepEqual([refused.status, codes(refused)], [422, errors]);
    assert.equal((await ask(`GET /events/${event.id}`)).body.slot_count, 1, "nothing was stored");
  });
}

test("PATCH /v1/slots/{id} 200: changes what is sent; what is taken stays taken", async () => {
  const { slot, token, id } = await anOpenEvent();
  setting.sales.sell(slot, 3);
  const { status, body } = await ask(`PATCH /slots/${slot}`, {
    token,
    body: { capacity: 10, starts_at: "2027-06-15T18:30", note: "south door" },
  });
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual(
    [body.capacity, body.available, body.starts_at, body.ends_at, body.note],
    [10, 7, "2027-06-15T16:30:00Z", "2027-06-15T17:30:00Z", "south door"],
  );
  assert.equal((await ask(`GET /events/${id}`)).body.first_slot_at, "2027-06-15T16:30:00Z");
  const closed = await ask(`PATCH /slots/${slot}`, { token, body: { capacity: 3 } });
  assert.deepEqual([closed.status, closed.body.available], [200, 0]);
});

test("PATCH /v1/slots/{id} 409: a capacity below what is sold, and a cancelled event", async () => {
  const { slot, token, id } = await anOpenEvent();
  setting.sales.sell(slot, 3);
  const refused = await ask(`PATCH /slots/${slot}`, { token, body: { capacity: 2, note: "x" } });
  assert.deepEqual([refused.status, refused.body.code], [409, "capacity_below_sold"]);
  const [reason] = refused.body.reasons;
  assert.deepEqual(
    [reason?.["slot_id"], reason?.["ticket_type_id"], reason?.["capacity"], reason?.["sold"]],
    [slot, null, 2, 3],
  );
  const read = await ask(`GET /events/${id}`);
  assert.deepEqual([read.body.slots[0]?.note, read.body.revision], [null, 1], "nothing was done");
  await ask(`POST /events/${id}/cancel`, { token });
  const late = await ask(`PATCH /slots/${slot}`, { token, body: { capacity: 50 } });
  assert.deepEqual([late.status, late.body.code], [409, "event_cancelled"]);
});

test("PATCH /v1/slots/{id} 422: what is wrong, also with what stays", async () => {
  const { slot, token } = await anOpenEvent();
  for (const [body, code] of [
    [{}, " too_few"],
    [{ capacity: null }, "/capacity wrong_type"],
    [{ starts_at: "2027-06-15T20:00" }, "/starts_at ends_before_start"],
    [{ ends_at: "2027-06-15T18:00" }, "/ends_at ends_before_start"],
    [{ starts_at: "2027-03-28T02:30" }, "/starts_at wall_time_does_not_exist"],
    [{ id: slot }, "/id unknown_field"],
  ] as const) {
    const refused = await ask(`PATCH /slots/${slot}`, { token, body });
    assert.deepEqual([refused.status, codes(refused)], [422, [code]]);
  }
});

test("DELETE /v1/slots/{id} 204: is gone, its pools too; the same key again is the same answer", async () => {
  const event = await anOpenEvent({
    slots: [aSlot(), aSlot({ starts_at: "2027-06-15T19:15" })],
    ticket_types: [{ name: "A", capacity_per_slot: 3 }],
  });
  const { slot, token } = event;
  const gone = await ask(`DELETE /slots/${slot}`, { token, key: "remove" });
  assert.deepEqual([gone.status, gone.bytes.length], [204, 0]);
  assert.equal(setting.sales.changes.at(-1)?.closed.length, 2);
  const again = await ask(`DELETE /slots/${slot}`, { token, key: "remove" });
  assert.deepEqual([again.status, again.headers["idempotent-replayed"]], [204, "true"]);
  const other = await ask(`DELETE /slots/${slot}`, { token });
  assert.deepEqual([other.status, other.body.code], [404, "not_found"]);
  const read = await ask(`GET /events/${event.id}`);
  assert.deepEqual([read.body.slot_count, read.body.first_slot_at], [1, "2027-06-15T17:15:00Z"]);
});

test("DELETE /v1/slots/{id} 409: while places are sold, and the last of a published event", async () => {
  const event = await anOpenEvent();
  const last = await ask(`DELETE /slots/${event.slot}`, { token: event.token });
  assert.deepEqual([last.status, last.body.code], [409, "event_incomplete"]);
  await add(event, aSlot());
  setting.sales.sell(event.slot, 1);
  const sold = await ask(`DELETE /slots/${event.slot}`, { token: event.token });
  assert.deepEqual([sold.status, sold.body.code], [409, "capacity_below_sold"]);
  assert.equal((await ask(`GET /events/${event.id}`)).body.slot_count, 2, "it is still there");
});

for (const method of ["PATCH", "DELETE"]) {
  test(`${method} /v1/slots/{id} 400, 401, 404: who does not manage its event`, async () => {
    const { slot, type, token } = await anOpenEvent();
    const sent = method === "PATCH" ? { body: { capacity: 1 } } : {};
    const answers = [
      await ask(`${method} /slots/${slot}`, sent),
      await ask(`${method} /slots/${slot}`, { ...sent, token: (await open()).event_token }),
      await ask(`${method} /slots/${slot}`, { ...sent, token: forged(token) }),
      await ask(`${method} /slots/${type}`, { ...sent, token }),
      await ask(`${method} /slots/slt_01h455vb4pex5vsknk084sn02q`, { ...sent, token }),
    ];
    assert.deepEqual(
      answers.map(({ status, body }) => `${status} ${body.code}`),
      [
        "401 not_authenticated",
        "404 not_found",
        "401 not_authenticated",
        "400 malformed_id",
        "404 not_found",
      ],
    );
  });
}
