import type { FastifyPluginAsync } from "fastify";
import type { Metrics } from "../metrics.ts";
import "./access.ts";

/** Rejects, or takes too long, when the part cannot be used. */
type ReadyCheck = () => Promise<unknown>;

export interface HealthOptions {
  readonly metrics: Metrics;
  /** What must be there for requests to be answered, by name. */
  readonly ready: Readonly<Record<string, ReadyCheck>>;
  /** How long a part may take to say that it is there. */
  readonly readyTimeoutMs?: number;
}

const READY_TIMEOUT_MS_DEFAULT = 2_000;

/**
 * `/healthz`: the process answers. `/readyz`: so do the parts it needs; 503 otherwise, and while it
 * is closing. `/metrics`: what it counts, for Prometheus.
 */
export function healthRoutes({
  metrics,
  ready,
  readyTimeoutMs = READY_TIMEOUT_MS_DEFAULT,
}: HealthOptions): FastifyPluginAsync {
  const route = { config: { requires: ["operator"] as const }, schema: { hide: true } };
  return async (server) => {
    let isClosing = false;
    server.addHook("preClose", (done) => {
      isClosing = true;
      done();
    });
    server.get("/healthz", route, (_request, reply) => {
      reply.send({ status: "ok" });
    });
    server.get("/readyz", route, async (_request, reply) => {
      const parts = await Promise.all(
        Object.entries(ready).map(async ([name, check]) => {
          const isThere = await withinTime(check, readyTimeoutMs);
          return [name, isThere ? "ok" : "away"] as const;
        }),
      );
      const isReady = !isClosing && parts.every(([, state]) => state === "ok");
      return reply.code(isReady ? 200 : 503).send({
        status: isClosing ? "closing" : isReady ? "ok" : "away",
        parts: Object.fromEntries(parts),
      });
    });
    server.get("/metrics", route, async (_request, reply) =>
      reply.type("text/plain; version=0.0.4; charset=utf-8").send(await metrics.text()),
    );
  };
}

async function withinTime(check: ReadyCheck, timeoutMs: number): Promise<boolean> {
  const { promise: tooLate, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), timeoutMs);
  try {
    return await Promise.race([check().then(() => true), tooLate]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
