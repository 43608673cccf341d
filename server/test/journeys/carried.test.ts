import assert from "node:assert/strict";
import { test } from "node:test";
import { createTicketVerifier } from "@tessera/sdk";
import { decodeModules, modulesOfPng, readPdf } from "#modules/tickets/testing.ts";
import { testServer } from "#test/server.ts";
import { anEvent } from "./an-event.ts";

test("what an attendee shows on a screen or on paper is read and believed at a gate without a network", async (t) => {
  const { client, url } = await testServer(t);
  const event = await anEvent(client);
  const { keys } = (await client.call("readTicketKeys", { path: { id: event.id } })).data;
  const { slots, ticket_types: ticketTypes } = await client.events.read(event.id);
  const gate = createTicketVerifier({
    eventId: event.id,
    keys,
    slots,
    ticketTypes,
    revoked: new Set(),
  });
  const lines = [event.places(event.first, 2)];
  const { id, token, tickets } = await client.reservations.create({ lines, confirm: true });
  const load = async (path: string) => {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`${url}/v1${path}`, { headers });
    assert.equal(answer.status, 200);
    return Buffer.from(await answer.arrayBuffer());
  };
  const shown = await Promise.all(
    tickets.map(async (ticket) => {
      const png = await load(`/tickets/${ticket.id}/qr.png`);
      return decodeModules(modulesOfPng(png));
    }),
  );
  const { pages } = readPdf(await load(`/reservations/${id}/tickets.pdf`));
  assert.deepEqual(
    pages.map(({ code }) => code),
    shown,
  );
  for (const [index, code] of shown.entries()) {
    const at = Date.parse("2090-06-15T17:10:00Z");
    const verdict = await gate.verify(code, { at, slot: event.first });
    assert.equal(verdict.outcome, "valid");
    assert.equal("ticket" in verdict && verdict.ticket?.ticketId, tickets[index]?.id);
  }
});
