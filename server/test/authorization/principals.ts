import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { formatId, parseId } from "#platform/id.ts";
import { createCapabilityTokens } from "#platform/tokens/capability.ts";
import { settle } from "../journeys/paying.ts";
import { type Ask, aTown, type Person, type Town } from "../journeys/people.ts";

/** What everybody tries their hand at: an organizer's things, made by its owner. */
export interface Ours {
  readonly organizer: string;
  readonly event: string;
  readonly draft: string;
  readonly slot: string;
  readonly ticketType: string;
  readonly reservation: string;
  /** Of the reservation, before it was handed over. */
  readonly ticket: string;
  /** Of the reservation, which it paid for. */
  readonly payment: string;
  /** A part of it that went back. */
  readonly refund: string;
}

export interface World {
  readonly town: Town;
  readonly owner: Person;
  /** A member nobody tries anything as. */
  readonly bystander: Person;
  readonly ours: Ours;
  /** An event that no organizer has; `other event's token` is its. */
  readonly anonymous: Omit<Ours, "organizer" | "draft">;
  /** The headers by which each principal is known. */
  readonly principals: ReadonlyMap<PrincipalName, Headers>;
  /** Opens an event of the organizer with a slot and a ticket type. */
  anEvent(): Promise<Pick<Ours, "event" | "slot" | "ticketType">>;
  /** The headers of a principal, with a session that can be ended where they have one. */
  anotherSession(principal: PrincipalName): Promise<Headers>;
  /** The status, and the code of a refusal. Does not wait for what never ends. */
  send(
    request: string,
    body: object | undefined,
    headers: Headers,
  ): Promise<{ readonly status: number; readonly code: string }>;
}
type Headers = Readonly<Record<string, string>>;

export const PRINCIPALS = [
  "anonymous",
  "forged token",
  "mistyped key",
  "ended session",
  "revoked key",
  "expired key",
  "revoked pass",
  "expired pass",
  "invitation token",
  "claimed event's token",
  "owner",
  "manager",
  "viewer",
  "door",
  "former member",
  "stranger",
  "other owner",
  "key read",
  "key write",
  "key door",
  "key feed",
  "other's key",
  "door pass",
  "other's pass",
  "other event's token",
  "reservation token",
  "reservation view token",
  "transferred reservation's token",
  "other reservation's token",
] as const;
export type PrincipalName = (typeof PRINCIPALS)[number];

const SECRET_KEYS = [Buffer.alloc(32, "matrix")];
const tokens = createCapabilityTokens(SECRET_KEYS);
const HOUR = 3600;

const EVENT = {
  name: "Night at the museum",
  publish: true,
  currency: "EUR",
  offline_hold_hours: 24,
  ticket_types: [{ name: "Adult", price: { amount_minor: 2000, currency: "EUR" } }],
  slots: [{ starts_at: "2090-06-15T19:00Z", ends_at: "2090-06-15T19:30Z", capacity: 1000 }],
};

/** The whole server with everybody who may ask it for something. */
export async function aWorld(t: TestContext): Promise<World> {
  const town = await aTown(t, { secretKeys: SECRET_KEYS });
  const { person, owner, organizer } = await aMuseum(town);
  const open = async (more: object) => {
    const { status, body } = await owner.ask("POST /v1/events", {
      ...EVENT,
      organizer_id: organizer,
      ...more,
    });
    assert.equal(status, 201, JSON.stringify(body));
    return partsOf(body);
  };
  const anonymous = (await town.ask("POST /v1/events", EVENT)).body;
  const claim = { event_token: anonymous.event_token };
  const claimed = await owner.ask(`POST /v1/organizers/${organizer}/claim-event`, claim);
  assert.equal(claimed.status, 200);
  const event = partsOf(anonymous);
  const reserve = (slot = event.slot) => aReservation(town, slot);
  const reservation = await reserve();
  const ours: Ours = {
    organizer,
    ...event,
    draft: (await open({ publish: false })).event,
    reservation: reservation.id,
    ticket: reservation.ticket,
    payment: reservation.payment,
    refund: await aRefund(owner.ask, reservation.payment),
  };
  const theirs = (await town.ask("POST /v1/events", EVENT)).body;
  const principals = new Map<PrincipalName, Headers>([
    ["anonymous", {}],
    ["owner", owner.headers],
    ["manager", person("manager").headers],
    ["viewer", person("viewer").headers],
    ["door", person("door").headers],
    ["former member", person("former").headers],
    ["stranger", person("stranger").headers],
    ["other owner", person("other").headers],
    ["claimed event's token", bearer(anonymous.event_token)],
    ...(await reservationTokens(town, ours, reservation, reserve)),
    ...(await organizerCredentials(town, owner, ours)),
    ...(await othersCredentials(town, person("other"), theirs)),
    ...(await deadCredentials(town, owner, ours)),
  ]);
  const ofNobody = await anonymousOnes(town, theirs);
  // So that nothing is left to be done by itself while it is compared.
  await settle(town.server);
  return {
    town,
    owner,
    bystander: person("bystander"),
    ours,
    anonymous: ofNobody,
    principals,
    anEvent: () => open({}),
    anotherSession: async (principal) => {
      const name = NAME_OF[principal];
      return name === undefined ? (principals.get(principal) ?? {}) : town.logIn(name);
    },
    send: (request, body, headers) => send(town.server.url, request, body, headers),
  };
}

