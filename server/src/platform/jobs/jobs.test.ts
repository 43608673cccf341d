import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { sql } from "kysely";
import { testDatabase } from "#test/database.ts";
import { createLocalBus } from "../bus/local.ts";
import { TestClock } from "../clock.ts";
import { type Database, inTransaction } from "../database/database.ts";
import { aLog } from "../http/testing.ts";
import { createMetrics } from "../metrics.ts";
import { createJobs, type JobName } from "./jobs.ts";
import { readKept } from "./outbox.ts";
import { createJobQueue, type Patience } from "./queue.ts";

/** Failed jobs are tried again at once: the queue's time is the database's, and no test waits for it. */
const AT_ONCE: Patience = {
  retriesMax: 2,
  retrySeconds: 0,
  retrySecondsMax: 1,
  handlerSecondsMax: 25,
};

/** A worker that notes what it does. */
async function aWorker(t: TestContext, database: Database, patience = AT_ONCE) {
  const clock = new TestClock();
  const { log, lines } = aLog();
  const bus = createLocalBus();
  const metrics = createMetrics();
  const common = { database, clock, bus, log, metrics };
  const jobs = await createJobs({ ...common, isWorker: true, patience });
  t.after(() => jobs.close());
  const done: unknown[] = [];
  jobs.handle("tests.note", async ({ note }) => void done.push(note));
  return { jobs, clock, lines, done, metrics };
}

async function statesOf(database: Database): Promise<string[]> {
  const { rows } = await sql<{ state: string }>`
    select state::text as state from pgboss.job order by state
  `.execute(database.kysely);
  return rows.map(({ state }) => state);
}

/** As if the attempts that are under way had begun a minute ago. */
async function letAttemptsBeOver(database: Database): Promise<void> {
  await sql`
    update pgboss.job_common set started_on = started_on - interval '61 seconds' where state = 'active'
  `.execute(database.kysely);
}

test("a job of a transaction is done once it is committed, and once", async (t) => {
  const database = await testDatabase(t);
  const { jobs, done } = await aWorker(t, database);
  await inTransaction(database, (transaction) =>
    jobs.send(transaction, "tests.note", { note: "Jiří 🎟" }),
  );
  await Promise.all([jobs.work(), jobs.work()]);
  await jobs.work();
  assert.deepEqual(done, ["Jiří 🎟"]);
  assert.deepEqual(await readKept(database, 10), []);
});

test("a job of a transaction that is rolled back is never done", async (t) => {
  const database = await testDatabase(t);
  const { jobs, done } = await aWorker(t, database);
  const failing = inTransaction(database, async (transaction) => {
    await jobs.send(transaction, "tests.note", { note: 1 });
    throw new Error("undone");
  });
  await assert.rejects(failing, /undone/);
  await jobs.work();
  assert.deepEqual(done, []);
});

test("a job that a function of the database keeps is done", async (t) => {
  const database = await testDatabase(t);
  const { jobs, done } = await aWorker(t, database);
  await database.script(`
    do $$ begin
      insert into platform.outbox (name, payload) values ('tests.note', '{"note": 7}');
    end $$`);
  await jobs.work();
  assert.deepEqual(done, [7]);
});

test("a job that is moved into the queue again, because of a kill before it was dropped, is done once", async (t) => {
  const database = await testDatabase(t);
  const { jobs, done } = await aWorker(t, database);
  await jobs.send(database.kysely, "tests.note", { note: 1 });
  const kept = await readKept(database, 10);
  await createJobQueue(database, AT_ONCE).add(kept);
  await jobs.work();
  await createJobQueue(database, AT_ONCE).add(kept);
  await jobs.work();
  assert.deepEqual(done, [1]);
  assert.deepEqual(await readKept(database, 10), []);
});

