import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { unsettledMoney } from "#modules/payments/testing.ts";
import { type TestServer, testServer } from "#test/server.ts";
import {
  aPaidEvent,
  type Held,
  hold,
  nothingIsOpen,
  type Payment,
  pay,
  settle,
  settled,
  stateOf,
  switchesOf,
  WAIT_AND_GRACE_SECONDS,
} from "./paying.ts";

// A payment succeeds when its hold has ended: the provider could not be reached during the whole wait and its grace.

interface Late {
  readonly server: TestServer;
  readonly event: Awaited<ReturnType<typeof aPaidEvent>>;
  readonly held: Held;
  readonly payment: Payment;
  /** The provider is there again, and says that it took the money. */
  succeeds(): Promise<Payment>;
}

async function aLatePayment(t: TestContext): Promise<Late> {
  const server = await testServer(t);
  const switches = switchesOf(server);
  const event = await aPaidEvent(server);
  const held = await hold(server, event);
  const payment = await pay(server, held, { provider: "test", method_token: "slow" });
  await settle(server);
  switches.isAway = true;
  await server.advance(WAIT_AND_GRACE_SECONDS + 1);
  await settle(server);
  assert.equal(await stateOf(server, held), "expired");
  return {
    server,
    event,
    held,
    payment,
    async succeeds() {
      switches.isAway = false;
      await server.advance(300);
      return settled(server, held, payment);
    },
  };
}

/** Somebody else holds all places of a slot. */
async function fill({ server, event: { adult } }: Late, slotId: string): Promise<void> {
  await hold(server, { first: slotId, adult }, 10);
}

test("paid too late, and the places are still there: they are taken again", async (t) => {
  const { server, event, held, succeeds } = await aLatePayment(t);
  const done = await succeeds();
  assert.deepEqual([done.state, done.outcome], ["succeeded", "confirmed"]);
  const { id, token } = held;
  const { state, tickets } = await server.client.reservations.read(id, { token });
  assert.deepEqual([state, tickets.length], ["confirmed", 2]);
  assert.ok(await event.addsUp());
  await nothingIsOpen(server);
});

test("paid too late, and the places are gone: other slots are on offer for a while, then the money goes back", async (t) => {
  const late = await aLatePayment(t);
  const { server, event, held, payment } = late;
  await fill(late, event.first);
  const offered = await late.succeeds();
  assert.deepEqual([offered.state, offered.outcome, offered.refunds], ["succeeded", null, []]);
  const { database, clock } = server.app;
  const open = await unsettledMoney(database.kysely, clock);
  assert.deepEqual([open.onOffer, open.withoutOutcome], [1, 0]);
  const again = pay(server, held, { provider: "test", method_token: "ok" });
  await assert.rejects(again, { status: 409, code: "already_paid" });

  await server.advance(24 * 3600 + 1);
  const done = await settled(server, held, payment);
  assert.deepEqual([done.outcome, await stateOf(server, held)], ["returned", "cancelled"]);
  await moneyIsBack(late);
});

test("paid too late, and nothing is left anywhere: the money goes back at once", async (t) => {
  const late = await aLatePayment(t);
  const { server, event, held } = late;
  await fill(late, event.first);
  await fill(late, event.second);
  const done = await late.succeeds();
  assert.deepEqual([done.outcome, await stateOf(server, held)], ["returned", "cancelled"]);
  await moneyIsBack(late);
});

test("paid too late for an event that is cancelled by then: the money goes back", async (t) => {
  const late = await aLatePayment(t);
  const { server, event } = late;
  await server.client.events.cancel(event.id, { token: event.token });
  assert.equal((await late.succeeds()).outcome, "returned");
  await moneyIsBack(late);
});

async function moneyIsBack({ server, event, held, payment }: Late): Promise<void> {
  const done = await settled(server, held, payment);
  assert.deepEqual([done.state, done.refunded], ["refunded", held.total]);
  assert.deepEqual(
    done.refunds.map(({ reason, state, amount }) => [reason, state, amount]),
    [["no_places", "succeeded", held.total]],
  );
  assert.ok(await event.addsUp());
  await nothingIsOpen(server);
}
