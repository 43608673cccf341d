import assert from "node:assert/strict";
import { before, type TestContext, test } from "node:test";
import { formatId, type Id, newId } from "#platform/id.ts";
import { type TestServer, testServer } from "#test/server.ts";
import { type Doors, doorsOf, said } from "./presenting.ts";

const HOUR = 3_600;
let server: TestServer;
let aDoor: Doors["aDoor"];
let post: Doors["post"];
let redeem: Doors["redeem"];

before(async (t) => {
  server = await testServer(t as TestContext);
  ({ aDoor, post, redeem } = doorsOf(server));
});

test("a gate is told whom it lets in: type, slot, initials and nothing that names anybody", async () => {
  const door = await aDoor();
  const [code = ""] = await door.codes();
  const token = await door.pass();
  const first = await redeem(token, { code });
  assert.deepEqual(said(first), ["admitted", 0]);
  assert.equal(first.last_presented_at, null);
  assert.deepEqual(first.ticket?.holder_initials, "AL");
  assert.equal(first.ticket?.slot.id, door.now);
  assert.equal(first.ticket?.ticket_type.name, "Ticket");
  assert.doesNotMatch(JSON.stringify(first), /Ada|Lovelace|King/);
  const second = await redeem(token, { code });
  assert.deepEqual(said(second), ["already_presented", "already_admitted", 1]);
  assert.notEqual(second.last_presented_at, null);
  assert.equal(second.first_admitted?.gate, "North door");
  assert.equal(second.first_admitted?.at, second.last_presented_at);
});

test("reasons are in the language of the gate, English where there is none", async () => {
  const door = await aDoor();
  const [code = ""] = await door.codes(door.tomorrow);
  const token = await door.pass();
  const messages = [];
  for (const language of [undefined, "de-AT, en;q=0.5", "cs", "fr", "es", "ja"]) {
    const { outcome, reasons } = await redeem(token, { code }, language);
    assert.equal(outcome, "too_early");
    assert.match(reasons[0]?.opens_at ?? "", /^\d{4}-/);
    messages.push(reasons[0]?.message.split(/[.:]/)[0]);
  }
  assert.deepEqual(messages, [
    "Too early",
    "Zu früh",
    "Příliš brzy",
    "Trop tôt",
    "Demasiado pronto",
    "Too early",
  ]);
});

test("what is no code of the event is unknown, and nothing else", async () => {
  const door = await aDoor();
  const other = await aDoor();
  const token = await door.pass();
  const [foreign = ""] = await other.codes();
  const [good = ""] = await door.codes();
  const altered = `${good.slice(0, 170)}${good[170] === "0" ? "1" : "0"}${good.slice(171)}`;
  for (const [code, reason] of [
    ["", "malformed"],
    ["   ", "malformed"],
    ["hello", "malformed"],
    ["\u0000\u0001\u001b\u007f\n\t", "malformed"],
    ["\ud800", "malformed"],
    ["\u{1f3ab}".repeat(100), "malformed"],
    ["x".repeat(8_000), "malformed"],
    ["'; drop table admission.redemption; --", "malformed"],
    [foreign, "other_event"],
    [good.toLowerCase(), "malformed"],
    [` ${good}`, "malformed"],
    [altered, "signature"],
  ] as const) {
    assert.deepEqual(said(await redeem(token, { code })), ["unknown", reason, 0], code);
  }
  for (let round = 0; round < 200; round++) {
    const bytes = Array.from(crypto.getRandomValues(new Uint8Array(1 + (round % 200))));
    const { outcome } = await redeem(token, { code: String.fromCharCode(...bytes) });
    assert.equal(outcome, "unknown");
  }
  assert.deepEqual(said(await redeem(token, { code: good })), ["admitted", 0]);
});

