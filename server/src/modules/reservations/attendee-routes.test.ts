import assert from "node:assert/strict";
import { test } from "node:test";
import { testServer } from "#test/server.ts";
import { aSoldEvent, ask, notedOf, tablesWith } from "./testing-attendees.ts";

// What an event knows of people, and the end of it: over HTTP, as organizers ask for it.

const ADA = { name: "Ada Lovelace", email: "Ada@Example.org", phone: "+44 1815" };
const NOBODY = { name: null, email: null, phone: null };

test("who may not, gets neither the attendees nor their end, and is told no more than that", async (t) => {
  const server = await testServer(t);
  const event = await aSoldEvent(server);
  const other = await aSoldEvent(server);
  const holder = await event.reserve(ADA);
  const body = { all: true };
  for (const [request, sent] of [
    ["GET /events/ID/attendees/export", {}],
    ["POST /events/ID/attendees/erase", { body }],
  ] as const) {
    const asked = async (id: string, token?: string) => {
      const more = token === undefined ? {} : { token };
      const answer = await ask(server, request.replace("ID", id), { ...sent, ...more });
      return [answer.status, answer.body.code];
    };
    assert.deepEqual(await asked(event.id), [401, "not_authenticated"]);
    assert.deepEqual(await asked(event.id, other.token), [404, "not_found"]);
    assert.deepEqual(await asked(event.id, holder.token), [404, "not_found"]);
    assert.deepEqual(
      await asked(`${event.id.slice(0, -1)}${event.id.endsWith("0") ? "1" : "0"}`, event.token),
      [404, "not_found"],
    );
    assert.deepEqual(await asked("evt_x", event.token), [400, "malformed_id"]);
  }
});

test("an erasure that is not clear is refused field by field", async (t) => {
  const server = await testServer(t);
  const event = await aSoldEvent(server);
  for (const [body, status, path] of [
    [{}, 422, ""],
    [{ email: "a@b.cd", all: true }, 422, ""],
    [{ dry_run: false, reservations: 0 }, 422, ""],
    [{ all: false }, 422, "/all"],
    [{ email: "nobody" }, 422, "/email"],
    [{ email: null }, 422, "/email"],
    [{ email: "a@b.cd", dry_run: false }, 422, "/reservations"],
    [{ email: "a@b.cd", dry_run: false, reservations: -1 }, 422, "/reservations"],
    [{ email: "a@b.cd", dry_run: "no" }, 422, "/dry_run"],
    [{ email: "a@b.cd", name: "x" }, 422, "/name"],
    [{ reservation_id: "rsv_x" }, 400, "/reservation_id"],
    [{ reservation_id: event.id }, 400, "/reservation_id"],
  ] as const) {
    const answer = await event.erase(body);
    const got = [answer.status, answer.body.errors?.[0]?.path];
    assert.deepEqual(got, [status, path], `${JSON.stringify(body)}: ${answer.text}`);
  }
});

test("erasing one address: in every state, whatever its capitals, and nothing but what is personal", async (t) => {
  const server = await testServer(t);
  const event = await aSoldEvent(server);
  const held = await event.reserve(ADA, { confirm: false });
  const released = await event.reserve(ADA, { confirm: false });
  const expired = await event.reserve({ email: "ADA@example.org" }, { confirm: false });
  const confirmed = await event.reserve(ADA);
  const cancelled = await event.reserve(ADA);
  const hers = await event.reserve({ name: "Grace", email: "grace@example.org" });
  const elsewhere = await aSoldEvent(server);
  const other = await elsewhere.reserve(ADA);
  const act = (one: { id: string; token: string }, what: string) =>
    ask(server, `POST /reservations/${one.id}/${what}`, { token: one.token });
  await act(released, "release");
  await act(cancelled, "cancel");
  await server.advance(500);
  await act(held, "extend");
  await server.advance(500);
  const read = async (one: { id: string; token: string }) =>
    (await ask(server, `GET /reservations/${one.id}`, { token: one.token })).body;
  const all = [held, released, expired, confirmed, cancelled];
  // All of them are in the server's memory now.
  const before = await Promise.all([...all, hers].map(read));

  const dry = await event.erase({ email: "ada@EXAMPLE.org" });
  assert.deepEqual([dry.status, dry.body], [200, { dry_run: true, reservations: 5, erased: 0 }]);
  assert.deepEqual(
    await Promise.all([...all, hers].map(read)),
    before,
    "a dry run changes nothing",
  );

  const changed = await event.erase({ email: ADA.email, dry_run: false, reservations: 4 });
  assert.deepEqual([changed.status, changed.body.code], [409, "erasure_changed"]);
  assert.equal(changed.body.reasons[0]?.["reservations"], 5);
  assert.deepEqual(await Promise.all([...all, hers].map(read)), before, "nor does a refusal");

  const done = await event.erase({ email: ADA.email, dry_run: false, reservations: 5 });
  assert.deepEqual([done.status, done.body], [200, { dry_run: false, reservations: 5, erased: 5 }]);
  const after = await Promise.all([...all, hers].map(read));
  const expected = before.map((one, index) => (index < 5 ? { ...one, attendee: NOBODY } : one));
  assert.deepEqual(after, expected);
  assert.deepEqual(
    after[3]?.tickets.map(({ state }) => state),
    ["valid", "valid"],
  );
  assert.ok(await event.addsUp());
  assert.deepEqual((await read(other)).attendee, ADA, "of another event");
  const found = await ask(server, `GET /events/${event.id}/reservations?q=lovelace`, event);
  assert.deepEqual(found.body.data, []);
  assert.deepEqual(await notedOf(server.app, "eraseAttendees"), [
    ["event_token", "done", { meant: "email", reservations: 5 }],
  ]);

  assert.equal((await act(confirmed, "cancel")).body.state, "cancelled");
  assert.equal((await act(held, "confirm")).body.state, "confirmed");
  assert.ok(await event.addsUp());
});