test("what is sent while a job is being done need not wait for it", async (t) => {
  const database = await testDatabase(t);
  const { jobs, done } = await aWorker(t, database);
  const started = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  jobs.handle("tests.slow", async () => {
    started.resolve();
    await finish.promise;
  });
  const seen = Promise.withResolvers<void>();
  jobs.handle("tests.see", async () => seen.resolve());
  await jobs.send(database.kysely, "tests.slow", {});
  const round = jobs.work();
  await started.promise;
  await jobs.send(database.kysely, "tests.see", {});
  jobs.wake();
  await seen.promise;
  await jobs.send(database.kysely, "tests.note", { note: "last" });
  finish.resolve();
  await round;
  await jobs.idle();
  await jobs.work();
  assert.deepEqual(done, ["last"]);
});

test("a job that fails is tried again, others are done meanwhile, and the last failure is one error", async (t) => {
  const database = await testDatabase(t);
  const { jobs, done, lines, metrics } = await aWorker(t, database);
  let attempts = 0;
  jobs.handle("tests.fail", async () => {
    attempts++;
    throw new Error("no");
  });
  let isDown = true;
  jobs.handle("tests.recover", async ({ note }) => {
    if (isDown) {
      isDown = false;
      throw new Error("down");
    }
    done.push(note);
  });
  for (const name of ["tests.fail", "tests.recover", "tests.note"] satisfies JobName[]) {
    await jobs.send(database.kysely, name, { note: name });
  }
  await jobs.work();
  assert.deepEqual([...done].sort(), ["tests.note", "tests.recover"]);
  assert.equal(attempts, 3);
  const errors = lines.filter(({ level }) => level === "error");
  assert.deepEqual(
    errors.map(({ fields }) => [fields["job"], fields["attempt"]]),
    [["tests.fail", 3]],
  );
  assert.deepEqual(await statesOf(database), ["completed", "completed", "failed"]);
  const counted = await metrics.text();
  assert.match(counted, /tessera_jobs_total\{job="tests.fail",outcome="failed"\} 2/);
  assert.match(counted, /tessera_jobs_total\{job="tests.fail",outcome="given_up"\} 1/);
});

test("between attempts of a job time passes", async (t) => {
  const database = await testDatabase(t);
  const patience = { ...AT_ONCE, retrySeconds: 60, retrySecondsMax: 600 };
  const { jobs } = await aWorker(t, database, patience);
  let attempts = 0;
  jobs.handle("tests.fail", async () => {
    attempts++;
    throw new Error("no");
  });
  await jobs.send(database.kysely, "tests.fail", {});
  await jobs.work();
  await jobs.work();
  assert.equal(attempts, 1);
  const { rows } = await sql<{ is_later: boolean }>`
    select start_after > clock_timestamp() + interval '30 seconds' as is_later from pgboss.job
  `.execute(database.kysely);
  assert.deepEqual(rows, [{ is_later: true }]);
});

test("a job that nobody handles is an error in the log and kept as failed", async (t) => {
  const database = await testDatabase(t);
  const { jobs, lines } = await aWorker(t, database);
  await jobs.send(database.kysely, "tests.nobody", {});
  await jobs.work();
  assert.deepEqual(await statesOf(database), ["failed"]);
  assert.ok(lines.every(({ level }) => level === "error"));
});

test("a job that its worker holds too long is another's, and what the first says then counts for nothing", async (t) => {
  const database = await testDatabase(t);
  const slow = await aWorker(t, database);
  const started = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  slow.jobs.handle("tests.both", async () => {
    started.resolve();
    await finish.promise;
    throw new Error("too late");
  });
  const other = await aWorker(t, database);
  other.jobs.handle("tests.both", async () => void other.done.push("both"));
  await slow.jobs.send(database.kysely, "tests.both", {});
  const round = slow.jobs.work();
  await started.promise;
  await other.jobs.work();
  assert.deepEqual(other.done, [], "not while it is held");
  await letAttemptsBeOver(database);
  other.clock.advance(20_000);
  await other.jobs.work();
  assert.deepEqual(other.done, ["both"]);
  finish.resolve();
  await round;
  assert.deepEqual(await statesOf(database), ["completed"]);
});

