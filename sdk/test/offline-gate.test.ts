import assert from "node:assert/strict";
import { test } from "node:test";
import { TesseraProblem, TesseraUnreachable } from "../src/index.ts";
import { aGate, storage } from "./a-gate.ts";
import { DoorDouble } from "./door-double.ts";
import { BASE45, published, vectors } from "./published-codes.ts";
import { json, scriptedServer } from "./scripted-server.ts";

const ticket = published("a ticket");
const forFour = published("a ticket of a retired key");
const AN_HOUR = 3_600_000;

function alteredAt(code: string, index: number): string {
  const other = [...BASE45].find((character) => character !== code[index]);
  return code.slice(0, index) + other + code.slice(index + 1);
}

test("with a network the server decides, and its words reach the gate", async () => {
  const door = new DoorDouble();
  const gate = await aGate(door);
  const first = await gate.present(ticket.code);
  assert.equal(first.outcome, "admitted");
  assert.equal(first.isLetThrough, true);
  assert.equal(first.decidedBy, "server");
  assert.deepEqual(first.ticket, {
    id: ticket.ticket_id,
    ticketType: { id: ticket.ticket_type_id, name: "Adult" },
    slot: {
      id: ticket.slot_id,
      startsAt: Date.parse(ticket.starts_at),
      endsAt: Date.parse(ticket.ends_at),
    },
    holderInitials: "A. L.",
    admits: 1,
  });
  const again = await gate.present(ticket.code);
  assert.equal(again.outcome, "already_presented");
  assert.deepEqual(again.firstAdmitted, { at: Date.parse(door.at), gate: "North door" });
  assert.equal(gate.state().waiting, 0);
});

test("without a network a gate says of every published code what the server would", async () => {
  const door = new DoorDouble();
  for (const { name, code, at, slot, verdict } of vectors.verdicts) {
    // The gate's slots have other times than these codes, or it was told of a slot that they are not of.
    const clock = { now: () => Date.parse(at) };
    const gate = await aGate(door, { clock });
    door.network = "down";
    const { outcome, reasons, decidedBy, isLetThrough } = await gate.present(code, {
      slotId: slot,
    });
    door.network = "up";
    assert.equal(decidedBy, "gate", name);
    assert.equal(outcome, verdict.outcome === "valid" ? "admitted" : verdict.outcome, name);
    assert.equal(isLetThrough, verdict.outcome === "valid", name);
    if (verdict.because !== undefined) assert.equal(reasons[0]?.code, verdict.because, name);
    assert.equal(reasons.length, verdict.outcome === "valid" ? 0 : 1, name);
  }
});

test("without a network nothing forged is let in, and what was tried is reported", async () => {
  const door = new DoorDouble();
  const gate = await aGate(door);
  door.network = "down";
  for (const code of [
    ...[0, 60, 176].map((index) => alteredAt(ticket.code, index)),
    published("a ticket of another event of the organizer").code,
    published("a ticket of a revoked key").code,
    published("a ticket that is revoked").code,
    "",
    "x".repeat(100_000),
  ]) {
    const { isLetThrough, ticket: shown, outcome } = await gate.present(code);
    assert.equal(isLetThrough, false);
    assert.equal(shown === null, outcome === "unknown");
  }
  door.network = "up";
  await gate.sync();
  const sent = door.slices.flat();
  assert.equal(sent.length, 7);
  assert.ok(sent.every((scan) => scan.let_through === false && scan.code.length <= 500));
});

test("a type's gates, a slot's gate and the event's entry window hold without a network", async () => {
  const door = new DoorDouble();
  door.gates = ["South door"];
  const north = await aGate(door);
  door.gates = ["North door"];
  door.settings = { re_entry: false, entry_opens_minutes: 30 };
  const early = await aGate(door, {
    clock: { now: () => Date.parse(ticket.starts_at) - AN_HOUR / 2 - 1 },
  });
  const { slot_id: slotId } = published("a ticket from before the event was claimed");
  door.network = "down";
  assert.equal((await north.present(ticket.code)).reasons[0]?.code, "wrong_gate");
  const tooEarly = await early.present(ticket.code);
  assert.equal(tooEarly.outcome, "too_early");
  const opensAt = new Date(Date.parse(ticket.starts_at) - AN_HOUR / 2).toISOString();
  assert.equal(tooEarly.reasons[0]?.["opens_at"], opensAt);
  const other = await early.present(ticket.code, { slotId });
  assert.equal(other.reasons[0]?.code, "other_slot");
});

