import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { before, type TestContext } from "node:test";
import type { InjectOptions } from "fastify";
import type { Bus } from "#platform/bus/bus.ts";
import { createLocalBus } from "#platform/bus/local.ts";
import { TestClock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import type { UserPrincipal } from "#platform/http/authentication.ts";
import { aLog, aServer, type LogLine, PUBLIC_URL } from "#platform/http/testing.ts";
import { createMailOutbox } from "#platform/mail/mail-outbox.ts";
import { createKeptMails, type Mail } from "#platform/mail/mail-transport.ts";
import { testDatabase } from "#test/database.ts";
import { type Accounts, createAccounts } from "./accounts.ts";
import { type Passwords, scryptPasswords } from "./passwords.ts";

export { findUserNames } from "./account-store.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | number | undefined>>;
  /** Every member that some answer has. */
  readonly body: {
    readonly code: string;
    readonly id: string;
    readonly user: { readonly id: string; readonly user_name: string } | null;
    readonly second_factor_needed: boolean;
    readonly email: string;
    readonly email_verified: boolean;
    readonly has_second_factor: boolean;
    readonly totp_uri: string;
    readonly recovery_codes: readonly string[];
    readonly challenge: string;
    readonly name: string;
    readonly data: readonly { id: string; is_current: boolean; name: string }[];
  };
}

/** A browser: it keeps cookies and says that its requests come from our own pages. */
export interface Browser {
  ask(request: string, body?: object, headers?: Record<string, string>): Promise<Answer>;
  readonly cookies: Map<string, string>;
  /** The `Set-Cookie` lines so far. */
  readonly setCookies: readonly string[];
}

export interface TestAccounts {
  readonly database: Database;
  readonly clock: TestClock;
  readonly accounts: Accounts;
  /** The accounts of another process over the same database. */
  another(bus: Bus): Promise<Accounts>;
  readonly mails: readonly Mail[];
  readonly lines: readonly LogLine[];
  /** How many passwords were hashed or compared. */
  readonly hashes: { count: number };
  browser(): Browser;
  /** What is done after answers is done, and mails are sent. */
  settled(): Promise<void>;
  /** The token of the last mail to an address. */
  tokenFor(email: string): string;
  /** A user who has verified their address; their browser is logged in. */
  aUser(name: string): Promise<{ browser: Browser; email: string; password: string }>;
}

const PASSWORD = "correct horse battery";

/** The accounts over HTTP on a database of their own. */
export async function someAccounts(t: TestContext, bus = createLocalBus()): Promise<TestAccounts> {
  const database = await testDatabase(t);
  const clock = new TestClock();
  const { log, lines } = aLog();
  const secretKeys = [Buffer.alloc(32, "accounts")];
  const kept = createKeptMails();
  const outbox = createMailOutbox({ database, clock, secretKeys, transport: kept, log });
  const hashes = { count: 0 };
  const passwords = counted(hashes);
  const common = { database, clock, log, outbox, secretKeys, publicUrl: PUBLIC_URL, passwords };
  const accounts = await createAccounts({ ...common, bus });
  const { server } = await aServer(t, {
    identities: { bySession: (cookies) => bySession(accounts, cookies) },
    routes: (instance) => instance.register(accounts.routes, { prefix: "/v1" }),
  });
  const settled = async () => {
    await accounts.idle();
    await outbox.deliver();
  };
  const tokenFor = (email: string) => {
    const token = kept.sent
      .findLast(({ to, text }) => to === email && text.includes("#"))
      ?.text.split("#")[1]
      ?.trim();
    assert.ok(token, `there is a mail with a link to ${email}`);
    return token;
  };
  const browser = () => aBrowser((request) => server.inject(request));
  const aUser = async (name: string) => {
    const email = `${name}@example.org`;
    const user = { browser: browser(), email, password: PASSWORD };
    const body = { user_name: name, email, password: PASSWORD };
    const registered = await user.browser.ask("POST /auth/register", body);
    assert.equal(registered.status, 202, JSON.stringify(registered.body));
    await settled();
    const verified = await user.browser.ask("POST /auth/verify-email", { token: tokenFor(email) });
    assert.equal(verified.status, 204, JSON.stringify(verified.body));
    const login = await user.browser.ask("POST /auth/login", { login: name, password: PASSWORD });
    assert.equal(login.status, 200, JSON.stringify(login.body));
    return user;
  };
  return {
    database,
    clock,
    accounts,
    another: (theirBus) => createAccounts({ ...common, bus: theirBus }),
    mails: kept.sent,
    lines,
    hashes,
    browser,
    settled,
    tokenFor,
    aUser,
  };
}

async function bySession(accounts: Accounts, cookies: string): Promise<UserPrincipal | null> {
  const session = await accounts.sessions.read(cookies);
  return session === null ? null : { kind: "user", ...session, organizers: new Map() };
}

function counted(hashes: { count: number }): Passwords {
  return {
    hash: (password) => {
      hashes.count++;
      return scryptPasswords.hash(password);
    },
    verify: (given) => {
      hashes.count++;
      return scryptPasswords.verify(given);
    },
  };
}

interface Injected {
  readonly statusCode: number;
  readonly headers: Answer["headers"];
  readonly body: string;
}

function aBrowser(inject: (request: InjectOptions) => Promise<Injected>): Browser {
  const cookies = new Map<string, string>();
  const setCookies: string[] = [];
  return {
    cookies,
    setCookies,
    ask: async (request, body, headers = {}) => {
      const [method = "GET", path = ""] = request.split(" ");
      const answer = await inject({
        method: method as NonNullable<InjectOptions["method"]>,
        url: `/v1${path}`,
        headers: {
          "sec-fetch-site": "same-origin",
          ...(cookies.size > 0 && {
            cookie: [...cookies].map((pair) => pair.join("=")).join("; "),
          }),
          ...(body !== undefined && { "content-type": "application/json" }),
          ...headers,
        },
        ...(body !== undefined && { payload: JSON.stringify(body) }),
      });
      for (const line of [answer.headers["set-cookie"] ?? []].flat().map(String)) {
        setCookies.push(line);
        const [pair = ""] = line.split(";");
        const [name = "", ...value] = pair.split("=");
        if (/max-age=0/i.test(line)) cookies.delete(name);
        else cookies.set(name, value.join("="));
      }
      const isJson = String(answer.headers["content-type"]).includes("json");
      return {
        status: answer.statusCode,
        headers: answer.headers,
        body: isJson ? JSON.parse(answer.body) : {},
      };
    },
  };
}

/** One set of accounts for all tests of a file, made before the first. */
export function sharedAccounts(): () => TestAccounts {
  let made: TestAccounts | undefined;
  before(async (t) => {
    made = await someAccounts(t as TestContext);
  });
  return () => {
    assert.ok(made, "the accounts are made before the tests");
    return made;
  };
}

/** The code that an app shows so many steps of 30 s from now (RFC 6238). */
export function totpCode(uri: string, stepsAhead = 0): string {
  const secret = new URL(uri).searchParams.get("secret") ?? "";
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + stepsAhead));
  const mac = createHmac("sha1", fromBase32(secret)).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

function fromBase32(text: string): Buffer {
  const bits = [...text.replace(/=+$/, "")]
    .map((character) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(character))
    .map((value) => value.toString(2).padStart(5, "0"))
    .join("");
  return Buffer.from(bits.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? []);
}
