import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { InjectOptions } from "fastify";
import { sql } from "kysely";
import { findUserNames } from "#modules/accounts/testing.ts";
import type { Bus } from "#platform/bus/bus.ts";
import { createLocalBus } from "#platform/bus/local.ts";
import { TestClock } from "#platform/clock.ts";
import { type Database, inTransaction } from "#platform/database/database.ts";
import type { FieldError } from "#platform/http/problem.ts";
import { aServer, type LogLine, PUBLIC_URL, testTokens } from "#platform/http/testing.ts";
import { formatId, type Id, newId } from "#platform/id.ts";
import { silentLogger } from "#platform/logger.ts";
import { createMailOutbox } from "#platform/mail/mail-outbox.ts";
import { testDatabase } from "#test/database.ts";
import type { CreatedApiKeyBody } from "./api-key-schemas.ts";
import { decideOnEvent, type GuardedEvent } from "./decide.ts";
import type { CreatedDoorPassBody } from "./door-pass-schemas.ts";
import { createOrganizers, type Organizers } from "./organizers.ts";
import { ROLES, type Role } from "./roles.ts";

export interface Sent {
  readonly body?: unknown;
  /** Who is logged in. */
  readonly as?: Id<"usr">;
  readonly token?: string;
  readonly key?: string;
}

/** Every member that some answer has: a test reads those that its answer has. */
type Answered = CreatedApiKeyBody &
  CreatedDoorPassBody & {
    readonly data: readonly (CreatedApiKeyBody & CreatedDoorPassBody)[];
    readonly next_cursor: string | null;
    readonly code: string;
    readonly detail: string;
    readonly errors: readonly FieldError[];
  };

export interface Received {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Answered;
  readonly text: string;
  readonly bytes: Buffer;
}

export interface TestCredentials {
  readonly database: Database;
  readonly clock: TestClock;
  readonly organizers: Organizers;
  readonly lines: readonly LogLine[];
  /** The organizers of another process over the same database, and maybe after a rotation. */
  another(bus: Bus, secretKeys?: readonly Buffer[]): Promise<Organizers>;
  /** Asks as `GET /v1/door-pass` says; the path is under `/v1`. */
  ask(request: string, sent?: Sent): Promise<Received>;
  /** An organizer with one member of each role. */
  anOrganizer(): Promise<AnOrganizer>;
  /** An event of an organizer, or an anonymous one. */
  anEvent(organizer?: AnOrganizer): Promise<{ readonly id: string; readonly token: string }>;
}

export interface AnOrganizer {
  readonly organizerId: Id<"org">;
  readonly id: string;
  readonly members: Readonly<Record<Role, Id<"usr">>>;
}

export const SECRET_KEY = Buffer.alloc(32, "organizers");

