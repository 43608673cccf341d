import assert from "node:assert/strict";
import { test } from "node:test";
import type { GateAnswer } from "@tessera/sdk";
import { testServer } from "#test/server.ts";
import { aDoor, aGate, type Network } from "./a-door.ts";

// Gates as the SDK makes them, before the server itself, with the codes that it makes.

const said = ({ outcome, decidedBy, reasons }: GateAnswer) =>
  [decidedBy, outcome, ...reasons.map(({ code }) => code)].join(" ");

test("with a network and without, a gate says the same of the server's codes", async (t) => {
  const server = await testServer(t);
  const door = await aDoor(server.client, 2);
  const other = await aDoor(server.client, 1);
  const network: Network = { state: "up" };
  const gate = await aGate(server, door, { network });
  const [first = "", second = ""] = door.codes;
  const [foreign = ""] = other.codes;
  const altered = `${first.slice(0, 100)}${first[100] === "A" ? "B" : "A"}${first.slice(101)}`;
  const answers: string[] = [];
  for (const code of [first, first, foreign, altered, "no code"]) {
    answers.push(said(await gate.present(code)));
  }
  network.state = "down";
  for (const code of [second, second, foreign, altered, "no code"]) {
    answers.push(said(await gate.present(code)));
  }
  const expected = [
    "admitted",
    "already_presented already_admitted",
    "unknown other_event",
    "unknown signature",
    "unknown malformed",
  ];
  assert.deepEqual(answers, [
    ...expected.map((what) => `server ${what}`),
    ...expected.map((what) => `gate ${what}`),
  ]);
  network.state = "up";
  await gate.sync();
  const { total } = await server.client.door.counts(door.eventId, { token: door.token });
  assert.deepEqual([total.admitted, total.surplus, total.expected], [2, 0, 2]);
});

test("two gates without a network let in the same ticket: the later one is surplus, and shows by whom", async (t) => {
  const server = await testServer(t);
  const door = await aDoor(server.client, 1);
  const network: Network = { state: "up" };
  const north = await aGate(server, door, { network });
  const south = await aGate(server, door, { network, gate: "South door" });
  const [code = ""] = door.codes;
  network.state = "down";
  const first = await north.present(code);
  const second = await south.present(code);
  assert.ok(first.isLetThrough && second.isLetThrough);
  network.state = "up";
  await north.sync();
  await south.sync();
  assert.deepEqual(north.state().surplus, []);
  const [surplus] = south.state().surplus;
  assert.equal(surplus?.id, second.id);
  assert.deepEqual(surplus?.firstAdmitted, { at: first.at, gate: "North door" });
  const { total } = await server.client.door.counts(door.eventId, { token: door.token });
  assert.deepEqual([total.admitted, total.surplus], [1, 1]);
});

test("an answer that is lost is decided by the gate and reported under the same id: one admission", async (t) => {
  const server = await testServer(t);
  const door = await aDoor(server.client, 1);
  const network: Network = { state: "up" };
  const gate = await aGate(server, door, { network });
  const [code = ""] = door.codes;
  network.state = "deaf";
  assert.equal(said(await gate.present(code)), "gate admitted");
  network.state = "up";
  await gate.sync();
  assert.deepEqual(gate.state().surplus, []);
  assert.equal(said(await gate.present(code)), "server already_presented already_admitted");
  const { total } = await server.client.door.counts(door.eventId, { token: door.token });
  assert.deepEqual([total.admitted, total.surplus, total.presented], [1, 0, 2]);
});

test("a gate hears of tickets that are void, of older keys and of revoked ones", async (t) => {
  const server = await testServer(t);
  const { client } = server;
  const door = await aDoor(client, 2);
  const network: Network = { state: "up" };
  const gate = await aGate(server, door, { network });
  const [first = "", second = ""] = door.codes;
  const rotate = (revoke: boolean) =>
    client.call("rotateTicketKeys", {
      path: { id: door.eventId },
      body: { revoke },
      token: door.token,
    });
  await rotate(false);
  await gate.sync();
  network.state = "down";
  assert.equal(said(await gate.present(first)), "gate admitted");
  network.state = "up";
  await rotate(true);
  await gate.sync();
  network.state = "down";
  assert.equal(said(await gate.present(second)), "gate void key_revoked");
  network.state = "up";
  const later = await aDoor(client, 1);
  const its = await aGate(server, later, { network });
  const { id, token = "" } = later.reservation;
  await client.reservations.cancel(id, { token });
  await its.sync();
  network.state = "down";
  assert.equal(said(await its.present(later.codes[0] ?? "")), "gate void ticket_revoked");
});

test("a type's gates, the entry window and re-entry hold with a network and without", async (t) => {
  const server = await testServer(t);
  const network: Network = { state: "up" };
  const door = await aDoor(server.client, 2, {
    re_entry: true,
    ticket_types: [{ name: "Adult", gates: ["north door", "Boxes"] }],
  });
  const north = await aGate(server, door, { network });
  const south = await aGate(server, door, { network, gate: "South door" });
  const early = await aDoor(server.client, 2, { entry_opens_minutes: 1 });
  const its = await aGate(server, early, { network });
  for (const [index, state] of (["up", "down"] as const).entries()) {
    network.state = state;
    const who = state === "up" ? "server" : "gate";
    const code = door.codes[index] ?? "";
    assert.equal(said(await south.present(code)), `${who} wrong_slot wrong_gate`);
    const answers: string[] = [];
    for (const direction of ["out", "in", "in", "out", "out", "in"] as const) {
      answers.push(said(await north.present(code, { direction })));
    }
    assert.deepEqual(
      answers,
      [
        ...["not_inside not_inside", "admitted", "already_presented already_admitted"],
        ...["left", "not_inside not_inside", "admitted"],
      ].map((what) => `${who} ${what}`),
    );
    const tooEarly = await its.present(early.codes[index] ?? "");
    assert.equal(said(tooEarly), `${who} too_early too_early`);
  }
});

test("a gate whose pass is revoked is told so, with a network", async (t) => {
  const server = await testServer(t);
  const door = await aDoor(server.client, 1);
  const gate = await aGate(server, door);
  const path = { id: door.eventId };
  const { data } = await server.client.call("listDoorPasses", { path, token: door.token });
  const [pass] = data.data;
  assert.ok(pass);
  await server.client.call("revokeDoorPass", {
    path: { ...path, pass_id: pass.id },
    token: door.token,
  });
  await assert.rejects(gate.present(door.codes[0] ?? ""), { status: 401 });
  await assert.rejects(gate.sync(), { status: 401 });
});
