import assert from "node:assert/strict";
import { test } from "node:test";
import { inTransaction } from "#platform/database/database.ts";
import type { Id } from "#platform/id.ts";
import { parseId } from "#platform/id.ts";
import { aCatalog, aSlot, codes } from "./testing.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

test("a new event keeps attendees for as long as it says, null also, and else as the server does", async (t) => {
  const { open, ask } = await aCatalog(t, { attendeeRetentionDays: 365 });
  const days = async (more: object) => (await open(more)).attendee_retention_days;
  assert.equal(await days({}), 365);
  assert.equal(await days({ attendee_retention_days: null }), null);
  assert.equal(await days({ attendee_retention_days: 0 }), 0);
  assert.equal(await days({ attendee_retention_days: 3650 }), 3650);
  const event = await open({ attendee_retention_days: 30 });
  const read = await ask(`GET /events/${event.id}`);
  assert.equal(read.body.attendee_retention_days, 30, "everybody may know");
  const change = async (body: object) =>
    (await ask(`PATCH /events/${event.id}`, { body, token: event.event_token })).body;
  assert.equal((await change({ name: "Other" })).attendee_retention_days, 30);
  assert.equal((await change({ attendee_retention_days: 7 })).attendee_retention_days, 7);
  assert.equal((await change({ attendee_retention_days: null })).attendee_retention_days, null);
});

test("a retention is whole days, at most ten years", async (t) => {
  const { ask } = await aCatalog(t);
  for (const days of [-1, 3651, 1.5, "30", true]) {
    const body = { name: "Night", slots: [], attendee_retention_days: days };
    const answer = await ask("POST /events", { body });
    assert.equal(answer.status, 422, String(days));
    assert.deepEqual(
      codes(answer).map((code) => code.split(" ")[0]),
      ["/attendee_retention_days"],
    );
  }
});

test("attendees may be erased when the longest slot has ended or the event was cancelled, and its retention has passed", async (t) => {
  const { open, ask, catalog, clock } = await aCatalog(t);
  const from = async (id: string) => {
    const at = await catalog.retention.erasableFrom(parseId("evt", id) as Id<"evt">);
    return at === null ? null : new Date(at).toISOString();
  };
  const slots = [
    aSlot({ starts_at: "2027-06-01T10:00Z", ends_at: "2027-06-09T10:00Z" }),
    aSlot({ starts_at: "2027-06-02T10:00Z", ends_at: "2027-06-03T10:00Z" }),
  ];
  assert.equal(await from((await open({ slots })).id), "2027-06-09T10:00:00.000Z");
  const event = await open({ slots, attendee_retention_days: 10 });
  assert.equal(await from(event.id), "2027-06-19T10:00:00.000Z");
  const before = clock.now();
  await ask(`POST /events/${event.id}/cancel`, { token: event.event_token });
  const cancelled = Date.parse(String(await from(event.id))) - 10 * DAY_MS;
  assert.ok(Math.abs(cancelled - before) < HOUR_MS);
  assert.equal(await from((await open({ slots: [], publish: false })).id), null);
  assert.equal(await from("evt_01h455vb4pex5vsknk084sn02q"), null);
});

test("an event is overdue until its attendees were erased, and again when it was edited since", async (t) => {
  const { open, ask, catalog, database, clock } = await aCatalog(t);
  const { retention } = catalog;
  const event = await open({ attendee_retention_days: 1 });
  await open();
  assert.deepEqual(await retention.overdue(null), []);
  clock.advance(Date.parse("2027-06-16T17:29:00Z") - clock.now());
  assert.deepEqual(await retention.overdue(null), [], "a minute too early");
  clock.advance(120_000);
  const [first, ...others] = await retention.overdue(null);
  assert.ok(first);
  assert.deepEqual([first.eventId, others], [parseId("evt", event.id), []]);
  assert.deepEqual(await retention.overdue(first.eventId), []);
  const edit = () =>
    ask(`PATCH /events/${event.id}`, { token: event.event_token, body: { name: "Later" } });
  const erased = (one: typeof first) =>
    inTransaction(database, (transaction) => retention.erased(transaction, one));
  await edit();
  await erased(first);
  const [edited] = await retention.overdue(null);
  assert.ok(edited, "it was edited while its attendees were erased");
  await erased(edited);
  assert.deepEqual(await retention.overdue(null), []);
  await edit();
  assert.equal((await retention.overdue(null)).length, 1);
});
