import { subscribe } from "node:diagnostics_channel";
import { openSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";

// Loaded into every process of a test run before anything else (`--import`). Whatever server a test makes,
// each secret and all personal data that goes in or out is noted, so that the run can look for it in the
// logs afterwards (scripts/find-secrets.ts). No test can forget it.

/** Where tests name secrets that no request carries (`noteSecret` in logs.ts). */
const SECRETS_CHANNEL = "tessera.test.secret";
const DIRECTORY = process.env["TEST_LOGS"];
/** Shorter ones would be found by chance. */
const LENGTH_MIN = 8;
/** So long is what is called a code if it is a ticket's, which lets in whoever shows it. */
const TICKET_CODE_LENGTH = 177;
/** Members whose value is nobody else's business, wherever they stand in a body. */
const SECRET =
  /^(?:.*_?token|token|key|.*password|.*_?secret|recovery_codes?|totp_uri|challenge|email|phone)$/;
/** Members that hold a person: there a name is personal too. */
const PERSON = /^(?:attendee|holder)$/;

const noted = new Set<string>();
let file: number | undefined;

/** Notes a secret by the name of where it stood. */
function note(name: string, value: unknown): void {
  if (typeof value !== "string" || value.length < LENGTH_MIN || noted.has(value)) return;
  noted.add(value);
  file ??= openSync(join(DIRECTORY ?? ".", `${process.pid}.secrets`), "a");
  writeSync(file, `${JSON.stringify({ name, value })}\n`);
}

function noteMembers(body: unknown, path: string): void {
  if (typeof body !== "object" || body === null) return;
  for (const [name, value] of Object.entries(body)) {
    const place = Array.isArray(body) ? path : `${path}.${name}`;
    const isPersonal = name === "holder_name" || (name === "name" && PERSON.test(lastOf(path)));
    if (SECRET.test(Array.isArray(body) ? lastOf(path) : name) || isPersonal) note(place, value);
    if (name === "code" && String(value).length === TICKET_CODE_LENGTH) note(place, value);
    if (name === "totp_uri") note(`${place}?secret`, /secret=([^&]+)/.exec(String(value))?.[1]);
    if (name === "webcal_url") note(place, /calendars\/([\w-]+)\.ics/.exec(String(value))?.[1]);
    noteMembers(value, place);
  }
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf(".") + 1);
}

/** `name=value; …`: of a signed cookie, the part before its signature opens as much to whoever can sign. */
function noteCookies(name: string, cookies: string): void {
  for (const pair of cookies.split(";")) {
    const value = pair.slice(pair.indexOf("=") + 1).trim();
    note(name, value);
    note(name, value.split(".")[0]);
  }
}

/** Watches what every server of this process receives and answers. */
function watch(server: FastifyInstance): void {
  server.addHook("onRequest", (request, _reply, done) => {
    const { authorization = "", cookie = "", "idempotency-key": key = "" } = request.headers;
    note("the header Authorization", authorization.split(/ +/)[1]);
    noteCookies("the header Cookie", cookie);
    // Whoever knows it gets the answer again, with its token. Those of tests that are words are found by chance.
    if (/^[0-9a-f-]{36}$/.test(String(key))) note("the header Idempotency-Key", key);
    done();
  });
  server.addHook("preValidation", (request, _reply, done) => {
    noteMembers(request.body, "request");
    done();
  });
  server.addHook("onSend", (_request, reply, payload, done) => {
    for (const line of [reply.getHeader("set-cookie") ?? []].flat()) {
      noteCookies("the header Set-Cookie", String(line).split(";")[0] ?? "");
    }
    if (typeof payload === "string" && payload.startsWith("{")) {
      noteMembers(JSON.parse(payload), "answer");
    }
    done();
  });
}

if (DIRECTORY !== undefined) {
  subscribe("fastify.initialization", (message) =>
    watch((message as { fastify: FastifyInstance }).fastify),
  );
  subscribe(SECRETS_CHANNEL, (message) => {
    const { name, value } = message as { name: string; value: string };
    note(name, value);
  });
  note("SECRET_KEY", process.env["SECRET_KEY"]);
}