test("codes of a replaced key are good, codes of a revoked one are void", async () => {
  const door = await aDoor();
  const token = await door.pass();
  const [first = "", second = ""] = await door.codes(door.now, 2);
  const rotate = (revoke: boolean) =>
    server.client.call("rotateTicketKeys", {
      path: { id: door.eventId },
      body: { revoke },
      token: door.token,
    });
  await rotate(false);
  assert.deepEqual(said(await redeem(token, { code: first })), ["admitted", 0]);
  await rotate(true);
  assert.deepEqual(said(await redeem(token, { code: second })), ["void", "key_revoked", 0]);
  assert.deepEqual(said(await redeem(token, { code: first })), ["void", "key_revoked", 1]);
});

test("tickets that were cancelled or passed on are void", async () => {
  const { client } = server;
  const door = await aDoor();
  const token = await door.pass();
  const make = () =>
    client.reservations.create({ lines: [{ slot_id: door.now, quantity: 1 }], confirm: true });
  const cancelled = await make();
  await client.reservations.cancel(cancelled.id, { token: cancelled.token });
  const passedOn = await make();
  const theirs = await client.reservations.transfer(
    passedOn.id,
    { attendee: { name: "Grace Hopper" } },
    { token: passedOn.token },
  );
  for (const { tickets } of [cancelled, passedOn]) {
    const code = tickets[0]?.code ?? "";
    assert.deepEqual(said(await redeem(token, { code })), ["void", "ticket_revoked", 0]);
  }
  const code = theirs.tickets[0]?.code ?? "";
  assert.deepEqual(said(await redeem(token, { code })), ["admitted", 0]);
});

test("gates of a ticket type, the one slot of a gate, and the hours of the door are kept", async () => {
  const door = await aDoor({
    entry_opens_minutes: 45,
    ticket_types: [{ name: "Guest", gates: ["VIP"] }, { name: "Visitor" }],
  });
  const [guest = "", visitor = ""] = door.types;
  const [vip = ""] = await door.codes(door.now, 1, guest);
  const [code = ""] = await door.codes(door.now, 1, visitor);
  const [tomorrow = ""] = await door.codes(door.tomorrow, 1, visitor);
  const north = await door.pass();
  const wrongGate = await redeem(north, { code: vip });
  assert.deepEqual(said(wrongGate), ["wrong_slot", "wrong_gate", 0]);
  assert.match(wrongGate.reasons[0]?.message ?? "", /VIP/);
  assert.deepEqual(said(await redeem(await door.pass("vip"), { code: vip })), ["admitted", 1]);
  const slot_id = door.tomorrow;
  assert.deepEqual(said(await redeem(north, { code, slot_id })), ["wrong_slot", "other_slot", 0]);
  assert.deepEqual(said(await redeem(north, { code: tomorrow })), ["too_early", "too_early", 0]);
  await server.advance(25 * HOUR - 40 * 60);
  const next = await door.pass();
  assert.deepEqual(said(await redeem(next, { code })), ["wrong_slot", "over", 1]);
  assert.deepEqual(said(await redeem(next, { code: tomorrow })), ["admitted", 1]);
});

test("a nonce replays the first answer; an Idempotency-Key does too, and refuses another code", async () => {
  const door = await aDoor();
  const token = await door.pass();
  const [one = "", two = "", three = ""] = await door.codes(door.now, 3);
  const first = await post(token, { code: one, nonce: "a" });
  const again = await post(token, { code: one, nonce: "a" });
  assert.deepEqual([first.replayed, again.replayed], [null, "true"]);
  assert.deepEqual(again.body, first.body);
  assert.deepEqual(said(await redeem(token, { code: two, nonce: "a" })), [
    "unknown",
    "nonce_reused",
    0,
  ]);
  // Another gate has names of its own.
  const south = await door.pass("South");
  assert.deepEqual(said(await redeem(south, { code: two, nonce: "a" })), ["admitted", 0]);
  const key = { "idempotency-key": "b" };
  assert.equal((await post(token, { code: three }, { headers: key })).body["outcome"], "admitted");
  const repeated = await post(token, { code: three }, { headers: key });
  assert.deepEqual([repeated.replayed, repeated.body["outcome"]], ["true", "admitted"]);
  const other = await post(token, { code: two }, { headers: key });
  assert.deepEqual([other.status, other.body["code"]], [422, "idempotency_key_reused"]);
});