/** People, and the organizer that some of them are members of. */
async function aMuseum(town: Town) {
  const names = ["owner", "manager", "viewer", "door", "former", "stranger", "other", "bystander"];
  const people = new Map<string, Person>();
  for (const name of names) people.set(name, await town.aPerson(name));
  const person = (name: string) => {
    const found = people.get(name);
    assert.ok(found);
    return found;
  };
  const owner = person("owner");
  const organizer = await anOrganizer(owner);
  for (const role of ["manager", "viewer", "door"]) {
    await join(town, organizer, owner, person(role), role);
  }
  await join(town, organizer, owner, person("former"), "manager");
  await join(town, organizer, owner, person("bystander"), "viewer");
  const former = `DELETE /v1/organizers/${organizer}/members/${person("former").id}`;
  assert.equal((await owner.ask(former)).status, 204);
  return { person, owner, organizer };
}

/** Paid for, so that it does not expire meanwhile. */
async function aReservation(town: Town, slot: string) {
  const body = { lines: [{ slot_id: slot, quantity: 1 }], attendee: { name: "Grace" } };
  const reserved = await town.ask("POST /v1/reservations", body);
  assert.equal(reserved.status, 201, JSON.stringify(reserved.body));
  const { id, token } = reserved.body;
  const payment = await aPayment(town, { id, token });
  const paid = await town.ask(`GET /v1/reservations/${id}`, undefined, bearer(token));
  const [ticket] = paid.body.tickets as readonly { readonly id: string }[];
  assert.ok(ticket);
  return { id, token, payment, ticket: ticket.id };
}

async function anonymousOnes(
  town: Town,
  event: { readonly [member: string]: unknown; readonly event_token: string },
): Promise<World["anonymous"]> {
  const parts = partsOf(event);
  const { id, payment, ticket } = await aReservation(town, parts.slot);
  const asHolder: Ask = (request, body) => town.ask(request, body, bearer(event.event_token));
  return { ...parts, reservation: id, ticket, payment, refund: await aRefund(asHolder, payment) };
}

/** Under which name a principal logs in. */
const NAME_OF: Readonly<Partial<Record<PrincipalName, string>>> = {
  owner: "owner",
  manager: "manager",
  viewer: "viewer",
  door: "door",
  "former member": "former",
  stranger: "stranger",
  "other owner": "other",
};

