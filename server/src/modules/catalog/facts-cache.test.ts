import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { type Id, parseId } from "#platform/id.ts";
import { createFactsCache, FACTS_AGE_MS_MAX } from "./facts-cache.ts";
import { aSharedCatalog, aSlot } from "./testing.ts";

const setting = aSharedCatalog();
const { ask, open } = setting;

async function anEventWithFacts(more: object = {}) {
  const event = await open(more);
  const eventId = parseId("evt", event.id);
  const slotId = parseId("slt", event.slots[0]?.id ?? "");
  assert.ok(eventId !== null && slotId !== null);
  return { ...event, eventId, slotId, token: event.event_token };
}

test("facts are what selling needs, in the order in which it is shown", async () => {
  const { eventId, slotId } = await anEventWithFacts({
    cancellation_free_hours: 48,
    cancellation_kept_percent: 50,
    offline_hold_hours: 72,
    re_entry: true,
    entry_opens_minutes: 15,
    slots: [aSlot({ starts_at: "2027-06-15T19:10", capacity: 0 }), aSlot()],
    ticket_types: [
      {
        name: "B",
        price: { amount_minor: 1200, currency: "EUR" },
        sales_start_at: "2027-06-01T10:00Z",
      },
      { name: "A", capacity: 5, capacity_per_slot: 2, hidden: true, admits: 3, gates: ["North"] },
    ],
  });
  const facts = await setting.catalog.facts(eventId);
  assert.ok(facts !== null);
  assert.deepEqual(
    [facts.revision, facts.state, facts.currency, facts.timeZone, facts.tokenGeneration],
    [1, "published", "EUR", "Europe/Prague", 0],
  );
  assert.deepEqual(
    [facts.cancellationFreeHours, facts.cancellationKeptPercent, facts.offlineHoldHours],
    [48, 50, 72],
  );
  assert.deepEqual([facts.reEntry, facts.entryOpensMinutes], [true, 15]);
  assert.deepEqual([...facts.slots.keys()][0], slotId);
  assert.deepEqual(
    [...facts.slots.values()].map(({ startsAt, capacity }) => [startsAt, capacity]),
    [
      [Date.parse("2027-06-15T17:00:00Z"), 40],
      [Date.parse("2027-06-15T17:10:00Z"), 0],
    ],
  );
  assert.deepEqual(
    [...facts.ticketTypes.values()].map(({ ticketTypeId: _, ...type }) => type),
    [
      {
        priceMinor: 1200,
        capacity: null,
        capacityPerSlot: null,
        minPerReservation: 1,
        maxPerReservation: 10,
        salesStartAt: Date.parse("2027-06-01T10:00:00Z"),
        salesEndAt: null,
        admits: 1,
        gates: null,
        hidden: false,
      },
      {
        priceMinor: 0,
        capacity: 5,
        capacityPerSlot: 2,
        minPerReservation: 1,
        maxPerReservation: 10,
        salesStartAt: null,
        salesEndAt: null,
        admits: 3,
        gates: ["North"],
        hidden: true,
      },
    ],
  );
  assert.equal(await setting.catalog.factsOfSlot(slotId), facts, "the very same, from memory");
});

test("an edit is in the facts at once", async () => {
  const { eventId, slotId, slots, token } = await anEventWithFacts({ slots: [aSlot(), aSlot()] });
  await setting.catalog.facts(eventId);
  await ask(`DELETE /slots/${slots[0]?.id}`, { token });
  const facts = await setting.catalog.factsOfSlot(slotId);
  assert.deepEqual([facts?.revision, facts?.slots.size, facts?.slots.has(slotId)], [2, 1, false]);
});

test("what is not there has no facts", async () => {
  const nobody = "01890a5d-ac96-774b-bcce-b302099a8057";
  assert.equal(await setting.catalog.facts(nobody as Id<"evt">), null);
  assert.equal(await setting.catalog.factsOfSlot(nobody as Id<"slt">), null);
});

test("an edit that nobody told of is seen after a bounded time", async () => {
  const { eventId } = await anEventWithFacts();
  const facts = await setting.catalog.facts(eventId);
  await sql`update catalog.event set hold_seconds = 60, revision = 2 where event_id = ${eventId}`.execute(
    setting.database.kysely,
  );
  assert.equal(await setting.catalog.facts(eventId), facts);
  setting.clock.advance(FACTS_AGE_MS_MAX);
  assert.equal((await setting.catalog.facts(eventId))?.holdSeconds, 60);
  const current = await setting.catalog.facts(eventId);
  setting.clock.advance(FACTS_AGE_MS_MAX);
  assert.equal(await setting.catalog.facts(eventId), current, "the same revision is kept");
});

test("memory is bounded by slots: what was not asked for longest makes room", async () => {
  const [small, large] = [
    await anEventWithFacts(),
    await anEventWithFacts({ slots: Array.from({ length: 10 }, () => aSlot()) }),
  ];
  const cache = createFactsCache(setting.database, setting.clock, 11);
  const first = await cache.facts(small.eventId);
  assert.equal(await cache.facts(small.eventId), first);
  await cache.factsOfSlot(large.slotId);
  assert.notEqual(await cache.facts(small.eventId), first);
});
