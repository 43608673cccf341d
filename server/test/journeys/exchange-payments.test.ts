import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { sql } from "kysely";
import { parseId } from "#platform/id.ts";
import { testServer } from "#test/server.ts";
import {
  aPaidEvent,
  hold,
  nothingIsOpen,
  paidFor,
  pay,
  settle,
  settled,
  stateOf,
  switchesOf,
  WAIT_AND_GRACE_SECONDS,
} from "./paying.ts";

const euros = (amount: number) => ({ amount_minor: amount * 100, currency: "EUR" });
const OK = { provider: "test", method_token: "ok" } as const;

/** Two adults in the first slot, paid for, to be three in the second one: twenty euros more. */
async function aDearerWish(t: TestContext) {
  const server = await testServer(t);
  const { reservations } = server.client;
  const event = await aPaidEvent(server);
  const { held, payment } = await paidFor(server, event);
  const { id, token } = held;
  const lines = [{ slot_id: event.second, ticket_type_id: event.adult, quantity: 3 }];
  const wish = await reservations.change(id, { lines }, { token });
  assert.deepEqual(wish.pending_exchange?.to_pay, euros(20));
  const read = () => reservations.read(id, { token });
  return { server, event, held, payment, read };
}

test("the difference of a dearer exchange is paid for, and all of it is exchanged at once", async (t) => {
  const { server, event, held, payment, read } = await aDearerWish(t);
  const difference = await pay(server, held, { ...OK, amount: euros(20) });
  const done = await settled(server, held, difference);
  assert.deepEqual([done.state, done.outcome, done.amount], ["succeeded", "exchanged", euros(20)]);
  const now = await read();
  assert.deepEqual([now.total, now.pending_exchange], [euros(60), null]);
  const valid = now.tickets.filter(({ state }) => state === "valid");
  assert.deepEqual(
    valid.map(({ slot_id }) => slot_id),
    [event.second, event.second, event.second],
  );
  await assert.rejects(pay(server, held, OK), { status: 409, code: "already_paid" });

  await server.client.reservations.cancel(held.id, { token: held.token });
  await settle(server);
  const { data } = await server.client.payments.listOf(held.id, { token: held.token });
  assert.deepEqual(
    data.map(({ id, state, refunded }) => [id, state, refunded]),
    [
      [payment.id, "refunded", euros(40)],
      [difference.id, "refunded", euros(20)],
    ],
  );
  assert.ok(await event.addsUp());
  await nothingIsOpen(server);
});

test("a declined difference leaves everything as it was, and the whole price is not what is due", async (t) => {
  const { server, event, held, read } = await aDearerWish(t);
  await assert.rejects(pay(server, held, { ...OK, amount: euros(60) }), { status: 422 });
  const declined = { provider: "test", method_token: "card_error" } as const;
  const failed = await settled(server, held, await pay(server, held, declined));
  assert.deepEqual([failed.state, failed.outcome], ["failed", "none"]);
  const still = await read();
  assert.deepEqual([still.state, still.total], ["confirmed", euros(40)]);
  assert.equal((await settled(server, held, await pay(server, held, OK))).outcome, "exchanged");
  assert.ok(await event.addsUp());
  await nothingIsOpen(server);
});

test("a difference that is paid too late, without the places for it, goes back, and the rest stays", async (t) => {
  const { server, event, held, payment, read } = await aDearerWish(t);
  const difference = await pay(server, held, { provider: "test", method_token: "slow" });
  await settle(server);
  const switches = switchesOf(server);
  switches.isAway = true;
  await server.advance(WAIT_AND_GRACE_SECONDS + 1);
  await settle(server);
  await hold(server, { first: event.second, adult: event.adult }, 10);
  switches.isAway = false;
  await server.advance(300);
  const late = await settled(server, held, difference);
  assert.deepEqual([late.state, late.outcome, late.refunded], ["refunded", "returned", euros(20)]);
  const now = await read();
  assert.deepEqual([now.state, now.total, now.pending_exchange], ["confirmed", euros(40), null]);
  assert.deepEqual((await settled(server, held, payment)).refunded, euros(0));
  assert.ok(await event.addsUp());
  await nothingIsOpen(server);
});

