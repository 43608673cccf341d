import assert from "node:assert/strict";
import { before, type TestContext, test } from "node:test";
import ICAL from "ical.js";
import { createCapabilityTokens } from "#platform/tokens/capability.ts";
import { attendees, type TestAttendees } from "./testing-carried.ts";

let setting: TestAttendees;
before(async (t) => {
  setting = await attendees(t as TestContext);
});

/** What a calendar of another make understands of ours: each entry with the instants that its zone's definition gives. */
function entriesOf(text: string) {
  const calendar = new ICAL.Component(ICAL.parse(text));
  return calendar.getAllSubcomponents("vevent").map((component) => {
    const event = new ICAL.Event(component);
    const value = (name: string) => component.getFirstPropertyValue(name);
    return {
      uid: event.uid,
      sequence: event.sequence,
      starts: event.startDate.toJSDate().toISOString(),
      ends: event.endDate.toJSDate().toISOString(),
      zone: component.getFirstProperty("dtstart")?.getParameter("tzid"),
      summary: event.summary,
      location: event.location,
      description: event.description,
      status: value("status"),
      alarms: component.getAllSubcomponents("valarm").length,
    };
  });
}

/** Where a calendar subscribes to a reservation. */
async function feedOf(id: string, token: string) {
  const { status, text } = await setting.ask(`/reservations/${id}/calendar`, { token });
  assert.equal(status, 200);
  const { url, webcal_url: webcal } = JSON.parse(text) as { url: string; webcal_url: string };
  assert.equal(webcal, url.replace(/^https?:/, "webcal:"));
  const path = new URL(url).pathname.replace(/^\/v1/, "");
  return { path, capability: /calendars\/([\w-]{43})\.ics$/.exec(path)?.[1] ?? "" };
}

test("GET /v1/tickets/{id}/calendar.ics 200: when and where, in the event's own time, without names and codes", async () => {
  const event = await setting.open();
  const { ticket, tickets, token } = await event.reserve();
  const path = `/tickets/${ticket}/calendar.ics`;
  const { status, headers, text } = await setting.ask(path, { token });
  assert.deepEqual([status, headers.get("content-type")], [200, "text/calendar; charset=utf-8"]);
  assert.match(text, /BEGIN:VTIMEZONE\r\nTZID:Europe\/Prague\r\n/);
  assert.doesNotMatch(text.replaceAll("\r\n ", ""), /METHOD|Žižková/);
  assert.ok(!text.replaceAll("\r\n ", "").includes(tickets[0]?.code.slice(0, 40) ?? ""));
  const [entry, ...others] = entriesOf(text);
  assert.deepEqual(others, []);
  assert.deepEqual(
    { ...entry, uid: entry?.uid.split("@")[0], sequence: 0 },
    {
      uid: ticket,
      sequence: 0,
      starts: "2090-06-15T17:00:00.000Z",
      ends: "2090-06-15T17:30:00.000Z",
      zone: "Europe/Prague",
      summary: "Night at the museum",
      location: "National Museum\nVáclavské náměstí 68\nPraha 1",
      description: "Ticket: Family\n\nAdmits: 4 people\n\nNorth",
      status: "CONFIRMED",
      alarms: 0,
    },
  );
});

test("GET /v1/tickets/{id}/calendar.ics 200, 304: its sequence grows with every edit, and says when it is over", async () => {
  const event = await setting.open();
  const { id, ticket, token } = await event.reserve();
  const path = `/tickets/${ticket}/calendar.ics`;
  const { client } = setting.server;
  const read = async () => {
    const answer = await setting.ask(path, { token });
    return { etag: answer.headers.get("etag") ?? "", entry: entriesOf(answer.text)[0] };
  };
  const first = await read();
  const again = await setting.ask(path, { token, headers: { "if-none-match": first.etag } });
  assert.deepEqual([again.status, again.bytes.length], [304, 0]);
  const body = { starts_at: "2090-06-15T21:00", ends_at: "2090-06-15T21:30" };
  await client.call("changeSlot", { path: { id: event.summer }, body, token: event.token });
  const moved = await read();
  assert.equal(moved.entry?.starts, "2090-06-15T19:00:00.000Z");
  assert.equal(moved.entry.uid, first.entry?.uid);
  await client.reservations.cancel(id, { token });
  const cancelled = await read();
  assert.equal(cancelled.entry?.status, "CANCELLED");
  const sequences = [first, moved, cancelled].map(({ entry }) => entry?.sequence ?? 0);
  assert.ok(
    sequences.every((one, index) => index === 0 || one > (sequences[index - 1] ?? 0)),
    `${sequences}`,
  );
});

