import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { skipWithoutRedis } from "#test/find-databases.ts";
import { testLog } from "#test/logs.ts";
import { systemClock } from "../clock.ts";
import { newId } from "../id.ts";
import { createCounters } from "../rate-limits/counters.ts";
import { apiKeyOf } from "../tokens/api-key.ts";
import { aServer, testTokens } from "./testing.ts";

const REDIS_URL = process.env["TEST_REDIS_URL"] ?? "redis://127.0.0.1:6379";
const id = newId<"evt">(systemClock);
const GOOD = bearer(testTokens.issue({ kind: "event", id, generation: 0 }));
const KEY = apiKeyOf(Buffer.alloc(32, "unknown"), newId<"key">(systemClock));
const PASS = testTokens.issue({ kind: "door_pass", id: newId<"dps">(systemClock), generation: 0 });
const WRONG: Readonly<Record<string, Record<string, string>>> = {
  "a token of nobody": bearer("x".repeat(43)),
  "an unknown key": bearer(KEY),
  "a mistyped key": bearer(`${KEY.slice(0, -1)}${KEY.endsWith("0") ? "1" : "0"}`),
  "an unknown door pass": bearer(PASS),
  "another scheme": { authorization: "Basic YWRhOnB3" },
  "an ended session": { cookie: "theme=dark; __Host-tessera.session_token=ended" },
};

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

interface Given {
  readonly trustProxy?: string;
  readonly redisUrl?: string;
}

async function aGuardedServer(t: TestContext, { trustProxy, redisUrl }: Given = {}) {
  const counters = await createCounters(redisUrl ?? null, testLog);
  t.after(() => counters.close());
  const { server } = await aServer(t, {
    config: { trustProxy: trustProxy ?? null },
    counters,
    routes: (to) => void to.get("/guarded", { config: { requires: ["event:read"] } }, () => ""),
  });
  return async (headers: Record<string, string>, from = "127.0.0.1") => {
    const answer = await server.inject({
      url: "/guarded",
      headers: { ...headers, "x-forwarded-for": from },
    });
    return {
      status: answer.statusCode,
      left: Number(/"wrong-credentials";r=(\d+)/.exec(String(answer.headers["ratelimit"]))?.[1]),
      retryAfter: Number(answer.headers["retry-after"]),
    };
  };
}

for (const [what, headers] of Object.entries(WRONG)) {
  test(`${what} is refused a hundred times, then told to wait`, async (t) => {
    const ask = await aGuardedServer(t);
    for (let left = 99; left >= 0; left--) {
      const refused = await ask(headers);
      assert.deepEqual([refused.status, refused.left], [401, left]);
    }
    const refused = await ask(headers);
    assert.equal(refused.status, 429);
    assert.ok(refused.retryAfter > 800 && refused.retryAfter <= 900);
  });
}

test("good credentials from an address that has guessed too often are taken", async (t) => {
  const ask = await aGuardedServer(t);
  const wrong = Object.values(WRONG);
  for (let times = 0; times <= 100; times++) await ask(wrong[times % wrong.length] ?? {});
  assert.equal((await ask(bearer("y".repeat(43)))).status, 429);
  assert.equal((await ask(GOOD)).status, 200);
  assert.equal((await ask({})).status, 401, "who shows nothing guesses nothing");
  assert.equal((await ask({ cookie: "theme=dark" })).status, 401, "nor does another cookie");
});

test("what is shown by no credentials is not counted", async (t) => {
  const ask = await aGuardedServer(t);
  for (const headers of [{}, { cookie: "theme=dark" }, GOOD]) {
    assert.ok(Number.isNaN((await ask(headers)).left));
  }
});

test("addresses behind a trusted proxy guess apart; nobody else's word on addresses is taken", async (t) => {
  const trusting = await aGuardedServer(t, { trustProxy: "loopback" });
  const suspicious = await aGuardedServer(t);
  const wrong = bearer("x".repeat(43));
  for (const [index, from] of ["192.0.2.1", "192.0.2.2", "2001:db8:1:2::1"].entries()) {
    assert.equal((await trusting(wrong, from)).left, 99, from);
    assert.equal((await suspicious(wrong, from)).left, 99 - index, from);
  }
  assert.equal((await trusting(wrong, "2001:db8:1:2:3::4")).left, 98, "one network of IPv6");
  assert.equal((await trusting(wrong, "2001:db8:1:3::1")).left, 99);
});

test("processes that share a Redis count an address together", {
  skip: await skipWithoutRedis(),
}, async (t) => {
  const given = { trustProxy: "loopback", redisUrl: REDIS_URL };
  const [one, other] = [await aGuardedServer(t, given), await aGuardedServer(t, given)];
  // An address that no other run of this test has: what Redis counts outlives it.
  const from = `2001:db8:${newId(systemClock).slice(-9, -5)}:${newId(systemClock).slice(-4)}::1`;
  const wrong = bearer("x".repeat(43));
  assert.equal((await one(wrong, from)).left, 99);
  assert.equal((await other(wrong, from)).left, 98);
});
