import { join } from "node:path";
import type { FastifyInstance, FastifyPluginAsync } from "fastify";
import { createAccounts } from "#modules/accounts/index.ts";
import { createAdmission } from "#modules/admission/index.ts";
import { type Catalog, createCatalog } from "#modules/catalog/index.ts";
import { createOrganizers } from "#modules/organizers/index.ts";
import { createPayments, type TestProvider } from "#modules/payments/index.ts";
import { createReservations, createSales } from "#modules/reservations/index.ts";
import { createTickets } from "#modules/tickets/index.ts";
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
import type { Id } from "#platform/id.ts";
import { createJobs, type Jobs } from "#platform/jobs/jobs.ts";
import { type Periodic, periodic } from "#platform/jobs/periodic.ts";
import type { Logger } from "#platform/logger.ts";
import { createMailOutbox, type MailOutbox } from "#platform/mail/mail-outbox.ts";
import {
  createKeptMails,
  createMailFiles,
  createSmtpTransport,
  type MailTransport,
} from "#platform/mail/mail-transport.ts";
import { createMetrics } from "#platform/metrics.ts";
import { createCounters } from "#platform/rate-limits/counters.ts";
import { createCapabilityTokens } from "#platform/tokens/capability.ts";
import type { Config } from "./config.ts";

/** The paths of the web client, as its routes.tsx knows them. Mails lead to the last four. */
const WEB_PAGES = [
  "/",
  "/e/:slug",
  "/door",
  "/verify-email",
  "/reset-password",
  "/accept-invitation",
  "/r/:id",
];

const WEB_HEADERS = {
  "/door": { "permissions-policy": "camera=(self), geolocation=(), microphone=()" },
  // What it keeps for a page without a network it must be able to ask for.
  "/door-worker.js": { "content-security-policy": "default-src 'none'; connect-src 'self'" },
};

/** What a process does: answer requests, do what is due, or both. */
export type Role = "all" | "api" | "worker";

export interface App {
  readonly server: FastifyInstance;
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly catalog: Catalog;
  /** Mails that wait to be sent. */
  readonly outbox: MailOutbox;
  /** What is to be done after a commit. */
  readonly jobs: Jobs;
  /** Who gives tickets without money, to be told what to do wrong; null where nobody does. */
  readonly testPayments: TestProvider | null;
  /** The periodic tasks by name, so that whoever must not wait can run one now. */
  readonly tasks: ReadonlyMap<string, Periodic>;
  /** Resolves when what was accepted and is done after its answer is done. */
  idle(): Promise<void>;
  /** Finishes what was accepted, then lets go of everything. */
  close(): Promise<void>;
}

/**
 * Puts the parts together. The only file that knows every module; nothing listens yet.
 * @throws when the database's schema is not the one this code was written for
 */
export async function createApp(
  config: Config,
  {
    role,
    database,
    log,
    mail = mailTransport(config, log),
  }: { role: Role; database: Database; log: Logger; mail?: MailTransport | null },
): Promise<App> {
  await checkSchema(database);
  const platform = await createPlatform(config, { role, database, log, mail });
  const { clock, bus, metrics, jobs, outbox, tokens } = platform;
  const modules = await createModules(config, platform);
  const { sales, accounts, organizers, catalog, reservations, tickets, admission } = modules;

  const counters = config.rateLimits ? await createCounters(config.redisUrl, log) : null;
  const { identities } = organizers;
  const server = await buildServer({ config, log, tokens, metrics, identities, counters });
  const ofClock = clock instanceof TestClock ? [testClockRoutes(clock)] : [];
  const ofProcess = healthRoutes({ metrics, ready: { database: () => isThere(database) } });
  await registerRoutes(server, ofProcess, [...modules.routes, ...ofClock]);

  const tasks = dueTasks(log, {
    // What is kept in memory by those that answer: also theirs to write down.
    "organizers.note-key-uses": [60, organizers.noteKeyUses],
    ...(role !== "api" && workOf(platform, modules)),
  });
  const idle = async () => {
    for (const { idle: ended } of [sales.stock, accounts, reservations, admission, jobs]) {
      await ended();
    }
  };
  return {
    idle,
    server,
    database,
    clock,
    log,
    catalog,
    outbox,
    jobs,
    testPayments: modules.payments.providers.test,
    tasks: new Map(tasks.map((task) => [task.name, task])),
    close: async () => {
      await server.close();
      await tickets.close();
      await jobs.close();
      for (const task of tasks) await task.stop();
      await organizers.noteKeyUses().catch((error: unknown) => {
        log.error({ error }, "when API keys were last used could not be written down");
      });
      await idle();
      await outbox.idle();
      await counters?.close();
      await bus.close();
      await database.close();
    },
  };
}

