import assert from "node:assert/strict";
import { test } from "node:test";
import { aSharedCatalog, aSlot } from "./testing.ts";

const setting = aSharedCatalog();
const { ask, open } = setting;

/** An iCalendar text with its folded lines joined again. */
function unfolded(bytes: Buffer): string[] {
  return bytes.toString().replaceAll("\r\n ", "").split("\r\n");
}

test("GET /v1/events/{id}/calendar.ics 200: every slot, in UTC, with what it needs to be followed", async () => {
  const event = await open({
    name: { en: "Night; at, the \\ museum", cs: "Noc" },
    description: "By torchlight.\nBring one.",
    location: { name: "Museum", address: "Street 1" },
    slots: [aSlot({ note: "north door" }), aSlot({ starts_at: "2027-06-15T19:10" })],
  });
  const { status, headers, bytes } = await ask(`GET /events/${event.slug}/calendar.ics`);
  assert.deepEqual([status, headers["content-type"]], [200, "text/calendar; charset=utf-8"]);
  const lines = unfolded(bytes);
  assert.deepEqual([lines[0], lines.at(-1)], ["BEGIN:VCALENDAR", "END:VCALENDAR"]);
  for (const line of [
    `UID:${event.slots[0]?.id}@tickets.example.org`,
    "SEQUENCE:1",
    "DTSTART:20270615T170000Z",
    "DTEND:20270615T173000Z",
    "SUMMARY:Night\\; at\\, the \\\\ museum",
    "DESCRIPTION:By torchlight.\\nBring one.\\n\\nnorth door",
    "LOCATION:Museum\\nStreet 1",
    "STATUS:CONFIRMED",
    "X-WR-TIMEZONE:Europe/Prague",
    "X-WR-CALNAME:Night  at  the   museum",
  ]) {
    assert.ok(lines.includes(line), `${line}\n\n${lines.join("\n")}`);
  }
  assert.equal(lines.filter((line) => line === "BEGIN:VEVENT").length, 2);
});

test("GET /v1/events/{id}/calendar.ics 200: follows edits, cancelling and the reader's language", async () => {
  const { id, event_token: token } = await open({ name: { en: "Night", cs: "Noc" } });
  await ask(`POST /events/${id}/cancel`, { token });
  const { bytes } = await ask(`GET /events/${id}/calendar.ics`, { language: "cs" });
  const lines = unfolded(bytes);
  for (const line of ["SEQUENCE:2", "STATUS:CANCELLED", "SUMMARY:Noc"]) {
    assert.ok(lines.includes(line), line);
  }
});

test("GET /v1/events/{id}/qr.svg 200 and qr.png 200: lead to the event's page", async () => {
  const { id } = await open();
  const svg = await ask(`GET /events/${id}/qr.svg`);
  assert.deepEqual([svg.status, svg.headers["content-type"]], [200, "image/svg+xml"]);
  assert.match(svg.bytes.toString(), /^<svg /);
  const png = await ask(`GET /events/${id}/qr.png`);
  assert.deepEqual([png.status, png.headers["content-type"]], [200, "image/png"]);
  assert.equal(png.bytes.subarray(1, 4).toString(), "PNG");
});

for (const file of ["calendar.ics", "qr.svg", "qr.png"]) {
  test(`GET /v1/events/{id}/${file} 304, 400, 401, 404: as of its event`, async () => {
    const event = await open();
    const draft = await open({ publish: false });
    const { headers } = await ask(`GET /events/${event.id}/${file}`);
    const again = { headers: { "if-none-match": headers["etag"] ?? "" } };
    assert.equal((await ask(`GET /events/${event.id}/${file}`, again)).status, 304);
    assert.equal((await ask(`GET /events/evt_x/${file}`)).status, 400);
    assert.equal((await ask(`GET /events/${event.id}/${file}`, { token: "x" })).status, 401);
    assert.equal((await ask(`GET /events/${draft.id}/${file}`)).status, 404);
    const token = draft.event_token;
    assert.equal((await ask(`GET /events/${draft.id}/${file}`, { token })).status, 200);
  });
}
