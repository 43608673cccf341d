import assert from "node:assert/strict";
import { test } from "node:test";
import type { Availability } from "../src/index.ts";
import { cut, problem, type Step, scriptedServer } from "./scripted-server.ts";

const left = (available: number): Availability => ({
  slots: [{ id: "slt_1", capacity: 9, available, ticket_types: [] }],
});
const message = (available: number) =>
  `id: 1\nevent: availability\ndata: ${JSON.stringify(left(available))}\n\n`;

/** Sends the pieces, each for itself, then ends the connection or leaves it open. */
function stream(pieces: readonly string[], isLeftOpen = false): Step {
  return (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const next = (index: number): void => {
      const piece = pieces[index];
      if (piece !== undefined) response.write(piece, () => next(index + 1));
      else if (!isLeftOpen) response.end();
    };
    next(0);
  };
}

async function take(pictures: AsyncIterable<Availability>, count: number): Promise<number[]> {
  const seen: number[] = [];
  for await (const { slots } of pictures) {
    seen.push(slots[0]?.available ?? -1);
    if (seen.length === count) break;
  }
  return seen;
}

test("every picture is given, however its bytes arrive", async (t) => {
  const whole = `: hello\n\n${message(9)}event: other\ndata: {}\n\n${message(8)}${message(7).replaceAll("\n", "\r\n")}`;
  const { client, received } = await scriptedServer(t, [stream([...whole], true)]);
  assert.deepEqual(await take(client.availability.stream("evt_1"), 3), [9, 8, 7]);
  assert.equal(received[0]?.url, "/v1/events/evt_1/availability/stream");
});

test("a broken stream is opened again, and a message that was cut is not given", async (t) => {
  const { client, received, waits } = await scriptedServer(t, [
    stream([message(9), message(8).slice(0, -10)]),
    cut,
    problem(503, "overloaded", {}, { "retry-after": "5" }),
    stream([message(7)], true),
  ]);
  assert.deepEqual(await take(client.availability.stream("evt_1"), 2), [9, 7]);
  assert.equal(received.length, 4);
  assert.ok((waits[2] ?? 0) >= 5000);
});

test("a refusal ends it", async (t) => {
  const { client, received } = await scriptedServer(t, [problem(404, "not_found")]);
  await assert.rejects(take(client.availability.stream("evt_1"), 1), { code: "not_found" });
  assert.equal(received.length, 1);
});

test("it ends quietly when it is aborted, and stopping early closes the connection", async (t) => {
  const controller = new AbortController();
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const { client } = await scriptedServer(t, [
    stream([message(9)], true),
    (response) => {
      response.once("close", resolve);
      stream([message(8)], true)(response);
    },
  ]);
  const seen: number[] = [];
  const options = { signal: controller.signal };
  for await (const { slots } of client.availability.stream("evt_1", options)) {
    seen.push(slots[0]?.available ?? -1);
    controller.abort();
  }
  assert.deepEqual(seen, [9]);
  assert.deepEqual(await take(client.availability.stream("evt_1"), 1), [8]);
  await closed;
});
