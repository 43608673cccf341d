import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { PgBoss } from "pg-boss";
import packageOfPgBoss from "pg-boss/package.json" with { type: "json" };
import { inTransaction } from "#platform/database/database.ts";
import { exportTo } from "#platform/database/export.ts";
import { importFrom } from "#platform/database/import.ts";
import { keepJob, readKept } from "#platform/jobs/outbox.ts";
import { createJobQueue, throughOurs } from "#platform/jobs/queue.ts";
import { embeddedThreadDatabase, testDatabase } from "#test/database.ts";

const PATIENCE = { retriesMax: 1, retrySeconds: 0, retrySecondsMax: 1, handlerSecondsMax: 25 };
const JOB = { name: "tests.note", payload: { note: "Jiří 🎟" } };

test("our migrations make the tables that the installed pg-boss works with", async (t) => {
  const database = await testDatabase(t);
  const boss = new PgBoss({ db: throughOurs(database), migrate: false, supervise: false });
  assert.equal(await boss.schemaVersion(), packageOfPgBoss.pgboss.schema);
  const drift = await boss.detectSchemaDrift();
  assert.ok(drift.ok, JSON.stringify(drift));
});

test("the queue works through the embedded database's thread", async (t) => {
  const database = await embeddedThreadDatabase(t);
  const queue = createJobQueue(database, PATIENCE);
  await keepJob(database.kysely, JOB);
  const kept = await readKept(database, 10);
  await queue.add(kept);
  const [first] = await queue.take(4);
  assert.ok(first);
  const { attempt, isLastAttempt, ...job } = first;
  assert.deepEqual([job, attempt, isLastAttempt], [kept[0], 1, false]);
  await queue.failed(first, new Error("no"));
  const [second] = await queue.take(4);
  assert.ok(second?.isLastAttempt);
  await queue.done(second);
  assert.deepEqual(await queue.take(4), []);
});

test("the queue refuses to be used in a transaction of ours", async (t) => {
  const database = await testDatabase(t);
  const queue = createJobQueue(database, PATIENCE);
  await queue.add([]);

  await assert.rejects(
    inTransaction(database, () => queue.add([])),
    /goes through the transaction/,
  );
});

test("an export takes the jobs that are kept, and leaves those in the queue", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "tessera-jobs-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, "export.ndjson.gz");
  const from = await testDatabase(t);
  await keepJob(from.kysely, JOB);
  const kept = await readKept(from, 10);
  await createJobQueue(from, PATIENCE).add([
    { ...JOB, id: "00000000-0000-7000-8000-000000000001" },
  ]);
  await exportTo(from, path, () => {});
  const into = await testDatabase(t);
  await importFrom(into, path, () => {});
  assert.deepEqual(await readKept(into, 10), kept);
  const queue = createJobQueue(into, PATIENCE);
  assert.deepEqual(await queue.take(4), []);
  await queue.add(kept);
  assert.equal((await queue.take(4)).length, 1);
});
