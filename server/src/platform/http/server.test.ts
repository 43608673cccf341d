import assert from "node:assert/strict";
import { test } from "node:test";
import { Type } from "typebox";
import { createMetrics } from "../metrics.ts";
import { bodyTooLarge, Problem } from "./problem.ts";
import { aServer, PUBLIC_URL } from "./testing.ts";

const PUBLIC = { config: { requires: [] as const } };
const JSON_TYPE = { "content-type": "application/json" };

test("a refusal is answered as a problem with its code, its page and the request's id", async (t) => {
  const { server, lines } = await aServer(t, {
    routes: (to) =>
      to.get("/full", PUBLIC, () => {
        throw new Problem(bodyTooLarge, "Too much.", { reasons: [{ code: "x", message: "y" }] }, 7);
      }),
  });
  const answer = await server.inject("/full");
  assert.equal(answer.statusCode, 413);
  assert.equal(answer.headers["content-type"], "application/problem+json");
  assert.equal(answer.headers["retry-after"], "7");
  assert.deepEqual(answer.json(), {
    type: `${PUBLIC_URL}/problems/body-too-large`,
    title: "The body is too large",
    status: 413,
    detail: "Too much.",
    instance: answer.headers["x-request-id"],
    code: "body_too_large",
    reasons: [{ code: "x", message: "y" }],
  });
  assert.deepEqual(lines, [], "a refusal is nothing to log");
});

test("a bug is 500 and says nothing of itself, but is logged under the request's id", async (t) => {
  const { server, lines } = await aServer(t, {
    routes: (to) =>
      to.get("/bug", PUBLIC, () => {
        throw new Error("the secret is 42");
      }),
  });
  const answer = await server.inject("/bug");
  assert.equal(answer.statusCode, 500);
  assert.equal(answer.json().code, "internal_error");
  assert.doesNotMatch(answer.body, /42/);
  assert.equal(lines.length, 1);
  assert.equal(lines[0]?.level, "error");
  assert.equal(lines[0]?.fields["requestId"], answer.headers["x-request-id"]);
});

test("what is thrown and is no error is a bug too", async (t) => {
  const { server } = await aServer(t, {
    routes: (to) => {
      to.get("/text", PUBLIC, () => Promise.reject("a text"));
      to.get("/nothing", PUBLIC, () => Promise.reject(null));
    },
  });
  for (const path of ["/text", "/nothing"]) {
    const answer = await server.inject(path);
    assert.equal(answer.statusCode, 500, path);
    assert.equal(answer.json().code, "internal_error", path);
  }
});

test("a fault of the database is 503 with the time to come back", async (t) => {
  const away = Object.assign(new Error("connection refused"), { code: "ECONNREFUSED" });
  const { server, lines } = await aServer(t, {
    routes: (to) => to.get("/away", PUBLIC, () => Promise.reject(away)),
  });
  const answer = await server.inject("/away");
  assert.equal(answer.statusCode, 503);
  assert.equal(answer.json().code, "unavailable");
  assert.ok(Number(answer.headers["retry-after"]) > 0);
  assert.equal(lines[0]?.level, "warn");
});

test("an address that is not there is 404, one that takes other methods 405 with Allow", async (t) => {
  const { server } = await aServer(t, {
    routes: (to) => {
      to.post("/things/:id", PUBLIC, () => ({}));
      to.get("/things/:id", PUBLIC, () => ({}));
    },
  });
  const missing = await server.inject({ method: "POST", url: "/nothing", payload: { a: 1 } });
  assert.equal(missing.statusCode, 404);
  assert.equal(missing.json().code, "not_found");
  const wrong = await server.inject({ method: "DELETE", url: "/things/1?x=y" });
  assert.equal(wrong.statusCode, 405);
  assert.equal(wrong.headers["allow"], "GET, HEAD, POST");
  assert.equal(wrong.json().code, "method_not_allowed");
});

test("a body that could not be read does not hide that nothing is there", async (t) => {
  const { server } = await aServer(t);
  for (const type of ["application/json", "text/plain", "image/png", "nonsense"]) {
    const headers = { "content-type": type };
    const answer = await server.inject({ method: "POST", url: "/x", headers, payload: "{" });
    assert.ok([404, 415].includes(answer.statusCode), `${type}: ${answer.statusCode}`);
    assert.match(String(answer.headers["content-type"]), /^application\/problem\+json/);
  }
});

