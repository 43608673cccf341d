import assert from "node:assert/strict";
import { test } from "node:test";
import { forged } from "#modules/catalog/testing.ts";
import { type Answered, type Ask, aTown, type Person, type Town } from "./people.ts";

const EVENT = {
  name: "Night at the museum",
  time_zone: "Europe/Prague",
  slots: [{ starts_at: "2090-06-15T19:00", ends_at: "2090-06-15T19:30", capacity: 5 }],
};
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const refusal = ({ status, body }: Answered) => [status, body.code];

async function anOrganizer(owner: Person): Promise<string> {
  const made = await owner.ask("POST /v1/organizers", { name: "National Museum" });
  assert.equal(made.status, 201);
  return made.body.id;
}

async function join(town: Town, organizer: string, owner: Person, guest: Person, role: string) {
  const invitations = `/v1/organizers/${organizer}/invitations`;
  const invited = await owner.ask(`POST ${invitations}`, { email: guest.email, role });
  assert.equal(invited.status, 201);
  const token = await town.tokenMailedTo(guest.email);
  const accepted = await guest.ask("POST /v1/invitations/accept", { token });
  assert.deepEqual([accepted.status, accepted.body.role], [200, role]);
}

/** Somebody without an account takes one free place. */
async function reserve(ask: Ask, event: Answered["body"]) {
  const lines = [{ slot_id: event.slots[0]?.id, quantity: 1 }];
  const attendee = { name: "Grace Hopper", email: "grace@example.org" };
  const reserved = await ask("POST /v1/reservations", { lines, attendee, confirm: true });
  assert.equal(reserved.status, 201);
  return reserved.body;
}

test("register, verify, make an organizer, invite; who accepts as door reads no attendees", async (t) => {
  const town = await aTown(t);
  const [ada, bob] = [await town.aPerson("ada"), await town.aPerson("bob")];
  const organizer = await anOrganizer(ada);
  await join(town, organizer, ada, bob, "door");

  const opened = await ada.ask("POST /v1/events", { ...EVENT, organizer_id: organizer });
  assert.equal(opened.status, 201);
  assert.equal(opened.body.organizer_id, organizer);
  assert.equal(opened.body.event_token, undefined);
  const path = `/v1/events/${opened.body.id}`;
  assert.deepEqual(refusal(await town.ask(`GET ${path}`)), [404, "not_found"]);
  assert.equal((await bob.ask(`GET ${path}`)).body.state, "draft");
  assert.deepEqual(refusal(await bob.ask(`POST ${path}/publish`)), [403, "not_allowed"]);
  assert.equal((await ada.ask(`POST ${path}/publish`)).body.state, "published");

  const reserved = await reserve(town.ask, opened.body);
  const listed = await ada.ask(`GET ${path}/reservations`);
  assert.deepEqual(
    listed.body.data.map(({ id }) => id),
    [reserved.id],
  );
  for (const request of [
    `GET ${path}/reservations`,
    `GET /v1/reservations/${reserved.id}`,
    `POST /v1/reservations/${reserved.id}/cancel`,
    `GET ${path}/audit`,
    `GET /v1/organizers/${organizer}/members`,
  ]) {
    assert.deepEqual(refusal(await bob.ask(request)), [403, "not_allowed"], request);
  }
  const eve = await town.aPerson("eve");
  await anOrganizer(eve);
  for (const request of [`GET ${path}/reservations`, `GET /v1/reservations/${reserved.id}`]) {
    assert.deepEqual(refusal(await eve.ask(request)), [404, "not_found"], request);
  }
  const cancelled = await ada.ask(`POST /v1/reservations/${reserved.id}/cancel`);
  assert.deepEqual([cancelled.status, cancelled.body.state], [200, "cancelled"]);
});