test("without a network nobody comes to an event that is cancelled", async () => {
  const door = new DoorDouble();
  door.state = "cancelled";
  const gate = await aGate(door);
  door.network = "down";
  const { outcome, reasons } = await gate.present(ticket.code);
  assert.deepEqual([outcome, reasons[0]?.code], ["void", "event_cancelled"]);
});

test("a ticket that was admitted, here or elsewhere, is refused without a network, with where and when", async () => {
  const door = new DoorDouble();
  const south = await aGate(door, { gate: "South door" });
  await south.present(ticket.code);
  const north = await aGate(door);
  door.network = "down";
  const elsewhere = await north.present(ticket.code);
  assert.equal(elsewhere.outcome, "already_presented");
  assert.deepEqual(elsewhere.firstAdmitted, { at: Date.parse(door.at), gate: "South door" });
  assert.equal(elsewhere.presentedBefore, 1);
  const before = published("a ticket from before the event was claimed");
  const here = await north.present(before.code);
  assert.equal(here.outcome, "admitted");
  const again = await north.present(before.code);
  assert.deepEqual(again.firstAdmitted, { at: here.at, gate: "North door" });
  assert.equal(again.lastPresentedAt, here.at);
});

test("a ticket lets in as many as its type says now, together with those that others let in", async () => {
  const door = new DoorDouble();
  door.admits = 4;
  const south = await aGate(door, { gate: "South door" });
  const north = await aGate(door);
  await south.present(forFour.code);
  await north.present(forFour.code);
  await north.sync();
  door.network = "down";
  const outcomes: string[] = [];
  for (let count = 0; count < 3; count++) {
    outcomes.push((await north.present(forFour.code)).outcome);
  }
  assert.deepEqual(outcomes, ["admitted", "admitted", "already_presented"]);
});

test("the same ticket presented twice at once without a network is admitted once", async () => {
  const door = new DoorDouble();
  const gate = await aGate(door);
  door.network = "down";
  const answers = await Promise.all([1, 2, 3, 4].map(() => gate.present(ticket.code)));
  assert.equal(answers.filter(({ isLetThrough }) => isLetThrough).length, 1);
  assert.equal(gate.state().waiting, 4);
});

test("who was scanned out comes in again where the event says so, and nobody leaves who is not inside", async () => {
  for (const isAllowed of [true, false]) {
    const door = new DoorDouble();
    door.settings = { re_entry: isAllowed, entry_opens_minutes: 60 };
    const gate = await aGate(door);
    door.network = "down";
    const outcomes: string[] = [];
    for (const direction of ["out", "in", "in", "out", "out", "in", "in"] as const) {
      outcomes.push((await gate.present(ticket.code, { direction })).outcome);
    }
    const back = isAllowed ? "admitted" : "already_presented";
    assert.deepEqual(outcomes, [
      ...["not_inside", "admitted", "already_presented"],
      ...["left", "not_inside", back, "already_presented"],
    ]);
    door.network = "up";
    await gate.sync();
    assert.equal(gate.state().waiting, 0);
    assert.equal(door.timesOf(ticket.ticket_id), isAllowed ? 2 : 1);
  }
});

test("a ticket, a key or a slot that changes is known from the next increment on", async () => {
  const door = new DoorDouble();
  const gate = await aGate(door);
  door.revoked.push(ticket.ticket_id);
  door.keys = vectors.keys.map((key) => ({ ...key, revoked_at: "2027-06-15T17:00:00Z" }));
  const { data } = door.server;
  await gate.update(await data(vectors.event_id, { after: gate.state().door?.cursor }));
  door.network = "down";
  assert.equal((await gate.present(forFour.code)).reasons[0]?.code, "key_revoked");
  door.keys = vectors.keys;
  door.network = "up";
  await gate.sync();
  door.network = "down";
  assert.equal((await gate.present(ticket.code)).reasons[0]?.code, "ticket_revoked");
});

