import assert from "node:assert/strict";
import { test } from "node:test";
import { createTicketVerifier, type Tessera, type TicketVerdict } from "@tessera/sdk";
import { testServer } from "#test/server.ts";
import { anEvent } from "./an-event.ts";
import { aTown } from "./people.ts";

const AT = Date.parse("2090-06-15T17:10:00Z");

/** What the gate of an event says, that was told of it all at this moment. */
async function atTheGate(client: Tessera, eventId: string, revoked: Iterable<string> = []) {
  const { keys } = (await client.call("readTicketKeys", { path: { id: eventId } })).data;
  const { slots, ticket_types: ticketTypes } = await client.events.read(eventId);
  const options = { eventId, keys, slots, ticketTypes, revoked: new Set(revoked) };
  const verifier = createTicketVerifier(options);
  return async (code: string | undefined, at = AT, slot?: string) => {
    assert.equal(code?.length, 177);
    return verifier.verify(code, { at, slot });
  };
}

function said(verdict: TicketVerdict): string {
  return "because" in verdict ? `${verdict.outcome}: ${verdict.because}` : verdict.outcome;
}

async function reserve(client: Tessera, slot_id: string, more: object = {}) {
  const line = { slot_id, quantity: 1, ...more };
  return client.reservations.create({ lines: [line], confirm: true });
}

test("the codes of a reservation say which tickets they are, to a gate without a network", async (t) => {
  const { client } = await testServer(t);
  const event = await anEvent(client, { ticket_types: [{ name: "Family", admits: 4 }] });
  const gate = await atTheGate(client, event.id);
  const made = await reserve(client, event.first, { quantity: 3 });
  assert.equal(new Set(made.tickets.map(({ code }) => code)).size, 3);
  for (const { id, code, slot_id, ticket_type_id } of made.tickets) {
    assert.deepEqual(await gate(code, AT, event.first), {
      outcome: "valid",
      ticket: {
        ticketId: id,
        slotId: slot_id,
        ticketTypeId: ticket_type_id,
        startsAt: Date.parse("2090-06-15T17:00:00Z"),
        endsAt: Date.parse("2090-06-15T17:30:00Z"),
        admits: 4,
      },
    });
    assert.equal(said(await gate(code, AT, event.second)), "wrong_slot: other_slot");
    assert.equal(said(await gate(code, AT - 86_400_000)), "too_early");
    assert.equal(said(await gate(code, AT + 86_400_000)), "wrong_slot: over");
  }
});

test("a ticket has the same code each time its holder looks, and none for whoever manages the event", async (t) => {
  const { client } = await testServer(t);
  const event = await anEvent(client);
  const idempotencyKey = "once";
  const body = { lines: [event.places(event.first, 2)], confirm: true };
  const made = await client.reservations.create(body, { idempotencyKey });
  const repeated = await client.reservations.create(body, { idempotencyKey });
  const { token } = made;
  const read = await client.reservations.read(made.id, { token });
  const again = await client.reservations.read(made.id, { token });
  for (const one of [repeated, read, again]) assert.deepEqual(one.tickets, made.tickets);
  const managed = await client.reservations.read(made.id, { token: event.token });
  assert.deepEqual(
    managed.tickets.map(({ code }) => code),
    ["", ""],
  );
});

test("what is transferred, exchanged or cancelled has tickets of other ids, so the old ones can be told apart", async (t) => {
  const { client } = await testServer(t);
  const event = await anEvent(client);
  const first = await reserve(client, event.first);
  const transferred = await client.reservations.transfer(
    first.id,
    { attendee: { name: "Grace Hopper" } },
    { token: first.token },
  );
  const { token } = transferred;
  const exchanged = await client.reservations.change(
    first.id,
    { lines: [event.places(event.second, 1)] },
    { token },
  );
  const all = [first, transferred, exchanged].map(({ tickets }) => tickets[0]);
  const ids = all.map((ticket) => ticket?.id ?? "");
  assert.equal(new Set(ids).size, 3);
  const gate = await atTheGate(client, event.id, ids.slice(0, 2));
  assert.equal(said(await gate(all[0]?.code)), "void: ticket_revoked");
  assert.equal(said(await gate(all[1]?.code)), "void: ticket_revoked");
  assert.equal((await gate(all[2]?.code, AT + 3_600_000, event.second)).outcome, "valid");
  const cancelled = await client.reservations.cancel(first.id, { token });
  assert.deepEqual(
    cancelled.tickets.map(({ id, code }) => [id, code]),
    [[ids[2], ""]],
  );
});

