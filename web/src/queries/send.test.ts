import assert from "node:assert/strict";
import { test } from "node:test";
import { loadFile, send, sentOf } from "./send.ts";

const refusal = { code: "link_expired", title: "This link does not work any more", detail: "…" };

test("what was answered is data, and an empty answer is a good one", async () => {
  assert.deepEqual(await sentOf(Response.json({ role: "door" })), {
    data: { role: "door" },
    problem: null,
  });
  assert.deepEqual(await sentOf(new Response(null, { status: 204 })), {
    data: undefined,
    problem: null,
  });
});

test("a refusal keeps the server's words, and its code to decide by", async () => {
  const headers = { "content-type": "application/problem+json" };
  const refused = new Response(JSON.stringify(refusal), { status: 410, headers });
  assert.deepEqual(await sentOf(refused), { problem: refusal });
});

test("a failure of something in between is a problem in our words", async () => {
  const { problem } = await sentOf(new Response("<h1>Bad gateway</h1>", { status: 502 }));
  assert.match(problem?.detail ?? "", /It said 502/);
});

test("a server that cannot be reached is a problem, not an exception", async () => {
  const { problem } = await send("http://127.0.0.1:1/", {});
  assert.equal(problem?.code, "unreachable");
});

test("an answer that cannot be read is a problem, not an exception", async () => {
  const { problem } = await send("data:text/plain,this is no JSON", {});
  assert.equal(problem?.code, "unreachable");
});

test("a file that cannot be reached is a problem, too", async () => {
  const { problem } = await loadFile("http://127.0.0.1:1/", {});
  assert.equal(problem?.code, "unreachable");
});
