import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { parseId } from "#platform/id.ts";
import { toRfc3339 } from "#platform/time.ts";
import { aPaidNight, type PaidNight } from "./testing-paid.ts";

const RULE = { cancellation_free_hours: 48, cancellation_kept_percent: 50 };
const HOUR_MS = 3_600_000;

test("until the hour of the event's rule cancelling costs nothing, and half from then on", async (t) => {
  const night = await aPaidNight(t, RULE);
  const early = await night.buy(night.line(0, 2));
  const late = await night.buy(night.line(0, 2), night.line(2, 1));
  assert.equal(early.cancellation_fee, null);
  await moveTo(night, -48 * HOUR_MS - 60_000);
  assert.equal(await feeOf(night, early.id, early.token), 0);
  await moveTo(night, -48 * HOUR_MS + 1);
  assert.equal(
    await feeOf(night, late.id, late.token, "one"),
    1200,
    "the later slot is free still",
  );

  const again = await night.ask(`POST /reservations/${late.id}/cancel`, {
    token: late.token,
    key: "one",
  });
  assert.deepEqual([again.replayed, again.body.cancellation_fee?.amount_minor], [true, 1200]);
  assert.equal(await feeOf(night, late.id, late.token), 1200, "asked again, later");
  const read = await night.ask(`GET /reservations/${late.id}`, { token: night.token });
  assert.deepEqual(read.body.cancellation_fee, { amount_minor: 1200, currency: "EUR" });
  assert.ok(await night.addsUp());
});

test("of what a manager cancels, of what is free, and of what its event cancels nothing is kept", async (t) => {
  const night = await aPaidNight(t, { cancellation_kept_percent: 100 });
  const managed = await night.buy(night.line(0, 1));
  const free = await night.buy(night.line(0, 1, 0));
  const revoked = await night.buy(night.line(0, 1));
  const mine = await night.buy(night.line(0, 1));
  await moveTo(night, HOUR_MS);
  assert.equal(await feeOf(night, managed.id, night.token), 0);
  assert.equal(await feeOf(night, free.id, free.token), 0);
  assert.equal(await feeOf(night, mine.id, mine.token), 1200);
  await night.server.client.events.cancel(night.id, { token: night.token });
  const { body } = await night.ask(`GET /reservations/${revoked.id}`, { token: revoked.token });
  assert.deepEqual([body.state, body.cancellation_fee?.amount_minor], ["cancelled", 0]);
});

test("what is kept is reckoned from what is cancelled, also where that changes at the same moment", async (t) => {
  const night = await aPaidNight(t, {
    capacities: [20],
    cancellation_free_hours: 8760,
    cancellation_kept_percent: 100,
  });
  for (let round = 1; round <= 5; round++) {
    const mine = await night.buy(night.line(0, 3));
    const wish = { token: mine.token, body: { lines: [night.line(0, 1)] } };
    const [{ status }, fee] = await Promise.all([
      night.ask(`PATCH /reservations/${mine.id}`, wish),
      feeOf(night, mine.id, mine.token),
    ]);
    const { body } = await night.ask(`GET /reservations/${mine.id}`, { token: mine.token });
    assert.deepEqual([body.total.amount_minor, fee], status === 200 ? [1200, 1200] : [3600, 3600]);
  }
  assert.ok(await night.addsUp());
});

test("what cannot be cancelled says why", async (t) => {
  const night = await aPaidNight(t, RULE);
  const held = await night.hold(night.line(0, 1));
  const cancel = (token = held.token) =>
    night.ask(`POST /reservations/${held.id}/cancel`, { token });
  assert.deepEqual(codeOf(await cancel()), [409, "reservation_not_confirmed"]);
  assert.deepEqual(codeOf(await cancel("x")), [401, "not_authenticated"]);
  await night.server.advance(601);
  assert.deepEqual(codeOf(await cancel()), [410, "reservation_expired"]);
});

/** Moves the clock to so many milliseconds from the start of the first slot. */
async function moveTo({ server, id }: PaidNight, ms: number): Promise<void> {
  const [first] = (await server.client.events.read(id)).slots;
  const now = toRfc3339(Date.parse(first?.starts_at ?? "") + ms);
  await server.client.call("moveTestClock", { body: { now } });
}

async function feeOf(
  night: PaidNight,
  id: string,
  token: string | undefined,
  key?: string,
): Promise<number | undefined> {
  const { status, body } = await night.ask(`POST /reservations/${id}/cancel`, {
    token,
    ...(key !== undefined && { key }),
  });
  assert.deepEqual([status, body.state], [200, "cancelled"], JSON.stringify(body));
  return body.cancellation_fee?.amount_minor;
}

function codeOf({ status, body }: { status: number; body: { code: string } }) {
  return [status, body.code];
}

test("who was let in is told to ask the organizer, keeps all places and holds no new ones; a manager may cancel", async (t) => {
  const night = await aPaidNight(t, RULE);
  const mine = await night.buy(night.line(0, 2));
  const ticketId = parseId("tkt", mine.tickets[1]?.id ?? "");
  await sql`
    update reservations.ticket set used_at = clock_timestamp() where ticket_id = ${ticketId}
  `.execute(night.server.app.database.kysely);
  const path = `/reservations/${mine.id}`;
  const asked = [
    [`POST ${path}/cancel`, {}],
    [`PATCH ${path}`, { body: { lines: [night.line(1, 1)] } }],
    [`PATCH ${path}`, { body: { lines: [night.line(1, 2, 2500)] } }],
    [`POST ${path}/transfer`, { body: { attendee: { name: "Grace" } } }],
  ] as const;
  for (const [index, [request, sent]] of asked.entries()) {
    const keyed = { ...sent, token: mine.token, key: `used ${index}` };
    const [refused, again] = [await night.ask(request, keyed), await night.ask(request, keyed)];
    assert.deepEqual(codeOf(refused), [409, "ticket_used"], request);
    assert.deepEqual([again.replayed, again.body.code], [true, "ticket_used"]);
  }
  const read = await night.ask(`GET ${path}`, { token: mine.token });
  assert.deepEqual([read.body.tickets, read.body.pending_exchange], [mine.tickets, null]);
  assert.deepEqual(await night.left(), [3, 5, 5]);
  const managed = await night.ask(`POST ${path}/cancel`, { token: night.token });
  assert.deepEqual([managed.status, managed.body.state], [200, "cancelled"]);
  assert.ok(await night.addsUp());
});