test("a pass is for its event and its gate; whoever manages the event may name any gate", async () => {
  const door = await aDoor();
  const other = await aDoor();
  const [code = ""] = await door.codes();
  const token = await door.pass();
  const elsewhere = await post(await other.pass(), { code, event_id: door.eventId });
  assert.deepEqual([elsewhere.status, elsewhere.body["code"]], [404, "not_found"]);
  const wrong = await post(token, { code, gate: "South" });
  assert.deepEqual([wrong.status, wrong.body["code"]], [403, "not_allowed"]);
  assert.equal((await post(null, { code })).status, 401);
  assert.equal((await post(token, { code, event_id: door.eventId })).status, 200);
  const managed = await redeem(door.token, { code, gate: "West" });
  assert.equal(managed.first_admitted?.gate, "North door");
  // Whoever names no event is asked of which the code is; of others' nothing is said.
  assert.deepEqual(said(await redeem(other.token, { code })), ["unknown", "no_such_ticket", 0]);
  assert.deepEqual(said(await redeem(door.token, { code: "nonsense" })), [
    "unknown",
    "no_such_ticket",
    0,
  ]);
});

test("fields that are wrong are named, and nothing is written", async () => {
  const door = await aDoor();
  const token = await door.pass();
  const [code = ""] = await door.codes();
  for (const [body, status] of [
    [{}, 422],
    [{ code: 1 }, 422],
    [{ code: "x".repeat(8_001) }, 422],
    [{ code, gate: "" }, 422],
    [{ code, gate: "\u0000" }, 422],
    [{ code, nonce: "" }, 422],
    [{ code, at: "yesterday" }, 422],
    [{ code, at: "2026-01-01T00:00" }, 422],
    [{ code, direction: "up" }, 422],
    [{ code, slot_id: door.eventId }, 400],
    [{ code, event_id: "evt_1" }, 400],
    [{ code, door: true }, 422],
    ["{", 400],
    ['{"code":"a","code":"b"}', 400],
  ] as const) {
    assert.equal((await post(token, body)).status, status, JSON.stringify(body));
  }
  assert.deepEqual(said(await redeem(token, { code })), ["admitted", 0]);
});

test("a manager sees where a ticket was presented and takes its admission back", async () => {
  const { client } = server;
  const door = await aDoor();
  const [code = ""] = await door.codes();
  const pass = await door.pass();
  const { ticket } = await redeem(pass, { code });
  const path = { id: ticket?.id ?? "" };
  await redeem(pass, { code });
  const { token } = door;
  const seen = (await client.call("listRedemptionsOfTicket", { path, token })).data;
  assert.deepEqual(
    seen.data.map(({ outcome, gate, let_through }) => [outcome, gate, let_through]),
    [
      ["already_presented", "North door", false],
      ["admitted", "North door", true],
    ],
  );
  const undo = (bearer: string, key = "k", id = path.id) =>
    post(bearer, undefined, {
      headers: { "idempotency-key": key },
      path: `/v1/tickets/${id}/undo-admission`,
    });
  assert.equal((await undo(pass)).status, 403);
  assert.equal((await undo((await aDoor()).token)).status, 404);
  const unknown = formatId("tkt", newId<"tkt">(server.app.clock) as Id<"tkt">);
  assert.equal((await undo(token, "u", unknown)).status, 404);
  const undone = await undo(token);
  assert.deepEqual(undone.body, { ticket_id: path.id, admitted: 0, inside: 0 });
  assert.equal((await undo(token)).replayed, "true");
  const nothing = await undo(token, "other");
  assert.deepEqual([nothing.status, nothing.body["code"]], [409, "not_admitted"]);
  assert.deepEqual(said(await redeem(pass, { code })), ["admitted", 2]);
});
