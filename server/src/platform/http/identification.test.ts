import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../clock.ts";
import { newId } from "../id.ts";
import { principalOf, type UserPrincipal } from "./authentication.ts";
import { userOf } from "./identification.ts";
import { aServer, PUBLIC_URL } from "./testing.ts";

const USER: UserPrincipal = {
  kind: "user",
  userId: newId<"usr">(systemClock),
  sessionId: newId<"ses">(systemClock),
  organizers: new Map(),
};
const COOKIE = { cookie: "session=good" };

/** Sessions that count how often they are read. */
function someSessions() {
  return {
    reads: 0,
    bySession(cookies: string) {
      this.reads++;
      return Promise.resolve(cookies === COOKIE.cookie ? USER : null);
    },
  };
}

async function aSessionServer(t: Parameters<typeof aServer>[0]) {
  const sessions = someSessions();
  const { server } = await aServer(t, {
    identities: sessions,
    routes: (routes) => {
      const kind = (request: object) => ({ kind: principalOf(request).kind });
      routes.get("/public", { config: { requires: [] } }, kind);
      routes.get("/mine", { config: { requires: ["user"] } }, (request) => userOf(request));
      routes.post("/mine", { config: { requires: ["user"] } }, kind);
      routes.post("/open", { config: { requires: [], cookies: true } }, kind);
    },
  });
  return { server, sessions };
}

test("only routes about users read sessions, once a request, and only where there is a cookie", async (t) => {
  const { server, sessions } = await aSessionServer(t);
  const anyone = await server.inject({ url: "/public", headers: COOKIE });
  assert.deepEqual([anyone.json().kind, sessions.reads], ["anonymous", 0]);
  assert.equal((await server.inject("/mine")).statusCode, 401);
  assert.equal(sessions.reads, 0);
  const mine = await server.inject({ url: "/mine", headers: COOKIE });
  assert.deepEqual([mine.json().userId, sessions.reads], [USER.userId, 1]);
  const ended = await server.inject({ url: "/mine", headers: { cookie: "session=old" } });
  assert.deepEqual([ended.statusCode, ended.json().code], [401, "not_authenticated"]);
});

test("a token beside a cookie is what counts", async (t) => {
  const { server, sessions } = await aSessionServer(t);
  const headers = { ...COOKIE, authorization: "Bearer nonsense" };
  assert.equal((await server.inject({ url: "/mine", headers })).statusCode, 401);
  assert.equal(sessions.reads, 0);
});

test("a write is taken from our own pages and from programs, and from no other site", async (t) => {
  const { server } = await aSessionServer(t);
  const send = async (url: "/mine" | "/open", headers: Record<string, string>) =>
    (await server.inject({ method: "POST", url, headers: { ...COOKIE, ...headers } })).statusCode;
  for (const url of ["/mine", "/open"] as const) {
    for (const ours of [
      {},
      { origin: PUBLIC_URL },
      { "sec-fetch-site": "none" },
      { "sec-fetch-site": "same-origin", origin: "http://127.0.0.1:8080" },
    ] as Record<string, string>[]) {
      assert.equal(await send(url, ours), 200, JSON.stringify(ours));
    }
    for (const other of [
      { origin: "https://evil.example" },
      { origin: "null" },
      { origin: `${PUBLIC_URL}.evil.example` },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site", origin: PUBLIC_URL },
    ] as Record<string, string>[]) {
      assert.equal(await send(url, other), 403, JSON.stringify(other));
    }
  }
});
