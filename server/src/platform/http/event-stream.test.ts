import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createEventStreams, type StreamSource } from "./event-stream.ts";
import { notFound, Problem } from "./problem.ts";
import { aServer, listen } from "./testing.ts";

/** A server that streams a number, and who reads it. */
async function aStream(
  t: TestContext,
  { streamsMax = 9, ...more }: Partial<StreamSource> & { streamsMax?: number } = {},
) {
  const watchers = new Set<() => void>();
  const state = { number: 1, asked: 0 };
  const { server, lines } = await aServer(t, {
    routes: (to) => {
      const streams = createEventStreams(to as never, {
        streamsMax,
        fullDetail: "Full.",
        tickMs: 5,
      });
      to.get("/stream", { config: { requires: [] } }, (request, reply) =>
        streams.open(request as never, reply as never, {
          event: "number",
          send: () => {
            state.asked++;
            return Promise.resolve({ etag: `"${state.number}"`, body: String(state.number) });
          },
          watch: (onChange) => {
            watchers.add(onChange);
            return () => watchers.delete(onChange);
          },
          ...more,
        }),
      );
    },
  });
  const port = await listen(server);
  const open = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/stream`);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    /** Reads until this was sent, or to the end. */
    const until = async (wanted: string | null): Promise<string> => {
      while (wanted === null || !text.includes(wanted)) {
        const chunk = await reader?.read();
        if (chunk === undefined || chunk.done) break;
        text += chunk.value;
      }
      return text;
    };
    return { response, until, stop: () => reader?.cancel() };
  };
  const change = (number: number) => {
    state.number = number;
    for (const onChange of watchers) onChange();
  };
  return { server, lines, state, watchers, open, change };
}

test("the picture is sent at once and after each change, with the name of the event and its tag", async (t) => {
  const { open, change } = await aStream(t);
  const { response, until, stop } = await open();
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  assert.equal(response.headers.get("cache-control"), "no-store");
  assert.equal(await until("data: 1\n\n"), "id: 1\nevent: number\ndata: 1\n\n");
  change(2);
  assert.match(await until("data: 2\n\n"), /id: 2\nevent: number\ndata: 2\n\n$/);
  await stop();
});

test("what is as it was is not sent again, and a sign of life goes out", async (t) => {
  const { open, change, state } = await aStream(t);
  const { until, stop } = await open();
  await until("data: 1\n\n");
  const { asked } = state;
  change(1);
  const text = await until(": still here\n\n");
  assert.equal(text.split("data:").length, 2);
  assert.ok(state.asked > asked, "it was looked at");
  await stop();
});

test("many changes while one message is made become one message, with the last state", async (t) => {
  const gate = Promise.withResolvers<void>();
  let calls = 0;
  const made = await aStream(t, {
    send: async () => {
      calls++;
      if (calls === 1) await gate.promise;
      const { number } = made.state;
      return { etag: `"${number}"`, body: String(number) };
    },
  });
  const { until, stop } = await made.open();
  for (let number = 2; number <= 50; number++) made.change(number);
  gate.resolve();
  await until("data: 50\n\n");
  assert.equal(calls, 2);
  await stop();
});

test("no more than so many are open, and one that is closed makes room", async (t) => {
  const { open, watchers } = await aStream(t, { streamsMax: 1 });
  const first = await open();
  const second = await open();
  assert.equal(second.response.status, 503);
  assert.equal(second.response.headers.get("retry-after"), "5");
  assert.match(await second.until(null), /"overloaded"/);
  await first.stop();
  while (watchers.size > 0) await new Promise((resolve) => setImmediate(resolve));
  const third = await open();
  assert.equal(third.response.status, 200);
  await third.stop();
});

test("who may no longer watch is cut off, quietly; a fault is logged", async (t) => {
  let refusal: Error | null = null;
  const recheck = () => (refusal === null ? Promise.resolve() : Promise.reject(refusal));
  const { open, lines, watchers } = await aStream(t, { recheck });
  const one = await open();
  await one.until("data: 1\n\n");
  refusal = new Problem(notFound, "Gone.");
  await one.until(null);
  const warnings = () =>
    lines.filter(({ level }) => level === "warn").map(({ message }) => message);
  assert.deepEqual([warnings(), watchers.size], [[], 0]);
  refusal = null;
  const other = await open();
  await other.until("data: 1\n\n");
  refusal = new Error("the database is away");
  await other.until(null);
  assert.deepEqual(warnings(), ["an event stream ended early"]);
});

test("closing the server ends its streams", async (t) => {
  const { server, open } = await aStream(t);
  const { until } = await open();
  await until("data: 1\n\n");
  const closed = server.close();
  await until(null);
  await closed;
});