test("a gate whose pass is void says so, and keeps what it has not reported", async () => {
  const door = new DoorDouble();
  const gate = await aGate(door);
  door.network = "down";
  await gate.present(ticket.code);
  door.network = "up";
  door.refusal = 401;
  await assert.rejects(gate.sync(), TesseraProblem);
  assert.equal(gate.state().waiting, 1);
  const other = await aGate(new DoorDouble(), { server: door.server }).catch((error) => error);
  assert.ok(other instanceof TesseraProblem);
});

test("a gate that never heard of anything and cannot ask says that, and decides nothing", async () => {
  const door = new DoorDouble();
  door.network = "down";
  const gate = await aGate(door);
  await assert.rejects(gate.present(ticket.code), TesseraUnreachable);
  assert.equal(gate.state().door, null);
});

test("where there is no Ed25519 the gate refuses to decide, and records nothing", async (t) => {
  const door = new DoorDouble();
  const able = await aGate(door);
  assert.equal(able.state().canDecide, true);
  const { crypto: own } = globalThis;
  t.after(() => Object.defineProperty(globalThis, "crypto", { value: own }));
  // As browsers have it on pages that came over plain HTTP.
  Object.defineProperty(globalThis, "crypto", { value: {}, configurable: true });
  const gate = await aGate(door, { newId: () => "1" });
  assert.equal(gate.state().canDecide, false);
  door.network = "down";
  const { isLetThrough, reasons } = await gate.present(ticket.code);
  assert.equal(isLetThrough, false);
  assert.equal(reasons[0]?.code, "cannot_verify");
  // It asks each time, for whatever it is worth.
  door.network = "up";
  assert.equal((await gate.present(ticket.code)).decidedBy, "server");
  assert.equal(gate.state().waiting, 0);
});

test("what cannot be saved was not decided: the same ticket is admitted once it can", async () => {
  const door = new DoorDouble();
  const kept = storage();
  let isFull = false;
  const save: typeof kept.save = (changes) =>
    isFull ? Promise.reject(new Error("the disk is full")) : kept.save(changes);
  const gate = await aGate(door, { storage: { ...kept, save } });
  isFull = true;
  assert.equal((await gate.present(forFour.code)).decidedBy, "server");
  door.network = "down";
  await assert.rejects(gate.present(ticket.code), /the disk is full/);
  assert.equal(gate.state().waiting, 0);
  isFull = false;
  assert.equal((await gate.present(ticket.code)).outcome, "admitted");
});

test("who asks to sync while it syncs waits for that one, and listeners hear of it", async () => {
  const door = new DoorDouble();
  const gate = await aGate(door);
  let heard = 0;
  const stop = gate.onChange(() => {
    heard++;
  });
  const asked = door.asked.length;
  await Promise.all([gate.sync(), gate.sync()]);
  assert.equal(door.asked.length, asked + 1);
  assert.ok(heard > 0);
  stop();
  heard = 0;
  await gate.sync();
  assert.equal(heard, 0);
});

test("the calls of a door carry its pass, and what a gate reports", async (t) => {
  const { client, received } = await scriptedServer(t, [
    json(200, { event_id: "evt_1", gate: "North door", expires_at: "2027-06-15T17:00:00Z" }),
    json(200, { results: [], surplus: 0 }),
    json(200, { cursor: "c" }),
    json(200, { total: {} }),
  ]);
  const token = "a-door-pass";
  assert.equal((await client.door.pass({ token })).gate, "North door");
  await client.door.sync(
    { scans: [{ id: "1", code: "c", at: "2027-06-15T17:00:00Z" }] },
    { token },
  );
  await client.door.data("evt_1", { after: "a/b" }, { token });
  await client.door.counts("evt_1", { token });
  assert.deepEqual(
    received.map(({ method, url }) => `${method} ${url}`),
    [
      "GET /v1/door-pass",
      "POST /v1/redemptions/batch",
      "GET /v1/events/evt_1/door?after=a%2Fb",
      "GET /v1/events/evt_1/door/counts",
    ],
  );
  assert.ok(received.every(({ headers }) => headers.authorization === `Bearer ${token}`));
});