test("what was erased stands nowhere in the database, and a repeat of what brought it does not bring it back", async (t) => {
  const server = await testServer(t);
  const event = await aSoldEvent(server);
  const reservation = await event.reserve(ADA, { key: "reserve", confirm: false });
  const named = { attendee: { name: "Countess", email: "countess@example.org", phone: "1843" } };
  const path = `/reservations/${reservation.id}`;
  const { token } = reservation;
  const change = () => ask(server, `PATCH ${path}`, { token, body: named, key: "change" });
  assert.equal((await change()).status, 200);
  assert.deepEqual(await tablesWith(server.app, "countess"), ["reservations.reservation"]);
  assert.deepEqual(await tablesWith(server.app, "lovelace"), [], "stored once, so it was replaced");

  const erasing = { reservation_id: reservation.id, dry_run: false, reservations: 1 };
  assert.equal((await event.erase(erasing, "erase")).status, 200);
  const noneOf = async (...texts: string[]) => {
    for (const text of texts) assert.deepEqual(await tablesWith(server.app, text), [], text);
  };
  await noneOf("countess", "lovelace", "example.org", "1843");
  assert.equal((await change()).headers.get("idempotent-replayed"), "true");
  await event.reserve(ADA, { key: "reserve", confirm: false });
  const read = await ask(server, `GET ${path}`, { token });
  assert.deepEqual(read.body.attendee, NOBODY);
  await noneOf("countess", "lovelace", "example.org", "1843");
});

test("an erasure that is repeated with its key gets its answer again, and leaves who came since", async (t) => {
  const server = await testServer(t);
  const event = await aSoldEvent(server);
  await event.reserve(ADA);
  const erasing = { email: ADA.email, dry_run: false, reservations: 1 };
  const first = await event.erase(erasing, "one");
  const later = await event.reserve(ADA);
  const again = await event.erase(erasing, "one");
  assert.deepEqual([again.status, again.body], [first.status, first.body]);
  assert.equal(again.headers.get("idempotent-replayed"), "true");
  const read = await ask(server, `GET /reservations/${later.id}`, later);
  assert.deepEqual(read.body.attendee, ADA);
  assert.equal((await notedOf(server.app, "eraseAttendees")).length, 1);
  const other = await event.erase({ ...erasing, reservations: 2 }, "one");
  assert.deepEqual([other.status, other.body.code], [422, "idempotency_key_reused"]);
});

