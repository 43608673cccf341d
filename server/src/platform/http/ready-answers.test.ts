import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { FastifyReply } from "fastify";
import { createMetrics } from "../metrics.ts";
import { principalOf } from "./authentication.ts";
import { matchesEtag } from "./etag.ts";
import { keepReady } from "./ready-answers.ts";
import { aServer, listen, readAnswer, sendRaw, testTokens } from "./testing.ts";

const PUBLIC = { config: { requires: [] as const } };
const HEADERS = { "content-type": "application/json; charset=utf-8", "cache-control": "no-cache" };

/** All that may be kept, less what two small ones take. */
const LARGE = JSON.stringify("x".repeat(32 * 1024 * 1024 - 2048 - 1024));

/** A route that keeps its answer, and how often it was asked. */
async function aRoute(t: TestContext) {
  const asked = { times: 0 };
  const state = { isTrue: true, body: '{"left":3}' };
  const metrics = createMetrics();
  const { server } = await aServer(t, {
    metrics,
    routes: (to) =>
      to.get("/left/:id", PUBLIC, (request, reply) => {
        principalOf(request);
        asked.times++;
        const { id } = request.params as { id: string };
        const body = id === "large" ? LARGE : state.body;
        const etag = `"${body.length}-${body.at(-2)}"`;
        const isTrue = () => state.isTrue && (body === LARGE || body === state.body);
        keepReady(request, reply as unknown as FastifyReply, {
          etag,
          headers: HEADERS,
          body,
          isTrue,
        });
        reply.headers({ ...HEADERS, etag });
        if (matchesEtag(request, etag)) reply.removeHeader("content-type").code(304).send();
        else reply.send(body);
      }),
  });
  const port = await listen(server);
  const get = async (path = "/left/1", head = "", method = "GET") =>
    readAnswer(
      await sendRaw(
        port,
        `${method} ${path} HTTP/1.1\r\nHost: h\r\n${head}Connection: close\r\n\r\n`,
      ),
    );
  return { asked, state, get, metrics };
}

test("what was answered once is answered again without the route, with the same head and body", async (t) => {
  const { asked, get } = await aRoute(t);
  const first = await get();
  const again = await get();
  assert.equal(asked.times, 1);
  assert.deepEqual([again.status, again.body], [first.status, first.body]);
  const names = (answer: typeof first) => [...answer.headers.keys()].sort();
  assert.deepEqual(names(again), names(first));
  for (const [name, value] of first.headers) {
    if (name === "x-request-id") assert.notEqual(again.headers.get(name), value);
    else if (name !== "date") assert.equal(again.headers.get(name), value, name);
  }
});

test("whoever has it already is told so, as the route does", async (t) => {
  const { asked, state, get } = await aRoute(t);
  const tag = (await get()).headers.get("etag") ?? "";
  const kept = await get("/left/1", `If-None-Match: ${tag}\r\n`);
  state.isTrue = false;
  const routed = await get("/left/1", `If-None-Match: ${tag}\r\n`);
  assert.equal(asked.times, 2);
  assert.deepEqual([kept.status, kept.body], [304, ""]);
  assert.deepEqual([routed.status, routed.body], [304, ""]);
  assert.deepEqual([...kept.headers.keys()].sort(), [...routed.headers.keys()].sort());
});

test("what is not true any more is not answered", async (t) => {
  const { state, get } = await aRoute(t);
  await get();
  state.body = '{"left":2}';
  assert.equal((await get()).body, '{"left":2}');
  assert.equal((await get()).body, '{"left":2}');
});

test("credentials, a query, a body, another method or a wrong head are left to the route", async (t) => {
  const { asked, get } = await aRoute(t);
  await get();
  const token = testTokens.issue({
    kind: "event",
    id: "018f0000-0000-7000-8000-000000000001",
    generation: 0,
  });
  const cases: [string, string, string, number, number][] = [
    ["/left/1", `Authorization: Bearer ${token}\r\n`, "GET", 200, 1],
    ["/left/1", "Authorization: Bearer wrong\r\n", "GET", 401, 0],
    ["/left/1", "Cookie: a=b\r\n", "GET", 200, 1],
    ["/left/1", "Content-Length: 0\r\n", "GET", 200, 1],
    ["/left/1?x=1", "", "GET", 200, 1],
    ["/left/1?x=1", "", "GET", 200, 1],
    ["/left/2", "", "GET", 200, 1],
    ["/left/1#a", "", "GET", 200, 1],
    ["/left/1#a", "", "GET", 200, 1],
    ["/left/%31", "", "GET", 200, 1],
    ["/left/%31", "", "GET", 200, 1],
    ["/left/1", "Host: other\r\n", "GET", 400, 0],
    ["/left/1", "", "DELETE", 405, 0],
    ["/left/1", "", "HEAD", 200, 1],
  ];
  for (const [path, head, method, status, more] of cases) {
    const before = asked.times;
    const answer = await get(path, head, method);
    assert.deepEqual([answer.status, asked.times - before], [status, more], `${method} ${head}`);
  }
  assert.equal((await get()).status, 200);
});

test("answers that were kept are counted as the route's", async (t) => {
  const { asked, get, metrics } = await aRoute(t);
  await get("/left/1", "", "HEAD");
  for (let times = 0; times < 3; times++) await get();
  assert.equal(asked.times, 2);
  assert.match(
    await metrics.text(),
    /http_requests_total\{method="GET",route="\/left\/:id",status="2xx"\} 3\n/,
  );
});

test("what was kept longest ago makes room", async (t) => {
  const { asked, get } = await aRoute(t);
  await get("/left/1");
  await get("/left/2");
  await get("/left/large");
  asked.times = 0;
  await get("/left/2");
  assert.equal(asked.times, 0);
  await get("/left/1");
  assert.equal(asked.times, 1);
});