test("a handler that takes too long is told to stop, and its attempt has failed", async (t) => {
  const database = await testDatabase(t);
  const { jobs, done, lines } = await aWorker(t, database, { ...AT_ONCE, handlerSecondsMax: 0.01 });
  jobs.handle("tests.hang", async (_payload, signal) => {
    signal.addEventListener("abort", () => done.push("told"));
    await new Promise(() => undefined);
  });
  await jobs.send(database.kysely, "tests.hang", {});
  await jobs.work();
  assert.deepEqual(done, ["told", "told", "told"]);
  assert.deepEqual(await statesOf(database), ["failed"]);
  assert.equal(lines.at(-1)?.level, "error");
});

test("a job that is lost again and again is given up with an error", async (t) => {
  const database = await testDatabase(t);
  const { jobs, clock, lines } = await aWorker(t, database, { ...AT_ONCE, retriesMax: 0 });
  const queue = createJobQueue(database, { ...AT_ONCE, retriesMax: 0 });
  await jobs.send(database.kysely, "tests.note", { note: 1 });
  await queue.add(await readKept(database, 10));
  assert.equal((await queue.take(4)).length, 1);
  await letAttemptsBeOver(database);
  clock.advance(20_000);
  await jobs.work();
  assert.deepEqual(await statesOf(database), ["failed"]);
  assert.deepEqual(
    lines.map(({ level }) => level),
    ["error"],
  );
});

test("done jobs are forgotten after an hour, failed ones after months", async (t) => {
  const database = await testDatabase(t);
  const { jobs, clock } = await aWorker(t, database);
  await jobs.send(database.kysely, "tests.note", { note: 1 });
  await jobs.send(database.kysely, "tests.nobody", {});
  await jobs.work();
  for (const [age, states] of [
    ["59 minutes", ["completed", "failed"]],
    ["2 hours", ["failed"]],
    ["91 days", []],
  ] as const) {
    await sql`
      update pgboss.job_common set completed_on = clock_timestamp() - ${age}::text::interval
    `.execute(database.kysely);
    clock.advance(20_000);
    await jobs.work();
    assert.deepEqual(await statesOf(database), states, age);
  }
});

test("more jobs than are moved and done at once are all done", async (t) => {
  const database = await testDatabase(t);
  const { jobs, done } = await aWorker(t, database);
  await database.script(`
    insert into platform.outbox (name, payload)
    select 'tests.note', jsonb_build_object('note', n) from generate_series(1, 600) n`);
  await jobs.work();
  assert.equal(done.length, 600);
  assert.equal(new Set(done).size, 600);
});

test("a round that is wanted in a transaction is not done in it", async (t) => {
  const database = await testDatabase(t);
  const { jobs, done, lines } = await aWorker(t, database);
  await jobs.send(database.kysely, "tests.note", { note: 1 });
  await inTransaction(database, async (transaction) => {
    jobs.wake();
    await sql`select 1`.execute(transaction);
  });
  await jobs.idle();
  assert.deepEqual(done, [1]);
  assert.deepEqual(lines, []);
});

test("closing waits for the jobs under way and begins no other", async (t) => {
  const database = await testDatabase(t);
  const { jobs, done } = await aWorker(t, database);
  const started = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  jobs.handle("tests.slow", async () => {
    started.resolve();
    await finish.promise;
    done.push("slow");
  });
  await jobs.send(database.kysely, "tests.slow", {});
  const round = jobs.work();
  await started.promise;
  await jobs.send(database.kysely, "tests.note", { note: "after" });
  const closed = jobs.close();
  finish.resolve();
  await Promise.all([closed, round]);
  await jobs.work();
  assert.deepEqual(done, ["slow"]);
  assert.equal((await readKept(database, 10)).length, 1);
});

test("a process that does no jobs tells those that do", async (t) => {
  const database = await testDatabase(t);
  const told: string[] = [];
  const bus = {
    ...createLocalBus(),
    publish: async (channel: string) => void told.push(channel),
  };
  const { log } = aLog();
  const clock = new TestClock();
  const metrics = createMetrics();
  const jobs = await createJobs({ database, clock, bus, log, metrics, isWorker: false });
  await jobs.send(database.kysely, "tests.note", { note: 1 });
  jobs.wake();
  assert.deepEqual(told, ["jobs"]);
  await jobs.close();
  assert.equal((await readKept(database, 10)).length, 1);
});
