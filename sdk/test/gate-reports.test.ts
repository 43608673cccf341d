import assert from "node:assert/strict";
import { test } from "node:test";
import { createTessera } from "../src/index.ts";
import { aGate, clockAt, storage } from "./a-gate.ts";
import { DoorDouble } from "./door-double.ts";
import { codesLike, published } from "./published-codes.ts";

const ticket = published("a ticket");
const forFour = published("a ticket of a retired key");
const AN_HOUR = 3_600_000;

test("two gates without a network admit the same ticket; the later one shows the surplus", async () => {
  const door = new DoorDouble();
  const clock = clockAt(ticket.starts_at);
  const north = await aGate(door, { clock });
  const south = await aGate(door, { clock, gate: "South door" });
  door.network = "down";
  const first = await north.present(ticket.code);
  const second = await south.present(ticket.code);
  assert.ok(first.isLetThrough && second.isLetThrough);
  door.network = "up";
  await north.sync();
  await south.sync();
  assert.deepEqual(north.state().surplus, []);
  const firstAdmitted = { at: first.at, gate: "North door" };
  const shown = [{ id: second.id, at: second.at, ticketId: ticket.ticket_id, firstAdmitted }];
  assert.deepEqual(south.state().surplus, shown);
  assert.equal(door.timesOf(ticket.ticket_id), 1);
  await south.forgetSurplus();
  assert.deepEqual(south.state().surplus, []);
});

test("a gate that is reloaded in the middle knows what it admitted, and reports it once", async () => {
  const door = new DoorDouble();
  const kept = storage();
  const clock = clockAt(ticket.starts_at);
  const before = await aGate(door, { storage: kept, clock });
  door.network = "down";
  const { id } = await before.present(ticket.code);
  const after = await aGate(door, { storage: kept, clock });
  assert.equal(after.state().isOnline, false);
  assert.equal(after.state().waiting, 1);
  assert.equal((await after.present(ticket.code)).outcome, "already_presented");
  door.network = "up";
  await after.sync();
  assert.equal(after.state().isOnline, true);
  assert.deepEqual(
    door.slices.flat().map((scan) => [scan.id === id, scan.let_through]),
    [
      [true, true],
      [false, false],
    ],
  );
  const stale = await aGate(door, { storage: kept });
  assert.equal(stale.state().waiting, 0);
  assert.equal(door.timesOf(ticket.ticket_id), 1);
});

test("an admission that the server made is known after a reload without a network", async () => {
  const door = new DoorDouble();
  const kept = storage();
  const before = await aGate(door, { storage: kept });
  await before.present(ticket.code);
  door.network = "down";
  const after = await aGate(door, { storage: kept });
  assert.equal((await after.present(ticket.code)).outcome, "already_presented");
  assert.equal(after.state().waiting, 1);
  assert.equal(after.state().syncedAt, before.state().syncedAt);
  assert.notEqual(after.state().syncedAt, null);
});

test("an answer that is lost leaves the decision to the gate, under the same id: it is counted once", async () => {
  const door = new DoorDouble();
  const gate = await aGate(door);
  door.network = "deaf";
  const answer = await gate.present(ticket.code);
  assert.equal(answer.decidedBy, "gate");
  assert.equal(answer.isLetThrough, true);
  assert.equal(door.timesOf(ticket.ticket_id), 1);
  assert.equal(gate.state().isOnline, false);
  // Once it had to wait in vain, the next in the line does not.
  await gate.present(forFour.code);
  assert.equal(door.asked.filter((name) => name === "redeem").length, 1);
  door.network = "up";
  await gate.sync();
  assert.deepEqual(gate.state().surplus, []);
  assert.equal(door.timesOf(ticket.ticket_id), 1);
  assert.equal((await gate.present(ticket.code)).decidedBy, "server");
});

test("a server that is silent for longer than the gate waits is not waited for", async () => {
  const sent: { nonce: string }[] = [];
  const { door } = createTessera({
    baseUrl: "http://127.0.0.1",
    fetch: (_url, init) => {
      sent.push(JSON.parse(String(init?.body)));
      return new Promise((_resolve, reject) => {
        init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
      });
    },
  });
  const { data } = new DoorDouble().server;
  const server = { ...door, data };
  const informed = await aGate(new DoorDouble(), { server, answerMsMax: 20 });
  const { decidedBy, isLetThrough, id } = await informed.present(ticket.code);
  assert.deepEqual({ decidedBy, isLetThrough }, { decidedBy: "gate", isLetThrough: true });
  assert.deepEqual(
    sent.map(({ nonce }) => nonce),
    [id],
  );
});

test("what waits is reported in slices of at most 10,000, the oldest first", async () => {
  const door = new DoorDouble();
  const kept = storage();
  const gate = await aGate(door, { storage: kept });
  door.network = "down";
  const codes = codesLike(ticket, 200);
  for (const code of codes) await gate.present(code);
  const [scan] = [...kept.entries].filter(([key]) => key.startsWith("scan/"));
  assert.ok(scan);
  for (let count = 0; count < 20_000; count++) {
    const more = { ...(scan[1] as object), id: `more-${count}`, at: AN_HOUR + count };
    kept.entries.set(`scan/${more.id}`, more);
  }
  const again = await aGate(door, { storage: kept });
  door.network = "up";
  await again.sync();
  assert.deepEqual(
    door.slices.map((slice) => slice.length),
    [10_000, 10_000, 200],
  );
  assert.equal(door.slices[0]?.[0]?.id, "more-0");
  assert.equal(again.state().waiting, 0);
});

test("one scan that the server will not take does not keep the others from being reported", async () => {
  const door = new DoorDouble();
  const gate = await aGate(door);
  door.network = "down";
  const codes = codesLike(ticket, 9);
  for (const code of codes) await gate.present(code);
  door.poison = codes[5] ?? null;
  door.network = "up";
  await gate.sync();
  assert.equal(gate.state().waiting, 0);
  assert.deepEqual(
    gate.state().refused.map(({ because }) => because),
    ["invalid_field"],
  );
});

test("what is new comes page by page, and a cursor that the server lost begins again", async () => {
  const door = new DoorDouble();
  const south = await aGate(door, { gate: "South door" });
  for (const code of codesLike(ticket, 12)) await south.present(code);
  door.pageItemsMax = 5;
  const kept = storage();
  const north = await aGate(door, { storage: kept });
  assert.equal([...kept.entries.keys()].filter((key) => key.startsWith("admitted/")).length, 12);
  assert.equal(north.state().door?.cursor, "12");
  const restored = new DoorDouble();
  const after = await aGate(restored, { storage: kept });
  assert.equal(after.state().door?.cursor, "0");
  assert.equal([...kept.entries.keys()].filter((key) => key.startsWith("admitted/")).length, 0);
});