test("GET /v1/tickets/{id}/calendar.ics 200: the instant is right, also where it is disputed what clocks will show", async () => {
  // In Ramadan Morocco is an hour back, or for good, by which year's zone data one goes; no definition of a zone says both.
  const slots = ["2027-06-15T19:00", "2027-02-20T19:00"].map((starts_at) => ({
    starts_at,
    ends_at: starts_at.replace("19:00", "20:00"),
    capacity: 5,
  }));
  const event = await setting.open({ time_zone: "Africa/Casablanca", slots });
  for (const slot of [event.summer, event.winter]) {
    const made = await event.reserve(1, { lines: [{ slot_id: slot, quantity: 1 }] });
    const { text } = await setting.ask(`/tickets/${made.ticket}/calendar.ics`, {
      token: made.token,
    });
    const [entry] = entriesOf(text);
    const known = await setting.ask(`/tickets/${made.ticket}`, { token: made.token });
    const { starts_at } = (JSON.parse(known.text) as { slot: { starts_at: string } }).slot;
    assert.equal(entry?.starts, new Date(starts_at).toISOString());
  }
});

test("GET /v1/calendars/{token}.ics 200: an entry a slot, that moves when it is exchanged", async () => {
  const event = await setting.open();
  const lines = [
    { slot_id: event.summer, quantity: 2 },
    { slot_id: event.winter, quantity: 1 },
  ];
  const { id, token } = await event.reserve(1, { lines });
  const { path } = await feedOf(id, token);
  const { status, headers, text } = await setting.ask(path);
  assert.deepEqual(
    [status, headers.get("cache-control"), headers.get("referrer-policy")],
    [200, "private, no-cache", "no-referrer"],
  );
  assert.match(text, /REFRESH-INTERVAL;VALUE=DURATION:PT1H/);
  const before = entriesOf(text);
  assert.deepEqual(
    before.map(({ starts, description }) => [starts, description]),
    [
      ["2090-01-16T19:00:00.000Z", "1 × Family"],
      ["2090-06-15T17:00:00.000Z", "2 × Family\n\nNorth"],
    ],
  );
  const etag = headers.get("etag") ?? "";
  assert.equal((await setting.ask(path, { headers: { "if-none-match": etag } })).status, 304);
  const wanted = [{ slot_id: event.summer, quantity: 3 }];
  await setting.server.client.reservations.change(id, { lines: wanted }, { token });
  const [moved, ...others] = entriesOf((await setting.ask(path)).text);
  assert.deepEqual(others, []);
  assert.equal(moved?.uid, before[0]?.uid);
  assert.equal(moved?.starts, "2090-06-15T17:00:00.000Z");
  assert.ok(moved.sequence > (before[0]?.sequence ?? 0));
});

test("GET /v1/calendars/{token}.ics 200: goes on answering once it is cancelled, and says so; a hold is tentative", async () => {
  const event = await setting.open();
  const { id, token } = await event.reserve(1, { confirm: false });
  const { path } = await feedOf(id, token);
  const { client } = setting.server;
  const statusOf = async () => entriesOf((await setting.ask(path)).text)[0]?.status;
  assert.equal(await statusOf(), "TENTATIVE");
  await client.reservations.confirm(id, { token });
  assert.equal(await statusOf(), "CONFIRMED");
  await client.reservations.cancel(id, { token });
  assert.equal(await statusOf(), "CANCELLED");
});

test("GET /v1/calendars/{token}.ics 404: for what is forged, of another kind, or of before a transfer, with no word of the token", async () => {
  const event = await setting.open();
  const { id, token } = await event.reserve();
  const { path, capability } = await feedOf(id, token);
  const forger = createCapabilityTokens([Buffer.alloc(32, "forger")]);
  const forged = forger.issue({ kind: "calendar", id: id.slice(0, 36).padEnd(36), generation: 1 });
  const attendee = { name: "Grace Hopper" };
  await setting.server.client.reservations.transfer(id, { attendee }, { token });
  for (const [one, said] of [
    [path, capability],
    [`/calendars/${forged}.ics`, forged],
    [`/calendars/${token}.ics`, token],
    ["/calendars/x.ics", "no token"],
  ] as const) {
    const { status, code, text } = await setting.ask(one);
    assert.deepEqual([status, code], [404, "not_found"]);
    assert.ok(!text.includes(said), "a problem does not repeat the address");
  }
});

test("the address of a calendar opens nothing else, and tells no name and no code", async () => {
  const event = await setting.open();
  const { id, ticket, tickets, token } = await event.reserve();
  const { path, capability } = await feedOf(id, token);
  for (const one of [
    `/reservations/${id}`,
    `/reservations/${id}/calendar`,
    `/reservations/${id}/tickets.pdf`,
    `/tickets/${ticket}`,
    `/tickets/${ticket}/qr.svg`,
    `/tickets/${ticket}/calendar.ics`,
  ]) {
    assert.equal((await setting.ask(one, { token: capability })).status, 401, one);
  }
  const text = (await setting.ask(path)).text.replaceAll("\r\n ", "");
  for (const secret of ["Žižková", ticket, tickets[0]?.code.slice(0, 40) ?? ""]) {
    assert.ok(!text.includes(secret), secret);
  }
});