test("codes of another's event are unknown, and so are codes of an event with the same numbers", async (t) => {
  const { client } = await testServer(t);
  const [ours, theirs] = [await anEvent(client), await anEvent(client)];
  const gate = await atTheGate(client, ours.id);
  const [ticket] = (await reserve(client, theirs.first)).tickets;
  assert.equal(said(await gate(ticket?.code)), "unknown: other_event");
});

test("codes of an earlier key stay good when keys are rotated, and are void when it is revoked", async (t) => {
  const { client } = await testServer(t);
  const event = await anEvent(client);
  const path = { id: event.id };
  const made = await reserve(client, event.first);
  const codeNow = async () =>
    (await client.reservations.read(made.id, { token: made.token })).tickets[0]?.code;
  const codes = [await codeNow()];
  const rotate = async (revoke: boolean) => {
    const rotated = { path, body: { revoke }, token: event.token };
    const { data } = await client.call("rotateTicketKeys", rotated);
    codes.push(await codeNow());
    return data.keys.map(({ number, retired_at, revoked_at }) => [
      number,
      retired_at !== null,
      revoked_at !== null,
    ]);
  };
  assert.deepEqual(await rotate(false), [
    [32_770, false, false],
    [32_769, true, false],
  ]);
  assert.equal(new Set(codes).size, 2);
  let gate = await atTheGate(client, event.id);
  for (const code of codes) assert.equal((await gate(code)).outcome, "valid");

  assert.deepEqual(await rotate(true), [
    [32_771, false, false],
    [32_770, true, true],
    [32_769, true, true],
  ]);
  gate = await atTheGate(client, event.id);
  const verdicts = await Promise.all(codes.map(async (code) => said(await gate(code))));
  assert.deepEqual(verdicts, ["void: key_revoked", "void: key_revoked", "valid"]);
});

test("an event that is claimed keeps the codes it gave, and its organizer's key signs what follows", async (t) => {
  const town = await aTown(t);
  const { client } = town.server;
  const ada = await town.aPerson("ada");
  const organizer = (await ada.ask("POST /v1/organizers", { name: "National Museum" })).body.id;
  const event = await anEvent(client);
  const before = await reserve(client, event.first);
  const claim = { event_token: event.token };
  const claimed = await ada.ask(`POST /v1/organizers/${organizer}/claim-event`, claim);
  assert.equal(claimed.status, 200);
  const after = await reserve(client, event.first);
  const gate = await atTheGate(client, event.id);
  assert.equal((await gate(before.tickets[0]?.code)).outcome, "valid");
  assert.equal((await gate(after.tickets[0]?.code)).outcome, "valid");
  const numbersNow = async () => {
    const { data } = await client.call("readTicketKeys", { path: { id: event.id } });
    return data.keys.filter((key) => key.revoked_at === null).map(({ number }) => number);
  };
  assert.deepEqual(await numbersNow(), [1, 32_769]);
  const rotated = await ada.ask(`POST /v1/events/${event.id}/ticket-keys/rotate`, { revoke: true });
  assert.equal(rotated.status, 200);
  assert.deepEqual(await numbersNow(), [2]);
  const later = await atTheGate(client, event.id);
  assert.equal(said(await later(before.tickets[0]?.code)), "void: key_revoked");
});

test("a code is for where its slot was moved to, and a ticket of a type that is sold no more keeps its admits", async (t) => {
  const { client } = await testServer(t);
  const types = [{ name: "Family", admits: 4 }, { name: "Adult" }];
  const event = await anEvent(client, { ticket_types: types });
  const [family] = (await client.events.read(event.id)).ticket_types;
  const made = await reserve(client, event.first, { ticket_type_id: family?.id });
  const [old] = made.tickets;
  const { token } = event;
  await client.ticketTypes.remove(family?.id ?? "", { token });
  const move = { starts_at: "2090-06-16T19:00", ends_at: "2090-06-16T19:30" };
  await client.slots.change(event.first, move, { token });
  const [now] = (await client.reservations.read(made.id, { token: made.token })).tickets;
  assert.equal(now?.id, old?.id);
  assert.notEqual(now?.code, old?.code);
  const gate = await atTheGate(client, event.id);
  for (const ticket of [old, now]) {
    assert.equal((await gate(ticket?.code)).outcome, "too_early");
    const verdict = await gate(ticket?.code, AT + 86_400_000);
    assert.ok(verdict.outcome === "valid");
    assert.equal(verdict.ticket.admits, 4);
  }
});