/** What every module stands on. */
async function createPlatform(
  config: Config,
  given: { role: Role; database: Database; log: Logger; mail: MailTransport | null },
) {
  const { role, database, log, mail } = given;
  const { publicUrl, secretKeys, batchItemsMax, queueItemsMax } = config;
  const clock = config.testClock ? new TestClock() : systemClock;
  const bus = await openBus({ database, redisUrl: config.redisUrl, log });
  const metrics = createMetrics();
  const jobs = await createJobs({ database, clock, bus, log, metrics, isWorker: role !== "api" });
  const tokens = createCapabilityTokens(secretKeys);
  const outbox = createMailOutbox({ database, clock, secretKeys, transport: mail, log });
  const limits = { batchItemsMax, queueItemsMax };
  const common = { database, clock, bus, log, metrics, jobs, outbox, tokens };
  return { ...common, secretKeys, publicUrl, limits };
}

type Platform = Awaited<ReturnType<typeof createPlatform>>;

/** The modules, each on top of those it may use. */
async function createModules(config: Config, platform: Platform) {
  const { anonymousEvents, attendeeRetentionDays, wallets } = config;
  const accounts = await createAccounts(platform);
  const { sessions } = accounts;
  const organizers = await createOrganizers({ ...platform, sessions, users: accounts });
  const { audit } = organizers;
  const sales = await createSales(platform);
  const events = { anonymousEvents, attendeeRetentionDays };
  const catalog = await createCatalog({ ...platform, ...events, sales, audit });
  const tickets = await createTickets({ ...platform, catalog, audit, wallets });
  const ticketCodes = tickets.codes;
  const reservations = createReservations({ ...platform, sales, catalog, audit, ticketCodes });
  const admission = await createAdmission({ ...platform, audit, catalog, tickets, reservations });
  const money = { payments: config.payments, audit, catalog, reservations };
  const payments = createPayments({ ...platform, ...money });

  sales.stock.onBatch((report) => platform.metrics.batch(report));
  platform.jobs.handle("reservation.worth-changed", ({ reservationId }) =>
    payments.settleReservation(reservationId as Id<"rsv">),
  );
  const routes = [
    ...[accounts.routes, organizers.routes, organizers.eventRoutes(catalog), catalog.routes],
    ...[...reservations.routes, tickets.routes, ...tickets.carry(reservations)],
    ...[...payments.routes, ...admission.routes],
  ];
  const own = { accounts, organizers, sales, catalog, reservations, tickets, payments, admission };
  return { ...own, routes };
}

type Modules = Awaited<ReturnType<typeof createModules>>;
type Work = Readonly<Record<string, readonly [everySeconds: number, run: () => Promise<unknown>]>>;

/** What workers do again and again. */
function workOf({ database, clock, jobs, outbox }: Platform, modules: Modules): Work {
  const { accounts, organizers, reservations, payments } = modules;
  return {
    "jobs.work": [1, jobs.work],
    "reservations.expire": [1, reservations.expire],
    "reservations.settle": [5, reservations.settle],
    "payments.reconcile": [5, payments.reconcile],
    ...(payments.providers.test !== null && {
      "payments.test-webhooks": [1, payments.deliverTestWebhooks],
    }),
    "payments.forget": [3600, payments.forget],
    "attendees.erase": [3600, reservations.eraseOverdue],
    "mail.deliver": [5, outbox.deliver],
    "accounts.forget": [3600, accounts.forgetExpired],
    "organizers.forget": [3600, organizers.forgetExpired],
    "idempotency.forget": [3600, () => forgetOldAnswers(database, clock)],
  };
}

async function registerRoutes(
  server: FastifyInstance,
  ofProcess: FastifyPluginAsync,
  ofApi: readonly FastifyPluginAsync[],
): Promise<void> {
  await server.register(ofProcess);
  await server.register(problemPages());
  for (const routes of ofApi) await server.register(routes, { prefix: "/v1" });
  await server.register(staticWeb({ pages: WEB_PAGES, headers: WEB_HEADERS }));
}

/** What is due again and again: every so many seconds. */
function dueTasks(log: Logger, work: Work): readonly Periodic[] {
  return Object.entries(work).map(([name, [everySeconds, run]]) =>
    periodic({ name, everySeconds, run, log }),
  );
}

/** By the mail server; without one into files beside the embedded database; else mails wait. */
function mailTransport(config: Config, log: Logger): MailTransport | null {
  const { mailUrl, mailFrom, databaseUrl, dataDir } = config;
  if (mailUrl !== null) return createSmtpTransport(mailUrl, mailFrom);
  if (databaseUrl !== null) {
    log.warn({}, "no MAIL_URL: mails wait, three days at most, until there is one");
    return null;
  }
  if (dataDir === "memory") return createKeptMails();
  const directory = join(dataDir, "mail");
  log.info({ directory }, "no MAIL_URL: mails are written to files");
  return createMailFiles(directory, mailFrom);
}

async function isThere(database: Database): Promise<void> {
  await database.prepared("ready", "select 1", []);
}