async function send(
  url: string,
  request: string,
  body: object | undefined,
  headers: Headers,
): Promise<{ readonly status: number; readonly code: string }> {
  const [method = "GET", path = ""] = request.split(" ");
  const answer = await fetch(url + path, {
    method,
    headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const isProblem = answer.headers.get("content-type")?.startsWith("application/problem+json");
  if (!isProblem) {
    await answer.body?.cancel();
    return { status: answer.status, code: "" };
  }
  const { code } = (await answer.json()) as { code: string };
  return { status: answer.status, code };
}

function partsOf(event: { readonly [member: string]: unknown }) {
  const {
    id,
    slots,
    ticket_types: types,
  } = event as unknown as {
    id: string;
    slots: readonly { id: string }[];
    ticket_types: readonly { id: string }[];
  };
  const [slot, type] = [slots[0]?.id, types[0]?.id];
  assert.ok(slot !== undefined && type !== undefined);
  return { event: id, slot, ticketType: type };
}

/** Pays for a reservation, which is confirmed by it. */
async function aPayment(
  town: Town,
  reservation: { readonly id: string; readonly token: string },
): Promise<string> {
  const path = `POST /v1/reservations/${reservation.id}/payments`;
  const body = { provider: "test", method_token: "ok" };
  const begun = await town.ask(path, body, bearer(reservation.token));
  assert.equal(begun.status, 201, JSON.stringify(begun.body));
  await settle(town.server);
  return begun.body.id;
}

/** Gives a cent of it back. */
async function aRefund(ask: Ask, payment: string): Promise<string> {
  const amount = { amount_minor: 1, currency: "EUR" };
  const refund = await ask(`POST /v1/payments/${payment}/refunds`, { amount });
  assert.equal(refund.status, 201, JSON.stringify(refund.body));
  return refund.body.id;
}

async function anOrganizer(owner: Person): Promise<string> {
  const made = await owner.ask("POST /v1/organizers", { name: "National Museum" });
  assert.equal(made.status, 201);
  return made.body.id;
}

async function join(town: Town, organizer: string, owner: Person, guest: Person, role: string) {
  const body = { email: guest.email, role };
  const invited = await owner.ask(`POST /v1/organizers/${organizer}/invitations`, body);
  assert.equal(invited.status, 201);
  const token = await town.tokenMailedTo(guest.email);
  assert.equal((await guest.ask("POST /v1/invitations/accept", { token })).status, 200);
}

type Credentials = readonly (readonly [PrincipalName, Headers])[];

async function reservationTokens(
  town: Town,
  ours: Ours,
  reservation: { readonly id: string; readonly token: string },
  reserve: () => Promise<{ id: string; token: string }>,
): Promise<Credentials> {
  const id = parseId("rsv", ours.reservation) ?? "";
  // Handing it over makes a new token: the one before is void from then on.
  const path = `POST /v1/reservations/${reservation.id}/transfer`;
  const transfer = { attendee: { name: "Ada" } };
  const handed = await town.ask(path, transfer, bearer(reservation.token));
  assert.equal(handed.status, 200, JSON.stringify(handed.body));
  const generation = tokens.read(handed.body.token)?.generation ?? 0;
  return [
    ["reservation token", bearer(handed.body.token)],
    ["reservation view token", bearer(tokens.issue({ kind: "view", id, generation }))],
    ["transferred reservation's token", bearer(reservation.token)],
    ["other reservation's token", bearer((await reserve()).token)],
  ];
}

/** A key and a pass of the organizer, for each thing they can be for. */
async function organizerCredentials(town: Town, owner: Person, ours: Ours): Promise<Credentials> {
  const key = async (scope: string) => (await aKey(owner, ours.organizer, scope)).key;
  return [
    ["key read", bearer(await key("read"))],
    ["key write", bearer(await key("write"))],
    ["key door", bearer(await key("door"))],
    ["key feed", bearer(await key("feed"))],
    ["door pass", bearer((await aPass(town, owner.ask, ours.event)).token)],
  ];
}

/** What opens things of somebody else. */
async function othersCredentials(
  town: Town,
  other: Person,
  event: { readonly id: string; readonly event_token: string },
): Promise<Credentials> {
  const organizer = await anOrganizer(other);
  const asHolder: Ask = (request, body) => town.ask(request, body, bearer(event.event_token));
  return [
    ["other's key", bearer((await aKey(other, organizer, "write")).key)],
    ["other's pass", bearer((await aPass(town, asHolder, event.id)).token)],
    ["other event's token", bearer(event.event_token)],
  ];
}

/** What opens nothing (any more). */
async function deadCredentials(town: Town, owner: Person, ours: Ours): Promise<Credentials> {
  const former = await town.aPerson("loggedout");
  assert.equal((await former.ask("POST /v1/auth/logout")).status, 204);
  const keys = `/v1/organizers/${ours.organizer}/api-keys`;
  const revoked = await aKey(owner, ours.organizer, "write");
  assert.equal((await owner.ask(`DELETE ${keys}/${revoked.id}`)).status, 204);
  const passes = `/v1/events/${ours.event}/door-passes`;
  const revokedPass = await aPass(town, owner.ask, ours.event);
  assert.equal((await owner.ask(`DELETE ${passes}/${revokedPass.id}`)).status, 204);
  const expired = await aKey(owner, ours.organizer, "write", town.timeIn(HOUR));
  const expiredPass = await aPass(town, owner.ask, ours.event, town.timeIn(HOUR));
  await town.server.advance(2 * HOUR);
  const invited = { email: "nobody@example.org", role: "manager" };
  await owner.ask(`POST /v1/organizers/${ours.organizer}/invitations`, invited);
  const forger = createCapabilityTokens([Buffer.alloc(32, "forger")]);
  const id = parseId("evt", ours.event) ?? "";
  return [
    ["forged token", bearer(forger.issue({ kind: "event", id, generation: 1 }))],
    ["mistyped key", bearer(`${revoked.key.slice(0, -1)}${revoked.key.endsWith("A") ? "B" : "A"}`)],
    ["ended session", former.headers],
    ["revoked key", bearer(revoked.key)],
    ["expired key", bearer(expired.key)],
    ["revoked pass", bearer(revokedPass.token)],
    ["expired pass", bearer(expiredPass.token)],
    ["invitation token", bearer(await town.tokenMailedTo(invited.email))],
  ];
}

async function aKey(owner: Person, organizer: string, scope: string, expiresAt?: string) {
  const body = { name: scope, scopes: [scope], ...(expiresAt && { expires_at: expiresAt }) };
  const made = await owner.ask(`POST /v1/organizers/${organizer}/api-keys`, body);
  assert.equal(made.status, 201, JSON.stringify(made.body));
  return { id: made.body.id, key: String(made.body["key"]) };
}

async function aPass(town: Town, ask: Ask, event: string, expiresAt = town.timeIn(100 * HOUR)) {
  const body = { gate: "north", expires_at: expiresAt };
  const made = await ask(`POST /v1/events/${event}/door-passes`, body);
  assert.equal(made.status, 201, JSON.stringify(made.body));
  return { id: made.body.id, token: made.body.token };
}

function bearer(token: string): Headers {
  return { authorization: `Bearer ${token}` };
}

/** An id of the same kind that nothing has. */
export function idOfNothing(kind: "rsv" | "usr" | "inv" | "key" | "dps" | "ses" | "psk"): string {
  return formatId(kind, "01900000-0000-7000-8000-000000000000" as never);
}
