import assert from "node:assert/strict";
import { before, type TestContext, test } from "node:test";
import { byProgram, decodeModules, modulesOfPng, modulesOfSvg } from "./testing.ts";
import { attendees, type TestAttendees } from "./testing-carried.ts";

let setting: TestAttendees;
before(async (t) => {
  setting = await attendees(t as TestContext);
});

test("GET /v1/tickets/{id} 200: what it is for, to its holder with its code", async () => {
  const event = await setting.open();
  const { id, token, tickets } = await event.reserve(2);
  const [ticket] = tickets;
  assert.ok(ticket);
  const { status, headers, text } = await setting.ask(`/tickets/${ticket.id}`, { token });
  assert.equal(status, 200);
  assert.deepEqual(
    [headers.get("cache-control"), headers.get("content-language")],
    ["no-store", "en"],
  );
  assert.deepEqual(JSON.parse(text), {
    id: ticket.id,
    reservation_id: id,
    event_id: event.id,
    code: ticket.code,
    state: "valid",
    holder_name: null,
    ticket_type: { id: ticket.ticket_type_id, name: "Family" },
    slot: {
      id: event.summer,
      starts_at: "2090-06-15T17:00:00Z",
      ends_at: "2090-06-15T17:30:00Z",
      starts_at_local: "2090-06-15T19:00:00",
      ends_at_local: "2090-06-15T19:30:00",
    },
    admits: 4,
    wallets: [],
  });
});

test("GET /v1/tickets/{id} 200: in the reader's language, else in the reservation's", async () => {
  const event = await setting.open();
  const { ticket, token } = await event.reserve(1, { language: "cs" });
  const typeFor = async (language: string) => {
    const headers = { "accept-language": language };
    const { text } = await setting.ask(`/tickets/${ticket}`, { token, headers });
    return (JSON.parse(text) as { ticket_type: { name: string } }).ticket_type.name;
  };
  assert.equal(await typeFor("en"), "Family");
  assert.equal(await typeFor("*"), "Rodinná");
});

test("GET /v1/tickets/{id} 200: without its code to who manages the event, and void once it is exchanged", async () => {
  const event = await setting.open();
  const { id, ticket, token } = await event.reserve();
  const managed = await setting.ask(`/tickets/${ticket}`, { token: event.token });
  assert.equal((JSON.parse(managed.text) as { code: string }).code, "");
  const lines = [{ slot_id: event.winter, quantity: 1 }];
  await setting.server.client.reservations.change(id, { lines }, { token });
  const { text } = await setting.ask(`/tickets/${ticket}`, { token });
  const { state, code, slot } = JSON.parse(text) as Record<string, { id: string }>;
  assert.deepEqual([state, code, slot?.id], ["void", "", event.summer]);
});

test("GET /v1/tickets/{id} 400, 401, 404: for what is no id, for nobody, and for what is another's", async () => {
  const event = await setting.open();
  const { ticket, token } = await event.reserve();
  const other = await event.reserve();
  const elsewhere = await setting.open();
  const statusOf = async (path: string, sent?: { token: string }) => {
    const { status, code } = await setting.ask(path, sent);
    return `${status} ${code}`;
  };
  assert.equal(await statusOf("/tickets/rsv_x", { token }), "400 malformed_id");
  assert.equal(await statusOf(`/tickets/${ticket}`), "401 not_authenticated");
  assert.equal(await statusOf(`/tickets/${ticket}`, { token: "x" }), "401 not_authenticated");
  for (const token of [other.token, elsewhere.token]) {
    assert.equal(await statusOf(`/tickets/${ticket}`, { token }), "404 not_found");
  }
  const nothing = "tkt_00000000000000000000000000";
  assert.equal(await statusOf(`/tickets/${nothing}`, { token }), "404 not_found");
});

test("GET /v1/tickets/{id} 401: a token that was replaced opens no ticket any more", async () => {
  const event = await setting.open();
  const { id, ticket, token } = await event.reserve();
  const attendee = { name: "Grace Hopper" };
  await setting.server.client.reservations.transfer(id, { attendee }, { token });
  assert.equal((await setting.ask(`/tickets/${ticket}`, { token })).status, 401);
});

test("GET /v1/tickets/{id}/qr.svg 200 and qr.png 200: 45 modules that hold its code", async () => {
  const event = await setting.open();
  const { ticket, tickets, token } = await event.reserve();
  const svg = await setting.ask(`/tickets/${ticket}/qr.svg`, { token });
  const png = await setting.ask(`/tickets/${ticket}/qr.png`, { token });
  assert.deepEqual(
    [svg.status, svg.headers.get("content-type"), png.status, png.headers.get("content-type")],
    [200, "image/svg+xml", 200, "image/png"],
  );
  assert.equal(
    png.headers.get("content-disposition"),
    'inline; filename="night-at-the-museum-ticket-1.png"',
  );
  assert.equal(png.headers.get("cache-control"), "no-store");
  const modules = modulesOfPng(png.bytes);
  assert.equal(modules.length, 45 + 8, "version 7 with the white around that it needs");
  const code = tickets[0]?.code ?? "";
  assert.equal(decodeModules(modules), code);
  assert.deepEqual(modulesOfSvg(svg.text), modules);
  const read = byProgram({ name: "code.png", bytes: png.bytes }, [
    ["zbarimg", "-q", "--raw", "code.png"],
  ]);
  if (read !== null) assert.equal(read.printed.trimEnd(), code.trimEnd());
});

test("GET /v1/tickets/{id}/qr.svg 403: codes are for holders, not for who manages the event", async () => {
  const event = await setting.open();
  const { id, ticket } = await event.reserve();
  for (const path of [
    `/tickets/${ticket}/qr.svg`,
    `/tickets/${ticket}/qr.png`,
    `/tickets/${ticket}/ticket.pdf`,
    `/reservations/${id}/tickets.pdf`,
  ]) {
    const { status, code } = await setting.ask(path, { token: event.token });
    assert.deepEqual([path, status, code], [path, 403, "not_allowed"]);
  }
});

test("GET /v1/tickets/{id}/qr.svg 410: a void ticket has no code, whatever made it void", async () => {
  const event = await setting.open();
  const cancelled = await event.reserve();
  await setting.server.client.reservations.cancel(cancelled.id, { token: cancelled.token });
  const doomed = await setting.open();
  const left = await doomed.reserve();
  await setting.server.client.call("cancelEvent", { path: { id: doomed.id }, token: doomed.token });
  for (const { ticket, token } of [cancelled, left]) {
    for (const file of ["qr.svg", "qr.png", "ticket.pdf"]) {
      const { status, code } = await setting.ask(`/tickets/${ticket}/${file}`, { token });
      assert.deepEqual([file, status, code], [file, 410, "ticket_void"]);
    }
  }
});
