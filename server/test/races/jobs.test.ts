import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { sql } from "kysely";
import { openBus } from "#platform/bus/bus.ts";
import { createLocalBus } from "#platform/bus/local.ts";
import { TestClock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import { openPostgres } from "#platform/database/postgres.ts";
import { createJobs } from "#platform/jobs/jobs.ts";
import { dropKept, readKept } from "#platform/jobs/outbox.ts";
import { createMetrics } from "#platform/metrics.ts";
import { freshPostgresDatabase } from "#test/database.ts";
import { testLog } from "#test/logs.ts";
import { RACES } from "./several-processes.ts";

const JOBS = 400;
const WORKERS = 3;

async function open(t: TestContext, url: string): Promise<Database> {
  const database = await openPostgres({ url, poolMax: 8, log: testLog });
  t.after(() => database.close());
  return database;
}

async function sendJobs(database: Database): Promise<void> {
  await database.script(`
    insert into platform.outbox (name, payload)
    select 'tests.note', jsonb_build_object('note', n) from generate_series(1, ${JOBS}) n`);
}

async function aWorker(t: TestContext, database: Database, done: unknown[]) {
  const clock = new TestClock();
  const bus = createLocalBus();
  const common = { database, clock, bus, log: testLog, metrics: createMetrics() };
  const jobs = await createJobs({ ...common, isWorker: true });
  t.after(() => jobs.close());
  jobs.handle("tests.note", async ({ note }) => void done.push(note));
  return { jobs, clock };
}

test(
  "negative control: workers that do what is kept, without the queue, do jobs twice",
  RACES,
  async (t) => {
    const { url } = await freshPostgresDatabase(t);
    const databases = await Promise.all(Array.from({ length: WORKERS }, () => open(t, url)));
    await sendJobs(await open(t, url));
    const done: unknown[] = [];
    const read = await Promise.all(databases.map((database) => readKept(database, JOBS)));
    for (const [index, database] of databases.entries()) {
      const kept = read[index] ?? [];
      done.push(...kept);
      await dropKept(database, kept);
    }
    assert.ok(done.length > JOBS);
  },
);

test("several workers do each job once", RACES, async (t) => {
  const { url } = await freshPostgresDatabase(t);
  const done: unknown[] = [];
  const workers = await Promise.all(
    Array.from({ length: WORKERS }, async () => aWorker(t, await open(t, url), done)),
  );
  await sendJobs(await open(t, url));
  await Promise.all(workers.map(({ jobs }) => jobs.work()));
  // A worker ends its round while others still have the last jobs.
  await Promise.all(workers.map(({ jobs }) => jobs.idle()));
  assert.equal(new Set(done).size, JOBS);
  assert.equal(done.length, JOBS);
});

test("a job that another process sends is done when that tells the workers", RACES, async (t) => {
  const { url } = await freshPostgresDatabase(t);
  const processes = await Promise.all(
    [true, false].map(async (isWorker) => {
      const database = await open(t, url);
      const bus = await openBus({ database, redisUrl: null, log: testLog });
      t.after(() => bus.close());
      const common = { database, clock: new TestClock(), log: testLog, metrics: createMetrics() };
      const jobs = await createJobs({ ...common, bus, isWorker });
      t.after(() => jobs.close());
      return { database, jobs };
    }),
  );
  const [worker, other] = processes;
  assert.ok(worker && other);
  const done = Promise.withResolvers<unknown>();
  worker.jobs.handle("tests.note", async ({ note }) => done.resolve(note));
  await other.jobs.send(other.database.kysely, "tests.note", { note: "told" });
  other.jobs.wake();
  assert.equal(await done.promise, "told");
  await worker.jobs.idle();
});

test("a job of a killed worker is done by another", RACES, async (t) => {
  const { url } = await freshPostgresDatabase(t);
  const database = await open(t, url);
  const done: unknown[] = [];
  const { jobs, clock } = await aWorker(t, database, done);
  await jobs.send(database.kysely, "tests.note", { note: "survives" });
  const doomed = spawn(
    process.execPath,
    [...process.execArgv, "--input-type=module", "-e", TAKE_AND_HANG],
    {
      env: { ...process.env, URL_OF_DATABASE: url },
      cwd: new URL("../../", import.meta.url),
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  t.after(() => doomed.kill("SIGKILL"));
  await once(doomed.stdout, "data");
  doomed.kill("SIGKILL");
  await once(doomed, "exit");
  await jobs.work();
  assert.deepEqual(done, [], "nobody knows yet that it was killed");
  await sql`
    update pgboss.job_common
       set started_on = started_on - interval '61 seconds', retry_delay = 0, retry_backoff = false
  `.execute(database.kysely);
  clock.advance(20_000);
  await jobs.work();
  assert.deepEqual(done, ["survives"]);
});

const TAKE_AND_HANG = `
  import { createLocalBus } from "#platform/bus/local.ts";
  import { TestClock } from "#platform/clock.ts";
  import { openPostgres } from "#platform/database/postgres.ts";
  import { createJobs } from "#platform/jobs/jobs.ts";
  import { createMetrics } from "#platform/metrics.ts";
  import { testLog } from "#test/logs.ts";
  const database = await openPostgres({ url: process.env.URL_OF_DATABASE, poolMax: 4, log: testLog });
  const bus = createLocalBus();
  const common = { database, clock: new TestClock(), bus, log: testLog, metrics: createMetrics() };
  const jobs = await createJobs({ ...common, isWorker: true });
  jobs.handle("tests.note", async () => {
    console.log("taken");
    await new Promise(() => {});
  });
  await jobs.work();
`;
