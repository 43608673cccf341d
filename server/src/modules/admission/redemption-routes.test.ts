import assert from "node:assert/strict";
import { before, type TestContext, test } from "node:test";
import type { BodyOf, DataOf } from "@tessera/sdk";
import { formatId, type Id, newId } from "#platform/id.ts";
import { type TestServer, testServer } from "#test/server.ts";

const HOUR = 3_600;
let server: TestServer;

before(async (t) => {
  server = await testServer(t as TestContext);
});

const later = (seconds: number) =>
  new Date(Math.floor(server.app.clock.now() / 1000 + seconds) * 1000).toISOString();

interface Door {
  readonly eventId: string;
  readonly token: string;
  readonly now: string;
  readonly tomorrow: string;
  readonly types: readonly string[];
  /** Codes of fresh tickets. */
  codes(slotId?: string, quantity?: number, ticketTypeId?: string): Promise<readonly string[]>;
  pass(gate?: string): Promise<string>;
}

/** An event that lets in now, and one slot tomorrow. */
async function aDoor(more: Partial<BodyOf<"createEvent">> = {}): Promise<Door> {
  const { client } = server;
  const made = await client.events.create({
    name: "Night at the museum",
    time_zone: "Europe/Prague",
    publish: true,
    slots: [
      { starts_at: later(HOUR / 2), ends_at: later(2 * HOUR), capacity: 50 },
      { starts_at: later(25 * HOUR), ends_at: later(26 * HOUR), capacity: 50 },
    ],
    ...more,
  });
  const [now = "", tomorrow = ""] = made.slots.map(({ id }) => id);
  const types = made.ticket_types.map(({ id }) => id);
  const token = made.event_token as string;
  return {
    eventId: made.id,
    token,
    now,
    tomorrow,
    types,
    codes: async (slot_id = now, quantity = 1, ticket_type_id = types[0] as string) => {
      const { tickets } = await client.reservations.create({
        lines: [{ slot_id, ticket_type_id, quantity }],
        attendee: { name: "Ada  King Lovelace" },
        confirm: true,
      });
      return tickets.map(({ code }) => code);
    },
    pass: async (gate = "North door") =>
      (
        await client.call("createDoorPass", {
          path: { id: made.id },
          body: { gate, expires_at: later(12 * HOUR) },
          token,
        })
      ).data.token,
  };
}

async function redeem(
  token: string,
  body: BodyOf<"redeem">,
  language?: string,
): Promise<DataOf<"redeem">> {
  const answer = await post(
    token,
    body,
    language === undefined ? {} : { "accept-language": language },
  );
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body as DataOf<"redeem">;
}

async function post(
  token: string | null,
  body: unknown,
  headers: Record<string, string> = {},
  path = "/v1/redemptions",
) {
  const response = await fetch(`${server.url}${path}`, {
    method: "POST",
    headers: {
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const { status } = response;
  const replayed = response.headers.get("idempotent-replayed");
  return { status, replayed, body: (await response.json()) as Record<string, unknown> };
}

function said({ outcome, reasons, presented_before }: DataOf<"redeem">) {
  return [outcome, ...reasons.map(({ code }) => code), presented_before];
}

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
  assert.equal((await post(token, { code: three }, key)).body["outcome"], "admitted");
  const repeated = await post(token, { code: three }, key);
  assert.deepEqual([repeated.replayed, repeated.body["outcome"]], ["true", "admitted"]);
  const other = await post(token, { code: two }, key);
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

test("what was scanned without a network is told afterwards, in any order and repeatedly; the earliest has it", async () => {
  const door = await aDoor();
  const [one = "", two = "", three = ""] = await door.codes(door.now, 3);
  const north = await door.pass();
  const south = await door.pass("South");
  const scans = [
    { id: "n3", code: two, at: later(-100) },
    { id: "n1", code: one, at: later(-300) },
    { id: "n2", code: one, at: later(-200), let_through: false },
    { id: "n4", code: "nonsense", at: later(-50), let_through: false },
  ];
  const path = "/v1/redemptions/batch";
  const report = async (token: string, body: object) => {
    const answer = await post(token, body, {}, path);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body as DataOf<"reportScans">;
  };
  const short = ({ results }: DataOf<"reportScans">) =>
    results.map(({ id, outcome, surplus }) => [id, outcome, surplus]);
  const told = await report(north, { scans });
  assert.deepEqual(short(told), [
    ["n3", "admitted", false],
    ["n1", "admitted", false],
    ["n2", "already_presented", false],
    ["n4", "unknown", false],
  ]);
  assert.deepEqual(await report(north, { scans: scans.toReversed() }), {
    ...told,
    results: told.results.toReversed(),
  });
  // The other gate let the same two in: one earlier, one later.
  const theirs = await report(south, {
    scans: [
      { id: "s1", code: one, at: later(-400) },
      { id: "s2", code: two, at: later(-90) },
      { id: "s3", code: three, at: later(10 * HOUR) },
    ],
  });
  assert.deepEqual(short(theirs), [
    ["s1", "admitted", false],
    ["s2", "already_presented", true],
    ["s3", "admitted", false],
  ]);
  assert.equal(theirs.surplus, 1);
  assert.equal(theirs.results[1]?.first_admitted?.gate, "North door");
  const after = await report(north, { scans });
  assert.deepEqual(after.results[1]?.surplus, true, "whoever asks again is told who was earlier");
  assert.equal(after.results[1]?.first_admitted?.gate, "South");
});

test("a report says at which event, and a pass reports for its own event and gate", async () => {
  const door = await aDoor();
  const other = await aDoor();
  const [code = ""] = await door.codes();
  const scans = [{ id: "1", code, at: later(-1), gate: "West" }];
  const path = "/v1/redemptions/batch";
  const unnamed = await post(door.token, { scans }, {}, path);
  assert.deepEqual([unnamed.status, unnamed.body["code"]], [422, "invalid_field"]);
  const { eventId: event_id } = door;
  assert.equal((await post(await door.pass(), { scans }, {}, path)).status, 403);
  assert.equal((await post(await other.pass(), { event_id, scans }, {}, path)).status, 404);
  const late = [{ ...scans[0], at: "2026-13-01T00:00:00Z" }];
  assert.equal((await post(door.token, { event_id, scans: late }, {}, path)).status, 422);
  assert.equal((await post(door.token, { event_id, scans: [] }, {}, path)).status, 422);
  assert.equal((await post(door.token, { event_id, scans }, {}, path)).status, 200);
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
    post(bearer, undefined, { "idempotency-key": key }, `/v1/tickets/${id}/undo-admission`);
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
