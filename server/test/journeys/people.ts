import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { createKeptMails } from "#platform/mail/mail-transport.ts";
import { toRfc3339 } from "#platform/time.ts";
import type { Config } from "#src/config.ts";
import { type TestServer, testServer } from "#test/server.ts";

/** Every member that some answer has. */
interface Body {
  readonly [member: string]: unknown;
  readonly code: string;
  readonly id: string;
  readonly role: string;
  readonly event_token: string;
  readonly token: string;
  readonly organizer_id: string | null;
  readonly state: string;
  readonly data: readonly { readonly [member: string]: unknown; readonly id: string }[];
  readonly tickets: readonly unknown[];
  readonly slots: readonly { readonly id: string; readonly available: number }[];
}

export interface Answered {
  readonly status: number;
  readonly body: Body;
}

/** Asks as `POST /v1/organizers` says. */
export type Ask = (
  request: string,
  body?: object,
  headers?: Record<string, string>,
) => Promise<Answered>;

export interface Person {
  readonly id: string;
  readonly email: string;
  /** With the session of a browser that is logged in. */
  readonly ask: Ask;
  /** The session's cookie. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface Town {
  readonly server: TestServer;
  /** Without any credentials but those that are given. */
  readonly ask: Ask;
  /** Registers, verifies their address and logs in, all over HTTP. */
  aPerson(name: string): Promise<Person>;
  /** Another session of somebody; its cookie. */
  logIn(name: string): Promise<Readonly<Record<string, string>>>;
  /** So many seconds from now by the server's clock, RFC 3339. */
  timeIn(seconds: number): string;
  /** Of the link in the last mail to an address. */
  tokenMailedTo(email: string): Promise<string>;
}

const PASSWORD = "correct horse battery";

/** The whole server, its mails, and people who have accounts on it. */
export async function aTown(t: TestContext, config: Partial<Config> = {}): Promise<Town> {
  const mails = createKeptMails();
  const server = await testServer(t, config, { mail: mails });
  const send = async (request: string, body?: object, headers: Record<string, string> = {}) => {
    const [method = "GET", path = ""] = request.split(" ");
    const answer = await fetch(server.url + path, {
      method,
      headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const isJson = String(answer.headers.get("content-type")).includes("json");
    return { answer, status: answer.status, body: (isJson ? JSON.parse(text) : {}) as Body };
  };
  const tokenMailedTo = async (email: string) => {
    await server.app.outbox.deliver();
    const token = mails.sent.findLast(({ to }) => to === email)?.text.split("#")[1];
    assert.ok(token, `there is a mail with a link to ${email}`);
    return token.trim();
  };
  const logIn = async (name: string) => {
    const credentials = { login: name, password: PASSWORD };
    const { answer, status } = await send("POST /v1/auth/login", credentials);
    assert.equal(status, 200);
    return { cookie: answer.headers.getSetCookie()[0]?.split(";")[0] ?? "" };
  };
  const aPerson = async (name: string) => {
    const email = `${name}@example.org`;
    const registration = { user_name: name, email, password: PASSWORD };
    assert.equal((await send("POST /v1/auth/register", registration)).status, 202);
    const token = await tokenMailedTo(email);
    assert.equal((await send("POST /v1/auth/verify-email", { token })).status, 204);
    const session = await logIn(name);
    const ask: Ask = (request, body, headers) => send(request, body, { ...session, ...headers });
    return { id: (await ask("GET /v1/auth/me")).body.id, email, ask, headers: session };
  };
  const timeIn = (seconds: number) => toRfc3339(server.app.clock.now() + seconds * 1000);
  return { server, ask: send, aPerson, logIn, timeIn, tokenMailedTo };
}