test("who paid too late and chooses another slot has it for what was paid", async (t) => {
  const server = await testServer(t);
  const { reservations } = server.client;
  const event = await aPaidEvent(server);
  const held = await hold(server, event);
  const { id, token } = held;
  const begun = await pay(server, held, { provider: "test", method_token: "slow" });
  await settle(server);
  const switches = switchesOf(server);
  switches.isAway = true;
  await server.advance(WAIT_AND_GRACE_SECONDS + 1);
  await settle(server);
  await hold(server, event, 10);
  switches.isAway = false;
  await server.advance(300);
  assert.equal((await settled(server, held, begun)).outcome, null);
  const { alternatives } = await reservations.read(id, { token });
  assert.deepEqual(
    alternatives?.options.map(({ slot_id }) => slot_id),
    [event.second],
  );
  await assert.rejects(reservations.acceptAlternative(id, event.first, { token }), {
    status: 409,
  });
  const accepted = await reservations.acceptAlternative(id, event.second, { token });
  assert.deepEqual([accepted.state, accepted.total], ["confirmed", held.total]);
  await server.advance(60); // What is on offer is looked at every minute.
  const done = await settled(server, held, begun);
  assert.deepEqual([done.state, done.outcome, done.refunds], ["succeeded", "confirmed", []]);
  assert.ok(await event.addsUp());
  await nothingIsOpen(server);
});

test("what is cancelled late gives back what the event's rule leaves; by a manager, all of it", async (t) => {
  const server = await testServer(t);
  const { client } = server;
  const event = await aPaidEvent(server, {
    cancellation_free_hours: 8_760,
    cancellation_kept_percent: 50,
    slots: [soon(server.app.clock.now(), 24), soon(server.app.clock.now(), 48)],
    time_zone: "UTC",
  });
  const [byHolder, byManager] = [await paidFor(server, event), await paidFor(server, event)];
  const { held } = byHolder;
  const cancelled = await client.reservations.cancel(held.id, { token: held.token });
  assert.deepEqual(cancelled.cancellation_fee, euros(20));
  const half = await settled(server, held, byHolder.payment);
  assert.deepEqual([half.state, half.refunded], ["succeeded", euros(20)]);
  await client.reservations.cancel(byManager.held.id, { token: event.token });
  const whole = await settled(server, byManager.held, byManager.payment);
  assert.deepEqual([whole.state, whole.refunded], ["refunded", euros(40)]);
  assert.equal(await stateOf(server, held), "cancelled");
  await nothingIsOpen(server);
});

function soon(now: number, inHours: number) {
  const at = (hours: number) => new Date(now + hours * 3_600_000).toISOString();
  return { starts_at: at(inHours), ends_at: at(inHours + 1), capacity: 10 };
}

test("who is let in while paying for a dearer exchange keeps the ticket that was used, and the difference goes back", async (t) => {
  const { server, event, held, payment, read } = await aDearerWish(t);
  const [ticket] = (await read()).tickets;
  await sql`
    update reservations.ticket
       set used_at = clock_timestamp()
     where ticket_id = ${parseId("tkt", ticket?.id ?? "")}
  `.execute(server.app.database.kysely);
  const difference = await settled(server, held, await pay(server, held, OK));
  assert.deepEqual(
    [difference.state, difference.outcome, difference.refunded],
    ["refunded", "returned", euros(20)],
  );
  const now = await read();
  assert.deepEqual([now.state, now.total, now.pending_exchange], ["confirmed", euros(40), null]);
  assert.deepEqual(now.tickets[0], ticket);
  assert.deepEqual((await settled(server, held, payment)).refunded, euros(0));
  assert.ok(await event.addsUp());
  await nothingIsOpen(server);
});
