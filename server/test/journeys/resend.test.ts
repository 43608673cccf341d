import assert from "node:assert/strict";
import { test } from "node:test";
import { createKeptMails } from "#platform/mail/mail-transport.ts";
import { testServer } from "#test/server.ts";

const SLOT = { starts_at: "2090-06-15T19:00", ends_at: "2090-06-15T19:30", capacity: 50 };

test("whoever lost the links to what they reserved gets them by mail, and nobody else learns of it", async (t) => {
  const mails = createKeptMails();
  const { url, client, app, advance } = await testServer(t, {}, { mail: mails });
  const event = await client.events.create({
    name: { en: "Night at the museum", cs: "Noc v muzeu" },
    time_zone: "Europe/Prague",
    publish: true,
    slots: [SLOT],
  });
  const slot_id = event.slots[0]?.id ?? "";
  const reserve = (email: string, quantity: number, confirm: boolean) =>
    client.reservations.create({
      lines: [{ slot_id, quantity }],
      attendee: { email },
      confirm,
      ...(!confirm && { hold_seconds: 60 }),
    });
  const first = await reserve("Grace@example.org", 2, true);
  const held = await reserve("grace@example.org", 1, false);
  const gone = await reserve("grace@example.org", 3, true);
  await client.reservations.cancel(gone.id, { token: gone.token ?? "" });
  await reserve("somebody@example.org", 4, true);
  const ask = async (email: string, language = "en") => {
    const answer = await fetch(`${url}/v1/reservations/resend`, {
      method: "POST",
      headers: { "content-type": "application/json", "accept-language": language },
      body: JSON.stringify({ email, event_id: event.id }),
    });
    const shape = [answer.status, await answer.text()];
    await app.idle();
    await app.outbox.deliver();
    return shape;
  };

  assert.deepEqual(await ask("grace@example.org"), [202, ""]);
  const [mail] = mails.sent;
  assert.equal(mail?.subject, "Your reservations: Night at the museum");
  const links = [...(mail?.text ?? "").matchAll(/(.+):\n(\S+\/r\/(rsv_\w+)#(\S+))/g)];
  assert.deepEqual(
    links.map(([, words, , id]) => [words, id]),
    [
      ["June 15, 2090 at 7:00 PM, 1 place", held.id],
      ["June 15, 2090 at 7:00 PM, 2 places", first.id],
    ],
  );
  const [, , , id = "", token = ""] = links[1] ?? [];
  assert.equal((await client.reservations.read(id, { token })).state, "confirmed");

  assert.deepEqual(await ask("nobody@example.org"), [202, ""]);
  assert.equal(mails.sent.length, 1);
  await advance(120);
  await ask("GRACE@example.org", "cs");
  assert.equal(mails.sent[1]?.subject, "Vaše rezervace: Noc v muzeu");
  assert.equal(mails.sent[1]?.text.match(/\/r\//g)?.length, 1, "the hold has expired");
});

test("wrong addresses and events are told apart from those that hold nothing only by their form", async (t) => {
  const mails = createKeptMails();
  const { url, app } = await testServer(t, {}, { mail: mails });
  const statusOf = async (body: object) => {
    const headers = { "content-type": "application/json" };
    const init = { method: "POST", headers, body: JSON.stringify(body) };
    return (await fetch(`${url}/v1/reservations/resend`, init)).status;
  };
  const event_id = "evt_01h455vb4pex5vsknk084sn02q";
  assert.equal(await statusOf({ email: "a@example.org", event_id }), 202);
  assert.equal(await statusOf({ email: "nobody", event_id }), 422);
  assert.equal(await statusOf({ email: "a@example.org", event_id: "evt_x" }), 400);
  assert.equal(await statusOf({ event_id }), 422);
  await app.idle();
  await app.outbox.deliver();
  assert.deepEqual(mails.sent, []);
});
