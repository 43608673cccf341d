import assert from "node:assert/strict";
import { before, type TestContext } from "node:test";
import type { InjectOptions } from "fastify";
import { sql } from "kysely";
import { findUserNames } from "#modules/accounts/testing.ts";
import type { Bus } from "#platform/bus/bus.ts";
import { createLocalBus } from "#platform/bus/local.ts";
import { TestClock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import type { Reason } from "#platform/http/problem.ts";
import { aLog, aServer, type LogLine, PUBLIC_URL, testTokens } from "#platform/http/testing.ts";
import { formatId, type Id, newId } from "#platform/id.ts";
import { createMailOutbox } from "#platform/mail/mail-outbox.ts";
import { createKeptMails, type Mail } from "#platform/mail/mail-transport.ts";
import { testDatabase } from "#test/database.ts";
import type { SessionPort } from "./identities.ts";
import { createOrganizers, type Organizers } from "./organizers.ts";
import type { GivenRole } from "./roles.ts";

export { createAudit } from "./audit.ts";
export { insertOrganizer } from "./testing-organizers.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** Every member that some answer has. */
  readonly body: {
    readonly code: string;
    readonly detail: string;
    readonly reasons: readonly Reason[];
    readonly id: string;
    readonly name: string;
    readonly role: string;
    readonly user_id: string;
    readonly user_name: string;
    readonly email: string;
    readonly expires_at: string;
    readonly organizer: { readonly id: string; readonly name: string };
    readonly data: readonly Record<string, never>[];
    readonly next_cursor: string | null;
  };
}

/** Somebody with an account, who is logged in. */
export interface TestUser {
  readonly userId: Id<"usr">;
  readonly id: string;
  /** Asks as `POST /organizers` says; the path is under `/v1`. */
  ask(request: string, body?: object, headers?: Record<string, string>): Promise<Answer>;
}

export interface TestOrganizers {
  readonly database: Database;
  readonly clock: TestClock;
  readonly organizers: Organizers;
  readonly mails: readonly Mail[];
  readonly lines: readonly LogLine[];
  /** The same for another process over the same database. */
  another(bus: Bus): Promise<Organizers>;
  ask: TestUser["ask"];
  aUser(name?: string): Promise<TestUser>;
  /** An organizer of a user; its id. */
  anOrganizer(owner: TestUser, name?: string): Promise<string>;
  /** Makes the user a member, by an invitation that is accepted. */
  join(organizer: string, owner: TestUser, user: TestUser, role: GivenRole): Promise<void>;
  /** The token of the last mail to an address. */
  tokenFor(email: string): Promise<string>;
}

/** A session for each user, without logging in: the cookie is the user's id. */
const SESSIONS: SessionPort = {
  read: (cookies) => {
    const userId = /user=([0-9a-f-]{36})/.exec(cookies)?.[1] as Id<"usr"> | undefined;
    return Promise.resolve(userId === undefined ? null : { userId, sessionId: SESSION });
  },
};
const SESSION = "00000000-0000-7000-8000-000000000000" as Id<"ses">;

/** Organizers over HTTP on a database of their own, with users who need not log in. */
export async function someOrganizers(
  t: TestContext,
  bus = createLocalBus(),
): Promise<TestOrganizers> {
  const database = await testDatabase(t);
  const clock = new TestClock();
  const { log, lines } = aLog();
  const secretKeys = [Buffer.alloc(32, "organizers")];
  const kept = createKeptMails();
  const outbox = createMailOutbox({ database, clock, secretKeys, transport: kept, log });
  const users = { namesOf: findUserNames };
  const common = {
    database,
    clock,
    outbox,
    publicUrl: PUBLIC_URL,
    users,
    sessions: SESSIONS,
    tokens: testTokens,
    secretKeys,
  };
  const organizers = await createOrganizers({ ...common, bus });
  const { server } = await aServer(t, {
    identities: organizers.identities,
    routes: (instance) => instance.register(organizers.routes, { prefix: "/v1" }),
  });
  const ask: TestUser["ask"] = async (request, body, headers = {}) => {
    const [method = "GET", path = ""] = request.split(" ");
    const answer = await server.inject({
      method: method as NonNullable<InjectOptions["method"]>,
      url: `/v1${path}`,
      headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
      ...(body !== undefined && { payload: JSON.stringify(body) }),
    });
    const isJson = String(answer.headers["content-type"]).includes("json");
    const text = isJson ? answer.body : "{}";
    return { status: answer.statusCode, headers: answer.headers, body: JSON.parse(text) };
  };
  const aUser = async (name = `user${crypto.randomUUID().slice(0, 8)}`) => {
    const userId = await insertUser(database, clock, name);
    const cookie = `user=${userId}`;
    const asUser: TestUser["ask"] = (request, body, headers = {}) =>
      ask(request, body, { cookie, ...headers });
    return { userId, id: formatId("usr", userId), ask: asUser };
  };
  const anOrganizer = async (owner: TestUser, name = "National Museum") => {
    const made = await owner.ask("POST /organizers", { name });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    return made.body.id;
  };
  const tokenFor = async (email: string) => {
    await outbox.deliver();
    const token = kept.sent.findLast(({ to }) => to === email)?.text.split("#")[1];
    assert.ok(token, `there is a mail with a link to ${email}`);
    return token.trim();
  };
  const join: TestOrganizers["join"] = async (organizer, owner, user, role) => {
    const email = `${crypto.randomUUID()}@example.org`;
    const invited = await owner.ask(`POST /organizers/${organizer}/invitations`, { email, role });
    assert.equal(invited.status, 201, JSON.stringify(invited.body));
    const token = await tokenFor(email);
    const accepted = await user.ask("POST /invitations/accept", { token });
    assert.equal(accepted.status, 200, JSON.stringify(accepted.body));
  };
  const another = (theirBus: Bus) => createOrganizers({ ...common, bus: theirBus });
  const mails = kept.sent;
  const made = { database, clock, organizers, mails, lines, another };
  return { ...made, ask, aUser, anOrganizer, join, tokenFor };
}

async function insertUser(database: Database, clock: TestClock, name: string): Promise<Id<"usr">> {
  const userId = newId<"usr">(clock);
  await sql`
    insert into accounts.registered_user (id, name, email, email_verified, username, created_at, updated_at)
    values (${userId}, ${name}, ${`${name}@example.org`}, true, ${name}, clock_timestamp(), clock_timestamp())
  `.execute(database.kysely);
  return userId;
}

/** One set of organizers for all tests of a file, made before the first. */
export function sharedOrganizers(): () => TestOrganizers {
  let made: TestOrganizers | undefined;
  before(async (t) => {
    made = await someOrganizers(t as TestContext);
  });
  return () => {
    assert.ok(made, "the organizers are made before the tests");
    return made;
  };
}
