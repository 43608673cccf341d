import type { FastifyInstance } from "fastify";
import { type Catalog, createCatalog } from "#modules/catalog/index.ts";
import { createReservations, createSales } from "#modules/reservations/index.ts";
import { openBus } from "#platform/bus/bus.ts";
import { type Clock, systemClock, TestClock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import { checkSchema } from "#platform/database/migrate.ts";
import { healthRoutes } from "#platform/http/health.ts";
import { forgetOldAnswers } from "#platform/http/idempotency.ts";
import { problemPages } from "#platform/http/problem-pages.ts";
import { buildServer } from "#platform/http/server.ts";
import { staticWeb } from "#platform/http/static-web.ts";
import { testClockRoutes } from "#platform/http/test-clock.ts";
import { type Periodic, periodic } from "#platform/jobs/periodic.ts";
import type { Logger } from "#platform/logger.ts";
import { createMetrics } from "#platform/metrics.ts";
import { createCapabilityTokens } from "#platform/tokens/capability.ts";
import type { Config } from "./config.ts";

/** What a process does: answer requests, do what is due, or both. */
export type Role = "all" | "api" | "worker";

export interface App {
  readonly server: FastifyInstance;
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly catalog: Catalog;
  /** The periodic tasks by name, so that whoever must not wait can run one now. */
  readonly tasks: ReadonlyMap<string, Periodic>;
  /** Finishes what was accepted, then lets go of everything. */
  close(): Promise<void>;
}

/**
 * Puts the parts together. The only file that knows every module; nothing listens yet.
 * @throws when the database's schema is not the one this code was written for
 */
export async function createApp(
  config: Config,
  { role, database, log }: { role: Role; database: Database; log: Logger },
): Promise<App> {
  const clock = config.testClock ? new TestClock() : systemClock;
  await checkSchema(database);
  const bus = await openBus({ database, redisUrl: config.redisUrl, log });
  const tokens = createCapabilityTokens(config.secretKeys);
  const metrics = createMetrics();
  const limits = { batchItemsMax: config.batchItemsMax, queueItemsMax: config.queueItemsMax };

  const sales = await createSales({ database, clock, bus, limits });
  const catalog = await createCatalog({
    database,
    clock,
    bus,
    tokens,
    sales,
    publicUrl: config.publicUrl,
    anonymousEvents: config.anonymousEvents,
  });
  const reservations = createReservations({ database, clock, sales, catalog, tokens, limits });
  sales.stock.onBatch((report) => metrics.batch(report));

  const server = await buildServer({ config, log, tokens, metrics });
  await server.register(healthRoutes({ metrics, ready: { database: () => isThere(database) } }));
  await server.register(problemPages());
  for (const routes of [catalog.routes, ...reservations.routes])
    await server.register(routes, { prefix: "/v1" });
  if (clock instanceof TestClock) await server.register(testClockRoutes(clock), { prefix: "/v1" });
  await server.register(staticWeb({ pages: ["/", "/e/:slug"] }));

  const tasks =
    role === "api"
      ? []
      : [
          periodic({ name: "reservations.expire", everySeconds: 1, run: reservations.expire, log }),
          periodic({ name: "reservations.settle", everySeconds: 5, run: reservations.settle, log }),
          periodic({
            name: "idempotency.forget",
            everySeconds: 3600,
            run: () => forgetOldAnswers(database, clock),
            log,
          }),
        ];
  return {
    server,
    database,
    clock,
    log,
    catalog,
    tasks: new Map(tasks.map((task) => [task.name, task])),
    close: async () => {
      await server.close();
      for (const task of tasks) await task.stop();
      await sales.stock.idle();
      await bus.close();
      await database.close();
    },
  };
}

async function isThere(database: Database): Promise<void> {
  await database.prepared("ready", "select 1", []);
}