test("an anonymous event is claimed with its token, which then opens nothing", async (t) => {
  const town = await aTown(t);
  const [ada, eve] = [await town.aPerson("ada"), await town.aPerson("eve")];
  const organizer = await anOrganizer(ada);
  const { body: event } = await town.ask("POST /v1/events", { ...EVENT, publish: true });
  await reserve(town.ask, event);
  const claim = { event_token: event.event_token };
  const theirs = await anOrganizer(eve);
  assert.equal((await eve.ask(`POST /v1/organizers/${organizer}/claim-event`, claim)).status, 404);
  for (const wrong of ["nonsense", forged(event.event_token)]) {
    const body = { event_token: wrong };
    const refused = await ada.ask(`POST /v1/organizers/${organizer}/claim-event`, body);
    assert.deepEqual(refusal(refused), [422, "invalid_field"]);
  }
  const claimed = await ada.ask(`POST /v1/organizers/${organizer}/claim-event`, claim);
  assert.deepEqual([claimed.status, claimed.body.organizer_id], [200, organizer]);
  assert.equal(claimed.body.slots[0]?.available, 4);
  const again = await eve.ask(`POST /v1/organizers/${theirs}/claim-event`, claim);
  assert.deepEqual(refusal(again), [422, "invalid_field"]);

  const path = `/v1/events/${event.id}`;
  const old = await town.ask(`PATCH ${path}`, { name: "Mine" }, bearer(event.event_token));
  assert.deepEqual(refusal(old), [401, "not_authenticated"]);
  assert.equal((await ada.ask(`PATCH ${path}`, { name: "Ours" })).status, 200);
  assert.equal((await reserve(town.ask, event)).tickets.length, 1);
});

test("members find all events of their organizer, others those that are published", async (t) => {
  const town = await aTown(t);
  const ada = await town.aPerson("ada");
  const organizer = await anOrganizer(ada);
  const open = async (more: object) =>
    (await ada.ask("POST /v1/events", { ...EVENT, organizer_id: organizer, ...more })).body.id;
  const published = await open({ publish: true });
  const draft = await open({});
  const empty = await open({ slots: [] });
  await town.ask("POST /v1/events", { ...EVENT, publish: true });
  const idsFor = async (ask: Ask, more = "") =>
    (await ask(`GET /v1/events?organizer=${organizer}${more}`)).body.data.map(({ id }) => id);
  assert.deepEqual(await idsFor(ada.ask), [empty, draft, published]);
  assert.deepEqual(await idsFor(town.ask), [published]);
  const first = await ada.ask(`GET /v1/events?organizer=${organizer}&limit=1`);
  const cursor = String(first.body["next_cursor"]);
  assert.deepEqual(await idsFor(ada.ask, `&limit=5&cursor=${cursor}`), [draft, published]);
  const malformed = await town.ask("GET /v1/events?organizer=org_x");
  assert.deepEqual(refusal(malformed), [400, "malformed_id"]);
});

test("the owner reads who did what, with nothing about attendees", async (t) => {
  const town = await aTown(t);
  const [ada, bob] = [await town.aPerson("ada"), await town.aPerson("bob")];
  const organizer = await anOrganizer(ada);
  await join(town, organizer, ada, bob, "manager");
  const made = { ...EVENT, publish: true, organizer_id: organizer };
  const { body: event } = await bob.ask("POST /v1/events", made);
  const path = `/v1/events/${event.id}`;
  const key = { "idempotency-key": "once" };
  await bob.ask(`PATCH ${path}`, { name: "Another night" }, key);
  await bob.ask(`PATCH ${path}`, { name: "Another night" }, key);
  const reserved = await reserve(town.ask, event);
  const cancel = `POST /v1/reservations/${reserved.id}/cancel`;
  await bob.ask(cancel, undefined, { "idempotency-key": "another" });
  await bob.ask(cancel, undefined, { "idempotency-key": "another" });
  await bob.ask(`POST /v1/reservations/${reserved.id}/extend`);

  const { body } = await ada.ask(`GET ${path}/audit`);
  const actor = { kind: "user", id: bob.id, name: "bob" };
  assert.deepEqual(
    body.data.map((entry) => [entry["action"], entry["subject"], entry["outcome"], entry["actor"]]),
    [
      ["extendReservation", reserved.id, "refused", actor],
      ["cancelReservation", reserved.id, "done", actor],
      ["changeEvent", event.id, "done", actor],
      ["createEvent", event.id, "done", actor],
    ],
  );
  assert.doesNotMatch(JSON.stringify(body), /grace|hopper|example\.org/i);
  assert.equal((await bob.ask(`GET ${path}/audit`)).status, 403);
  const all = await ada.ask(`GET /v1/organizers/${organizer}/audit?limit=100`);
  assert.deepEqual(
    new Set(all.body.data.map((entry) => entry["action"])),
    new Set([
      ...["createOrganizer", "invite", "acceptInvitation", "createEvent", "changeEvent"],
      ...["cancelReservation", "extendReservation"],
    ]),
  );
});