test("one reservation is erased by its id; one of another event is not there, and one that is done counts none", async (t) => {
  const server = await testServer(t);
  const event = await aSoldEvent(server);
  const other = await aSoldEvent(server);
  const [mine, hers] = [await event.reserve(ADA), await event.reserve(ADA)];
  const foreign = await event.erase({ reservation_id: (await other.reserve(ADA)).id });
  assert.deepEqual([foreign.status, foreign.body.code], [404, "not_found"]);
  const meant = { reservation_id: mine.id };
  assert.equal((await event.erase(meant)).body.reservations, 1);
  const done = await event.erase({ ...meant, dry_run: false, reservations: 1 });
  assert.deepEqual(done.body, { dry_run: false, reservations: 1, erased: 1 });
  assert.equal((await event.erase(meant)).body.reservations, 0);
  const nothing = await event.erase({ ...meant, dry_run: false, reservations: 0 });
  assert.deepEqual(nothing.body, { dry_run: false, reservations: 0, erased: 0 });
  const read = await ask(server, `GET /reservations/${hers.id}`, hers);
  assert.deepEqual(read.body.attendee, ADA);
});

test("all attendees are erased only when the event is over and its retention has passed", async (t) => {
  const server = await testServer(t);
  const event = await aSoldEvent(server, { attendee_retention_days: 2 });
  const start = server.app.clock.now();
  for (let count = 0; count < 3; count++) await event.reserve(ADA);
  const refused = await event.erase({ all: true });
  assert.deepEqual([refused.status, refused.body.code], [409, "event_not_over"]);
  const from = Date.parse(String(refused.body.reasons[0]?.["possible_from"]));
  assert.ok(Math.abs(from - start - (2 + 48) * 3_600_000) < 5_000);
  await server.advance(49 * 3_600);
  assert.equal((await event.erase({ all: true })).status, 409, "over, but not for long enough");
  await server.advance(2 * 3_600);
  const dry = await event.erase({ all: true });
  assert.deepEqual(dry.body, { dry_run: true, reservations: 3, erased: 0 });
  const done = await event.erase({ all: true, dry_run: false, reservations: 3 });
  assert.deepEqual(done.body, { dry_run: false, reservations: 3, erased: 3 });
  assert.ok(await event.addsUp());
  assert.deepEqual(await tablesWith(server.app, "lovelace"), []);
});

test("of an event that was cancelled, all attendees are erased at once; of one without slots and end, never", async (t) => {
  const server = await testServer(t);
  const event = await aSoldEvent(server);
  await event.reserve(ADA);
  await ask(server, `POST /events/${event.id}/cancel`, event);
  const done = await event.erase({ all: true, dry_run: false, reservations: 1 });
  assert.deepEqual(done.body, { dry_run: false, reservations: 1, erased: 1 });
  const draft = await ask(server, "POST /events", { body: { name: "Draft", slots: [] } });
  const refused = await ask(server, `POST /events/${draft.body.id}/attendees/erase`, {
    token: draft.body.event_token,
    body: { all: true },
  });
  assert.deepEqual([refused.status, refused.body.reasons[0]?.["possible_from"]], [409, null]);
});

test("an export has every reservation once, as it stands, in a file that no cache keeps", async (t) => {
  const server = await testServer(t);
  const event = await aSoldEvent(server);
  const confirmed = await event.reserve({ name: '=Ada, "Countess"', email: "ada@example.org" });
  const expired = await event.reserve(
    { name: "Žofie 山田", phone: "+420 777" },
    { confirm: false },
  );
  await (await aSoldEvent(server)).reserve(ADA);
  // No sweeper has to have come by.
  await server.advance(3_000);
  const answer = await ask(server, `GET /events/${event.id}/attendees/export`, event);
  assert.equal(answer.status, 200);
  const header = (name: string) => answer.headers.get(name);
  assert.equal(header("content-type"), "text/csv; charset=utf-8; header=present");
  assert.equal(header("cache-control"), "no-store");
  assert.equal(header("content-disposition"), `attachment; filename="attendees-${event.id}.csv"`);
  const [head, first, second, ...rest] = answer.text.split("\r\n");
  assert.equal(
    head,
    "reservation_id,state,name,email,phone,language,tickets,ticket_types,total_minor,currency,created_at",
  );
  const time = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z";
  const record = (...cells: string[]) => new RegExp(`^${cells.join(",")},${time}$`);
  const places = ["cs", "2", "2 tty_\\w{26}", "0", "EUR"];
  const name = `"'=Ada, ""Countess"""`;
  assert.match(
    first ?? "",
    record(confirmed.id, "confirmed", name, "ada@example.org", "", ...places),
  );
  assert.match(
    second ?? "",
    record(expired.id, "expired", "Žofie 山田", "", "'\\+420 777", ...places),
  );
  assert.deepEqual(rest, [""]);
  assert.deepEqual(await notedOf(server.app, "exportAttendees"), [
    ["event_token", "done", { reservations: 2 }],
  ]);
});