/** Keys and passes over HTTP on a database of their own, with sessions and events in memory. */
export async function someCredentials(
  t: TestContext,
  bus: Bus = createLocalBus(),
): Promise<TestCredentials> {
  const database = await testDatabase(t);
  const clock = new TestClock();
  const sessions = {
    read: (cookies: string) =>
      Promise.resolve({ userId: cookies as Id<"usr">, sessionId: newId<"ses">(clock) }),
  };
  const outbox = createMailOutbox({
    database,
    clock,
    secretKeys: [SECRET_KEY],
    transport: null,
    log: silentLogger,
  });
  const users = { namesOf: findUserNames };
  const publicUrl = PUBLIC_URL;
  const common = { database, clock, sessions, outbox, users, publicUrl, tokens: testTokens };
  const another = (theirBus: Bus, secretKeys: readonly Buffer[] = [SECRET_KEY]) =>
    createOrganizers({ ...common, bus: theirBus, secretKeys });
  const organizers = await another(bus);
  const events = new Map<string, GuardedEvent>();
  const doorPasses = organizers.eventRoutes({
    authorize: async (caller, eventId) => decideOnEvent(caller, events.get(eventId) ?? null),
  });
  const { server, lines } = await aServer(t, {
    identities: organizers.identities,
    routes: async (to) => {
      await to.register(organizers.routes, { prefix: "/v1" });
      await to.register(doorPasses, { prefix: "/v1" });
    },
  });
  const ask = async (request: string, { body, as, token, key }: Sent = {}) => {
    const [method = "GET", path = ""] = request.split(" ");
    const response = await server.inject({
      method: method as NonNullable<InjectOptions["method"]>,
      url: `/v1${path}`,
      headers: {
        ...(as !== undefined && { cookie: as }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(key !== undefined && { "idempotency-key": key }),
      },
      ...(body !== undefined && { payload: body as object }),
    });
    return {
      status: response.statusCode,
      headers: response.headers,
      body: /json/.test(String(response.headers["content-type"])) ? response.json() : {},
      text: response.body,
      bytes: response.rawPayload,
    };
  };
  const anEvent = async (organizer?: AnOrganizer) => {
    const eventId = newId<"evt">(clock);
    const organizerId = organizer?.organizerId ?? null;
    events.set(eventId, { eventId, organizerId, tokenGeneration: 0 });
    // The second wall looks at the catalogue's own row.
    await sql`
      insert into catalog.event (
        event_id, organizer_id, slug, name, search_text, time_zone, currency, default_language, state,
        hold_seconds, hold_life_max_seconds, tickets_per_reservation_max, created_at
      )
      values (
        ${eventId}, ${organizerId}, ${eventId}, '{"en": "Night"}', 'night', 'UTC', 'EUR', 'en', 'draft',
        600, 600, 10, clock_timestamp()
      )
    `.execute(database.kysely);
    const token = testTokens.issue({ kind: "event", id: eventId, generation: 0 });
    return { id: formatId("evt", eventId), token };
  };
  const anOrganizer = () => insertOrganizerWithMembers(database, clock);
  return { database, clock, organizers, lines, another, ask, anOrganizer, anEvent };
}

async function insertOrganizerWithMembers(
  database: Database,
  clock: TestClock,
): Promise<AnOrganizer> {
  const members: Partial<Record<Role, Id<"usr">>> = {};
  for (const role of ROLES) members[role] = await insertUser(database, newId<"usr">(clock));
  const organizerId = await insertOrganizer(database, clock, members);
  return {
    organizerId,
    id: formatId("org", organizerId),
    members: members as Record<Role, Id<"usr">>,
  };
}

async function insertUser(database: Database, userId: Id<"usr">): Promise<Id<"usr">> {
  const name = `u${userId.replaceAll("-", "").slice(-20)}`;
  await sql`
    insert into accounts.registered_user (id, name, email, email_verified, username, created_at, updated_at)
    values (${userId}, ${name}, ${`${name}@example.org`}, true, ${name}, clock_timestamp(), clock_timestamp())
  `.execute(database.kysely);
  return userId;
}

/** An organizer with these members, one of whom is its owner. */
export async function insertOrganizer(
  database: Database,
  clock: TestClock,
  members: Readonly<Partial<Record<Role, Id<"usr">>>>,
): Promise<Id<"org">> {
  const organizerId = newId<"org">(clock);
  assert.ok(members.owner, "an organizer has an owner");
  await inTransaction(database, async (transaction) => {
    await sql`
      insert into organizers.organizer (organizer_id, name, owner_id, created_at)
      values (${organizerId}, 'Museum', ${members.owner}, clock_timestamp())
    `.execute(transaction);
    for (const [role, userId] of Object.entries(members)) {
      await sql`
        insert into organizers.member (organizer_id, user_id, role, joined_at)
        values (${organizerId}, ${userId}, ${role}, clock_timestamp())
      `.execute(transaction);
    }
  });
  return organizerId;
}

/** What one tells, all hear at once. */
export function aCommonBus(): Bus {
  const listeners: { channel: string; tell: (payload: string) => void }[] = [];
  return {
    publish: (channel, payload) => {
      for (const one of listeners) if (one.channel === channel) one.tell(payload);
      return Promise.resolve();
    },
    subscribe: (channel, tell) => {
      listeners.push({ channel, tell });
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}