test("a route that does not say what it needs cannot be registered", async (t) => {
  const { server } = await aServer(t);
  assert.throws(() => server.get("/open", () => ({})), /GET \/open does not say what it needs/);
});

test("a body above the limit is 413, another type than JSON 415", async (t) => {
  const { server } = await aServer(t, {
    config: { bodyBytesMax: 100 },
    routes: (to) => to.post("/echo", PUBLIC, (request) => request.body ?? {}),
  });
  const post = (type: string, payload: string) =>
    server.inject({ method: "POST", url: "/echo", headers: { "content-type": type }, payload });
  assert.equal((await post("application/json", JSON.stringify("x".repeat(200)))).statusCode, 413);
  for (const type of [
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/xml",
    "application/json-patch+json",
    "json",
    "application/json; charset=utf-16",
    "application/json; charset=iso-8859-1",
  ]) {
    const answer = await post(type, "{}");
    assert.equal(answer.statusCode, 415, type);
    assert.equal(answer.json().code, "unsupported_media_type", type);
  }
  for (const type of [
    "application/json",
    "Application/JSON",
    "application/json;charset=UTF-8",
    'application/json; charset="utf-8"',
  ]) {
    assert.equal((await post(type, "{}")).statusCode, 200, type);
  }
});

test("a body of a type that is not told is 415, no body at all is fine", async (t) => {
  const { server } = await aServer(t, {
    routes: (to) => to.post("/act", PUBLIC, () => ({ done: true })),
  });
  assert.equal((await server.inject({ method: "POST", url: "/act" })).statusCode, 200);
  const typed = await server.inject({ method: "POST", url: "/act", headers: JSON_TYPE });
  assert.equal(typed.statusCode, 200);
  const untold = await server.inject({ method: "POST", url: "/act", payload: Buffer.from("{}") });
  assert.equal(untold.statusCode, 415);
});

test("a body that may be left out may be left out, one that may not is missed", async (t) => {
  const Body = Type.Object({ seconds: Type.Optional(Type.Integer()) });
  const { server } = await aServer(t, {
    routes: (to) => {
      to.post("/may", { ...PUBLIC, schema: { body: Type.Optional(Body) } }, () => ({}));
      to.post("/must", { ...PUBLIC, schema: { body: Body } }, () => ({}));
    },
  });
  assert.equal((await server.inject({ method: "POST", url: "/may" })).statusCode, 200);
  const wrong = await server.inject({ method: "POST", url: "/may", payload: { seconds: "1" } });
  assert.equal(wrong.statusCode, 422);
  const missing = await server.inject({ method: "POST", url: "/must" });
  assert.equal(missing.statusCode, 422);
  assert.deepEqual(missing.json().errors, [
    { path: "", code: "wrong_type", message: "must be an object" },
  ]);
});

test("request ids differ between requests and between servers", async (t) => {
  const { server } = await aServer(t);
  const { server: other } = await aServer(t);
  const answers = await Promise.all([
    server.inject("/a"),
    server.inject("/b"),
    other.inject("/a"),
    other.inject({ url: "/a", headers: { "x-request-id": "mine" } }),
  ]);
  const ids = answers.map(({ headers }) => String(headers["x-request-id"]));
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(!ids.includes("mine"), "a client does not choose what is logged");
});

test("requests are counted by route and class of status", async (t) => {
  const metrics = createMetrics();
  t.after(() => metrics.registry.clear());
  const { server } = await aServer(t, {
    metrics,
    routes: (to) => to.get("/things/:id", PUBLIC, () => ({})),
  });
  await server.listen({ host: "127.0.0.1", port: 0 });
  await fetch(`${server.listeningOrigin}/things/1`);
  await fetch(`${server.listeningOrigin}/things/2?secret=1`);
  const text = await metrics.text();
  assert.match(text, /http_requests_total\{method="GET",route="\/things\/:id",status="2xx"\} 2\n/);
  assert.match(
    text,
    /http_request_duration_seconds_count\{method="GET",route="\/things\/:id"\} 2\n/,
  );
  assert.doesNotMatch(text, /secret/);
});
