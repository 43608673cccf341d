import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { skipWithoutRedis } from "#test/find-databases.ts";
import { testLog } from "#test/logs.ts";
import { systemClock } from "../clock.ts";
import { newId } from "../id.ts";
import { createCounters } from "../rate-limits/counters.ts";
import { apiKeyOf, digestOfApiKey } from "../tokens/api-key.ts";
import type { KeyPrincipal } from "./authentication.ts";
import { aServer, testTokens } from "./testing.ts";

const REDIS_URL = process.env["TEST_REDIS_URL"] ?? "redis://127.0.0.1:6379";
const KEYS = ["one", "other"].map((name) => {
  const keyId = newId<"key">(systemClock);
  const principal: KeyPrincipal = {
    kind: "key",
    keyId,
    organizerId: newId<"org">(systemClock),
    grant: { as: name, permissions: new Set(["event:read"]) },
  };
  return { text: apiKeyOf(Buffer.alloc(32, name), keyId), principal };
});
const [KEY, OTHER] = KEYS.map(({ text }) => text) as [string, string];
const eventToken = (generation = 0) =>
  testTokens.issue({ kind: "event", id: newId<"evt">(systemClock), generation });

async function aLimitedServer(t: TestContext, redisUrl: string | null = null) {
  const counters = await createCounters(redisUrl, testLog);
  t.after(() => counters.close());
  const { server } = await aServer(t, {
    counters,
    identities: {
      byKey: (digest) => {
        const key = KEYS.find(({ text }) => digestOfApiKey(text) === digest);
        return Promise.resolve(key?.principal ?? null);
      },
    },
    routes: (to) => {
      const requires = ["event:read"] as const;
      const once = { name: "once", requests: 1, seconds: 60, of: () => "anybody" };
      to.get("/guarded", { config: { requires } }, () => "");
      to.post("/guarded", { config: { requires } }, () => "");
      to.post("/once", { config: { requires, limits: [once] } }, () => "");
      to.get("/known", { config: { requires: [], identifies: true } }, () => "");
      to.post("/known", { config: { requires: [], identifies: true } }, () => "");
      to.post("/public", { config: { requires: [] } }, () => "");
      to.get("/operator", { config: { requires: ["operator"] } }, () => "");
    },
  });
  return async (request: string, token?: string) => {
    const [method, url] = request.split(" ") as ["GET", string];
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const { statusCode: status, headers: answered } = await server.inject({ method, url, headers });
    return {
      status,
      policy: answered["ratelimit-policy"],
      left: Number(/r=(\d+)/.exec(String(answered["ratelimit"]))?.[1]),
      retryAfter: Number(answered["retry-after"]),
    };
  };
}

test("each principal has an allowance of its own for reads, and another for writes", async (t) => {
  const ask = await aLimitedServer(t);
  assert.deepEqual(await ask("GET /guarded", KEY), {
    status: 200,
    policy: '"reads";q=6000;w=60',
    left: 5999,
    retryAfter: Number.NaN,
  });
  assert.equal((await ask("HEAD /guarded", KEY)).left, 5998);
  const written = await ask("POST /guarded", KEY);
  assert.deepEqual([written.policy, written.left], ['"writes";q=3000;w=60', 2999]);
  assert.equal((await ask("GET /guarded", OTHER)).left, 5999);
  assert.equal((await ask("GET /guarded", eventToken())).left, 5999);
});

test("who has used up the allowance is refused with the time to come back; everybody else is not", async (t) => {
  const ask = await aLimitedServer(t);
  for (let times = 0; times < 3_000; times++) {
    assert.equal((await ask("POST /guarded", KEY)).status, 200);
  }
  const refused = await ask("POST /guarded", KEY);
  assert.deepEqual([refused.status, refused.left], [429, 0]);
  assert.ok(refused.retryAfter >= 1 && refused.retryAfter <= 60);
  assert.equal((await ask("POST /guarded", OTHER)).status, 200);
  assert.equal((await ask("GET /guarded", KEY)).status, 200, "reads have their own");
});

test("a token that was replaced uses up nothing of the one that replaced it", async (t) => {
  const ask = await aLimitedServer(t);
  const id = newId<"evt">(systemClock);
  const of = (generation: number) => testTokens.issue({ kind: "event", id, generation });
  await ask("GET /guarded", of(0));
  assert.equal((await ask("GET /guarded", of(1))).left, 5999);
});

test("the holder of a reservation is counted for changes only, and without asking Redis", {
  skip: await skipWithoutRedis(),
}, async (t) => {
  const token = testTokens.issue({ kind: "manage", id: newId<"rsv">(systemClock), generation: 0 });
  for (const redisUrl of [null, REDIS_URL]) {
    const ask = await aLimitedServer(t, redisUrl);
    assert.equal((await ask("GET /guarded", token)).policy, undefined);
    const changed = await ask("POST /guarded", token);
    assert.deepEqual([changed.policy, changed.left], ['"reservation-writes";q=300;w=60', 299]);
  }
});

test("processes that share a Redis count a principal together", {
  skip: await skipWithoutRedis(),
}, async (t) => {
  const token = eventToken();
  const [one, other] = [await aLimitedServer(t, REDIS_URL), await aLimitedServer(t, REDIS_URL)];
  assert.equal((await one("POST /guarded", token)).left, 2999);
  assert.equal((await other("POST /guarded", token)).left, 2998);
});

test("nobody is limited by address where everybody may ask, or where the operator does", async (t) => {
  const ask = await aLimitedServer(t);
  for (const request of ["POST /public", "GET /known", "GET /operator"]) {
    assert.equal((await ask(request)).policy, undefined, request);
  }
  assert.equal((await ask("POST /public", eventToken())).policy, undefined);
});

test("what is made without saying who one is counts for the address", async (t) => {
  const ask = await aLimitedServer(t);
  assert.equal((await ask("POST /known")).left, 2999);
  assert.equal((await ask("POST /known")).left, 2998);
  assert.equal((await ask("POST /known", KEY)).left, 2999);
});

test("limits of a route are told beside those of the principal", async (t) => {
  const ask = await aLimitedServer(t);
  const first = await ask("POST /once", KEY);
  assert.deepEqual([first.status, first.policy], [200, '"writes";q=3000;w=60, "once";q=1;w=60']);
  assert.equal((await ask("POST /once", OTHER)).status, 429);
});

test("who gives no credentials where some are needed is refused without being counted", async (t) => {
  const ask = await aLimitedServer(t);
  const refused = await ask("GET /guarded");
  assert.deepEqual([refused.status, refused.policy], [401, undefined]);
});
