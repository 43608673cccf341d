import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { FastifyRequest } from "fastify";
import { testLog } from "#test/logs.ts";
import { createCounters } from "../rate-limits/counters.ts";
import { addressOf, type RouteLimit } from "./rate-limits.ts";
import { aServer } from "./testing.ts";

const byName: RouteLimit = {
  name: "name",
  requests: 2,
  seconds: 600,
  of: (request) => (request.query as { name?: string }).name ?? null,
};
const byAddress: RouteLimit = { name: "address", requests: 4, seconds: 60, of: addressOf };

async function aLimitedServer(t: TestContext, trustProxy: string | null = null) {
  const counters = await createCounters(null, testLog);
  t.after(() => counters.close());
  const asked = { times: 0 };
  const { server } = await aServer(t, {
    config: { trustProxy },
    counters,
    routes: (to) => {
      const limits = [byName, byAddress];
      to.get("/limited", { config: { requires: [], limits } }, () => ++asked.times);
      to.get("/free", { config: { requires: [] } }, () => "");
    },
  });
  return { server, asked };
}

test("who asks too often is refused with the time to come back, and nothing is done for them", async (t) => {
  const { server, asked } = await aLimitedServer(t);
  for (const left of [1, 0]) {
    const answer = await server.inject("/limited?name=ada");
    assert.equal(answer.statusCode, 200);
    assert.equal(answer.headers["ratelimit-policy"], '"name";q=2;w=600, "address";q=4;w=60');
    assert.equal(
      answer.headers["ratelimit"],
      `"name";r=${left};t=600, "address";r=${left + 2};t=60`,
    );
  }
  const refused = await server.inject("/limited?name=ada");
  assert.equal(refused.statusCode, 429);
  assert.equal(refused.json().code, "too_many_requests");
  assert.equal(refused.headers["retry-after"], "600");
  assert.match(String(refused.headers["ratelimit"]), /^"name";r=0;t=600, /);
  assert.match(refused.json().detail, /Ask again in 10 minutes/);
  assert.equal(asked.times, 2);
});

test("somebody else is not refused, until what they share is used up", async (t) => {
  const { server } = await aLimitedServer(t);
  for (const name of ["ada", "ada", "grace"]) await server.inject(`/limited?name=${name}`);
  assert.equal((await server.inject("/limited?name=grace")).statusCode, 200);
  const refused = await server.inject("/limited?name=edith");
  assert.equal(refused.statusCode, 429);
  assert.equal(refused.headers["retry-after"], "60");
});

test("a route without limits is not counted and says nothing of limits", async (t) => {
  const { server } = await aLimitedServer(t);
  for (let times = 0; times < 20; times++) {
    const { statusCode, headers } = await server.inject("/free");
    assert.deepEqual([statusCode, headers["ratelimit"]], [200, undefined]);
  }
});

test("an address is what a trusted proxy says, and nobody else's word is taken", async (t) => {
  const ask = async (server: Awaited<ReturnType<typeof aLimitedServer>>["server"], from: string) =>
    (await server.inject({ url: "/limited", headers: { "x-forwarded-for": from } })).statusCode;
  const { server: trusting } = await aLimitedServer(t, "loopback");
  const { server: suspicious } = await aLimitedServer(t);
  for (let visitor = 1; visitor <= 8; visitor++) {
    assert.equal(await ask(trusting, `192.0.2.${visitor}`), 200);
    assert.equal(await ask(suspicious, `192.0.2.${visitor}`), visitor <= 4 ? 200 : 429);
  }
});

test("of an IPv6 address the network counts, which its owner cannot choose", () => {
  const of = (ip: string) => addressOf({ ip } as FastifyRequest);
  assert.equal(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2");
  assert.equal(of("2001:db8:1:2::9"), "2001:db8:1:2");
  assert.equal(of("2001:db8::9"), "2001:db8:0:0");
  assert.equal(of("::1"), "0:0:0:0");
  assert.equal(of("192.0.2.1"), "192.0.2.1");
  assert.equal(of("::ffff:192.0.2.1"), "::ffff:192.0.2.1");
});
