import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../clock.ts";
import { newId } from "../id.ts";
import { apiKeyOf, digestOfApiKey } from "../tokens/api-key.ts";
import { type KeyPrincipal, principalOf, type UserPrincipal } from "./authentication.ts";
import { identifyAgain, userOf } from "./identification.ts";
import { aServer, PUBLIC_URL, testTokens } from "./testing.ts";

const USER: UserPrincipal = {
  kind: "user",
  userId: newId<"usr">(systemClock),
  sessionId: newId<"ses">(systemClock),
  organizers: new Map(),
};
const COOKIE = { cookie: "session=good" };

const KEY: KeyPrincipal = {
  kind: "key",
  keyId: newId<"key">(systemClock),
  organizerId: newId<"org">(systemClock),
  grant: { as: "key", permissions: new Set(["event:read"]) },
};
const GOOD_KEY = apiKeyOf(Buffer.alloc(32, "key"), KEY.keyId);

/** Routes of each kind on a server that knows one session and one key, and how often it looked. */
async function aSessionServer(t: Parameters<typeof aServer>[0]) {
  const sessions = { reads: 0 };
  const { server } = await aServer(t, {
    identities: {
      bySession: (cookies) => {
        sessions.reads++;
        return Promise.resolve(cookies === COOKIE.cookie ? USER : null);
      },
      byKey: (digest) => Promise.resolve(digest === digestOfApiKey(GOOD_KEY) ? KEY : null),
    },
    routes: (routes) => {
      const kind = (request: object) => ({ kind: principalOf(request).kind });
      routes.get("/public", { config: { requires: [] } }, kind);
      routes.get("/asked-as", { config: { requires: [], identifies: true } }, kind);
      routes.get("/needed", { config: { requires: ["event:read"] } }, kind);
      routes.get("/mine", { config: { requires: ["user"] } }, (request) => userOf(request));
      routes.post("/mine", { config: { requires: ["user"] } }, kind);
      routes.post("/open", { config: { requires: [], cookies: true } }, kind);
      routes.post("/needed", { config: { requires: ["event:write"] } }, kind);
    },
  });
  return { server, sessions };
}

test("credentials are looked up where something is needed of them, and nowhere else", async (t) => {
  const { server } = await aSessionServer(t);
  const ask = async (url: string, headers: Record<string, string>) => {
    const answer = await server.inject({ url, headers });
    return answer.statusCode === 200 ? answer.json().kind : answer.statusCode;
  };
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const unknown = apiKeyOf(Buffer.alloc(32, "another key"), KEY.keyId);
  for (const [headers, onPublic, askedAs, needed] of [
    [{}, "anonymous", "anonymous", 401],
    [COOKIE, "anonymous", "user", "user"],
    [{ cookie: "session=old" }, "anonymous", "anonymous", 401],
    [bearer(GOOD_KEY), "unchecked", "key", "key"],
    [bearer(unknown), "unchecked", 401, 401],
    [bearer("nonsense"), 401, 401, 401],
  ] as const) {
    assert.deepEqual(
      [
        await ask("/public", headers),
        await ask("/asked-as", headers),
        await ask("/needed", headers),
      ],
      [onPublic, askedAs, needed],
      JSON.stringify(headers),
    );
  }
});

test("a slip in a key is told apart from a key that is not known, and neither is said back", async (t) => {
  const { server } = await aSessionServer(t);
  const detailFor = async (key: string) => {
    const headers = { authorization: `Bearer ${key}` };
    const answer = await server.inject({ url: "/needed", headers });
    assert.equal(answer.statusCode, 401);
    assert.ok(!answer.body.includes(key));
    return answer.json().detail as string;
  };
  const slip = GOOD_KEY.slice(0, 12) + (GOOD_KEY[12] === "A" ? "B" : "A") + GOOD_KEY.slice(13);
  assert.match(await detailFor(slip), /slip/);
  assert.match(await detailFor(GOOD_KEY.slice(0, -1)), /slip/);
  assert.doesNotMatch(await detailFor(apiKeyOf(Buffer.alloc(32, "x"), KEY.keyId)), /slip/);
});

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
  const send = async (url: "/mine" | "/open" | "/needed", headers: Record<string, string>) =>
    (await server.inject({ method: "POST", url, headers: { ...COOKIE, ...headers } })).statusCode;
  for (const url of ["/mine", "/open", "/needed"] as const) {
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

test("who is answered for long is looked up again: what was ended or revoked meanwhile opens nothing", async (t) => {
  const known = { user: true, key: true };
  const { server } = await aServer(t, {
    identities: {
      bySession: () => Promise.resolve(known.user ? USER : null),
      byKey: () => Promise.resolve(known.key ? KEY : null),
    },
    routes: (routes) => {
      routes.get("/long", { config: { requires: ["door"] } }, async (request) => {
        await identifyAgain(request);
        known.user = false;
        known.key = false;
        await identifyAgain(request);
        return {};
      });
    },
  });
  for (const headers of [COOKIE, { authorization: `Bearer ${GOOD_KEY}` }]) {
    known.user = true;
    known.key = true;
    const { statusCode } = await server.inject({ url: "/long", headers });
    assert.equal(statusCode, 401);
  }
  const token = testTokens.issue({ kind: "event", id: newId(systemClock), generation: 0 });
  const headers = { authorization: `Bearer ${token}` };
  assert.equal((await server.inject({ url: "/long", headers })).statusCode, 200);
});
