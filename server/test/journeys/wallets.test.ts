import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { testServer } from "#test/server.ts";
import { filesOfStoredZip } from "#test/stored-zip.ts";
import { makeWalletFiles, ORGANIZATION, readWallets } from "#test/wallet-certificates.ts";
import { anEvent } from "./an-event.ts";

const wallets = readWallets(makeWalletFiles());

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly content: Buffer;
  /** Of a refusal. */
  readonly code: unknown;
}

/** Two tickets of one reservation, and who asks for them by wallets. */
async function twoTickets(t: TestContext, offered = true) {
  const { client, url } = await testServer(t, offered ? { wallets } : {});
  const event = await anEvent(client, {
    name: { en: "Night at the museum", cs: "Noc v muzeu" },
    location: { name: "National Museum", address: "Wenceslas Square 68" },
  });
  const made = await client.reservations.create({
    lines: [event.places(event.first, 2)],
    attendee: { name: "Grace Hopper" },
    confirm: true,
  });
  const ask = async (path: string, token?: string, language = "cs"): Promise<Answer> => {
    const headers = {
      "accept-language": language,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    };
    const answer = await fetch(`${url}/v1/tickets/${path}`, { headers });
    const content = Buffer.from(await answer.arrayBuffer());
    const isRefused = answer.headers.get("content-type")?.startsWith("application/problem+json");
    const { code } = isRefused === true ? JSON.parse(content.toString()) : { code: null };
    return { status: answer.status, headers: answer.headers, content, code };
  };
  const [first, second] = made.tickets;
  assert.ok(first !== undefined && second !== undefined);
  return { client, event, made, token: made.token, ask, first, second };
}

function passIn({ content }: Answer) {
  return JSON.parse(String(filesOfStoredZip(content).get("pass.json")));
}

/** The class and the object that the link brings. */
function savedBy({ content }: Answer) {
  const { url } = JSON.parse(content.toString()) as { url: string };
  const claims = url.split(".").at(-2) ?? "";
  const { payload } = JSON.parse(Buffer.from(claims, "base64url").toString());
  return { ofClass: payload.eventTicketClasses[0], ofObject: payload.eventTicketObjects[0] };
}

const ROUTES = ["pass.pkpass", "google-wallet"] as const;

test("GET /v1/tickets/{id}/pass.pkpass 200: a signed pass with the ticket's code, in the reader's language", async (t) => {
  const { ask, token, second } = await twoTickets(t);
  const answer = await ask(`${second.id}/pass.pkpass`, token);
  assert.equal(answer.status, 200, String(answer.content));
  assert.equal(answer.headers.get("content-type"), "application/vnd.apple.pkpass");
  const disposition = 'attachment; filename="noc-v-muzeu-ticket-2.pkpass"';
  assert.equal(answer.headers.get("content-disposition"), disposition);
  assert.equal(answer.headers.get("content-language"), "cs");
  assert.match(String(answer.headers.get("cache-control")), /no-store/);
  const pass = passIn(answer);
  assert.equal(pass.serialNumber, second.id);
  assert.equal(pass.barcodes[0].message, second.code);
  assert.equal(pass.organizationName, ORGANIZATION);
  assert.equal(pass.description, "Vstupenka na Noc v muzeu");
  assert.equal(pass.eventTicket.headerFields[0].value, "2 / 2");
  assert.equal(pass.eventTicket.secondaryFields[0].value, "2090-06-15T19:00:00+02:00");
  const english = passIn(await ask(`${second.id}/pass.pkpass`, token, "en"));
  assert.equal(english.description, "Ticket for Night at the museum");
});

test("GET /v1/tickets/{id}/google-wallet 200: a link with the ticket's code, in the reader's language", async (t) => {
  const { ask, token, first } = await twoTickets(t);
  const { ofClass, ofObject } = savedBy(await ask(`${first.id}/google-wallet`, token));
  assert.deepEqual(ofClass.eventName.defaultValue, { language: "cs", value: "Noc v muzeu" });
  assert.equal(ofClass.dateTime.start, "2090-06-15T19:00:00+02:00");
  assert.equal(ofObject.barcode.value, first.code);
  const english = savedBy(await ask(`${first.id}/google-wallet`, token, "en"));
  assert.equal(english.ofClass.eventName.defaultValue.value, "Night at the museum");
  assert.notEqual(english.ofObject.id, ofObject.id);
});

test("a ticket that is void has a pass which says so, and no link: 410", async (t) => {
  const { client, ask, made, token, first } = await twoTickets(t);
  const valid = passIn(await ask(`${first.id}/pass.pkpass`, token));
  assert.equal(valid.voided, undefined);
  await client.reservations.cancel(made.id, { token });
  const pass = passIn(await ask(`${first.id}/pass.pkpass`, token));
  assert.equal(pass.voided, true);
  assert.equal(pass.barcodes, undefined);
  assert.equal(pass.serialNumber, valid.serialNumber, "it takes the other's place");
  const { status, code } = await ask(`${first.id}/google-wallet`, token);
  assert.deepEqual([status, code], [410, "ticket_void"]);
});

for (const route of ROUTES) {
  test(`GET /v1/tickets/{id}/${route} 400, 401, 403, 404: only who holds the ticket has it in a wallet`, async (t) => {
    const { client, event, ask, token, first } = await twoTickets(t);
    const refusal = async (id: string, credentials?: string) => {
      const { status, code } = await ask(`${id}/${route}`, credentials);
      return `${status} ${code}`;
    };
    assert.equal(await refusal("tkt_1", token), "400 malformed_id");
    assert.equal(await refusal(first.id), "401 not_authenticated");
    assert.equal(await refusal(first.id, `${token}x`), "401 not_authenticated");
    assert.equal(await refusal(first.id, event.token), "403 not_allowed", "nor who manages it");
    const other = await client.reservations.create({
      lines: [event.places(event.first, 1)],
      confirm: true,
    });
    assert.equal(await refusal(first.id, other.token), "404 not_found");
    assert.equal(await refusal("tkt_00000000000000000000000000", token), "404 not_found");
  });

  test(`GET /v1/tickets/{id}/${route} 404 wallet_not_offered: where the server is not set up for it`, async (t) => {
    const { ask, token, first } = await twoTickets(t, false);
    const { status, code } = await ask(`${first.id}/${route}`, token);
    assert.deepEqual([status, code], [404, "wallet_not_offered"]);
    assert.equal(
      (await ask(`${first.id}/${route}`)).status,
      401,
      "which is nobody else's business",
    );
  });
}

test("a ticket says which wallets it can be had for, to who may use it", async (t) => {
  for (const isOffered of [true, false]) {
    const { client, event, first, token } = await twoTickets(t, isOffered);
    const { data } = await client.call("readTicket", { path: { id: first.id }, token });
    assert.deepEqual(data.wallets, isOffered ? ["apple", "google"] : []);
    const path = { id: first.id };
    const managed = await client.call("readTicket", { path, token: event.token });
    assert.deepEqual(managed.data.wallets, []);
  }
});
