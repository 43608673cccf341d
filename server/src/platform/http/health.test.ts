import assert from "node:assert/strict";
import { test } from "node:test";
import { createMetrics } from "../metrics.ts";
import { healthRoutes } from "./health.ts";
import { aServer } from "./testing.ts";

test("it is ready when all its parts are, and says which are not", async (t) => {
  const metrics = createMetrics();
  const parts = { database: true, redis: true };
  const { server } = await aServer(t, {
    routes: (to) =>
      to.register(
        healthRoutes({
          metrics,
          ready: {
            database: async () => assert.ok(parts.database),
            redis: async () => assert.ok(parts.redis),
          },
        }),
      ),
  });
  assert.equal((await server.inject("/healthz")).statusCode, 200);
  assert.equal((await server.inject("/readyz")).statusCode, 200);
  parts.redis = false;
  const away = await server.inject("/readyz");
  assert.equal(away.statusCode, 503);
  assert.deepEqual(away.json(), { status: "away", parts: { database: "ok", redis: "away" } });
  assert.equal((await server.inject("/healthz")).statusCode, 200, "the process itself is fine");
});

test("a part that never answers is away", async (t) => {
  const { server } = await aServer(t, {
    routes: (to) =>
      to.register(
        healthRoutes({
          metrics: createMetrics(),
          ready: { database: () => new Promise(() => undefined) },
          readyTimeoutMs: 10,
        }),
      ),
  });
  assert.equal((await server.inject("/readyz")).statusCode, 503);
});

test("the metrics are text that Prometheus reads, of batches and of the process", async (t) => {
  const metrics = createMetrics();
  metrics.batch({ items: 3, waitMs: 2, runMs: 4, statuses: new Map([["done", 3]]) });
  metrics.batch({ items: 1, waitMs: 0, runMs: 1, statuses: new Map([["sold_out", 1]]) });
  const { server } = await aServer(t, {
    routes: (to) => to.register(healthRoutes({ metrics, ready: {} })),
  });
  const answer = await server.inject("/metrics");
  assert.match(String(answer.headers["content-type"]), /^text\/plain; version=0\.0\.4/);
  assert.match(answer.body, /^tessera_batch_items_sum 4$/m);
  assert.match(answer.body, /^tessera_batch_outcomes_total\{status="done"\} 3$/m);
  assert.match(answer.body, /^process_cpu_seconds_total /m);
  for (const line of answer.body.trim().split("\n")) {
    assert.match(line, /^(# (HELP|TYPE) \w+ .+|\w+(\{.*\})? \S+|)$/, line);
  }
});
