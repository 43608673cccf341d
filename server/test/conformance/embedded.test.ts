import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs, { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { sql } from "kysely";
import { inTransaction } from "#platform/database/database.ts";
import { openEmbedded } from "#platform/database/embedded.ts";
import { codeOf, isDatabaseFault } from "#platform/database/faults.ts";
import { testLog } from "#test/logs.ts";

// What PGlite lacks and this server adds: it is the same whatever TEST_DATABASE says.

function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "tessera-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

const made = mkdtempSync(join(tmpdir(), "tessera-"));
before(async () => {
  const database = await openEmbedded({ directory: made, log: testLog });
  await database.close();
});
after(() => rmSync(made, { recursive: true, force: true }));

/** A directory with a database in it: making one takes seconds, a copy none. */
function dataDirectory(t: TestContext): string {
  const directory = temporaryDirectory(t);
  fs.cpSync(made, directory, { recursive: true });
  return directory;
}

test("every commit of the embedded database is flushed to disk", async (t) => {
  const directory = dataDirectory(t);
  const fsync = t.mock.method(fs, "fsyncSync");
  const database = await openEmbedded({ directory, log: testLog });
  await database.script("create table written (x integer)");
  const before = fsync.mock.callCount();
  for (let count = 0; count < 10; count++)
    await database.prepared("", "insert into written values (1)", []);
  const flushes = fsync.mock.callCount() - before;
  await database.close();
  assert.ok(flushes >= 10, `10 commits made ${flushes} flushes`);
});

test("a second process is refused with a sentence, and a killed one frees the directory", async (t) => {
  const directory = dataDirectory(t);
  const owner = spawn(process.execPath, ["--input-type=module", "-e", OPEN_AND_WAIT], {
    env: { ...process.env, DIRECTORY: directory },
    cwd: new URL("../../", import.meta.url),
    stdio: ["pipe", "pipe", "inherit"],
  });
  t.after(() => owner.kill("SIGKILL"));
  await once(owner.stdout, "data");
  await assert.rejects(openEmbedded({ directory, log: testLog }), /is in use by another process/);
  owner.kill("SIGKILL");
  await once(owner, "exit");
  const database = await openEmbedded({ directory, log: testLog });
  const rows = await database.prepared<{ x: number }>("", "select x from kept", []);
  assert.deepEqual(rows, [{ x: 42 }]);
  await database.close();
});

const OPEN_AND_WAIT = `
  import { openEmbedded } from "#platform/database/embedded.ts";
  import { testLog } from "#test/logs.ts";
  const database = await openEmbedded({ directory: process.env.DIRECTORY, log: testLog });
  await database.script("create table kept (x integer); insert into kept values (42)");
  console.log("owned");
  process.stdin.resume();
`;

test("a directory of another PostgreSQL is refused, and the way out is named", async (t) => {
  const directory = temporaryDirectory(t);
  fs.mkdirSync(join(directory, "postgres"));
  writeFileSync(join(directory, "postgres", "PG_VERSION"), "17\n");
  await assert.rejects(openEmbedded({ directory, log: testLog }), /PostgreSQL 17.*export.*import/);
});

/** Stands for the end of the process: what it interrupts fails. */
function watchedExit() {
  const codes: number[] = [];
  const exit = (code: number): never => {
    codes.push(code);
    throw new Error("the process has ended");
  };
  return { exit, codes };
}

const NO_SPACE =
  "do $$ begin raise exception 'No space left on device' using errcode = '53100'; end $$";

test("a full disk ends the process instead of hanging it, whichever way the statement went", async (t) => {
  const { exit, codes } = watchedExit();
  const directory = dataDirectory(t);
  const database = await openEmbedded({ directory, log: testLog, exit });
  const ways = [
    () => database.script(NO_SPACE),
    () => database.prepared("", NO_SPACE, []),
    () => sql.raw(NO_SPACE).execute(database.kysely),
    () => inTransaction(database, (transaction) => sql.raw(NO_SPACE).execute(transaction)),
  ];
  for (const [index, fail] of ways.entries()) {
    await assert.rejects(fail(), /the process has ended/);
    assert.deepEqual(codes, Array(index + 1).fill(74));
  }
  await database.close();
});

test("a flush that fails ends the process: nothing is acknowledged that may not be on the disk", async (t) => {
  const { exit, codes } = watchedExit();
  const directory = dataDirectory(t);
  const database = await openEmbedded({ directory, log: testLog, exit });
  await database.script("create table written (x integer)");
  const fsync = t.mock.method(fs, "fsyncSync", () => {
    throw Object.assign(new Error("EIO: i/o error, fsync"), { code: "EIO" });
  });
  // A process that has ended answers nothing; here it goes on, and what it says is of no account.
  await database.prepared("", "insert into written values (1)", []).catch(() => undefined);
  assert.equal(codes[0], 74);
  fsync.mock.restore();
});

test("writes are refused while the disk is nearly full, reads are not, and all is well when there is room", async (t) => {
  const directory = dataDirectory(t);
  const database = await openEmbedded({ directory, log: testLog });
  await database.script("create table written (x integer)");
  const write = () => database.prepared("", "insert into written values (1)", []);
  const real = fs.statfsSync(directory);
  const statfs = t.mock.method(fs, "statfsSync", () => ({ ...real, bavail: 1000, bsize: 4096 }));
  await database.checkDisk();
  await assert.rejects(write(), (error) => {
    assert.equal(codeOf(error), "25006");
    return isDatabaseFault(error);
  });
  assert.deepEqual(await database.prepared("", "select x from written", []), []);
  await assert.rejects(
    openEmbedded({ directory: temporaryDirectory(t), log: testLog }),
    /nearly full. Make room for at least 64 MiB/,
  );
  statfs.mock.restore();
  await database.checkDisk();
  await write();
  await database.close();
});

test("what cannot be opened is let go of again", async (t) => {
  const directory = temporaryDirectory(t);
  const real = fs.statfsSync(directory);
  const statfs = t.mock.method(fs, "statfsSync", () => ({ ...real, bavail: 0 }));
  await assert.rejects(openEmbedded({ directory, log: testLog }), /nearly full/);
  statfs.mock.restore();
  const database = await openEmbedded({ directory, log: testLog });
  const [row] = await database.prepared<{ server_version: string }>("", "show server_version", []);
  assert.equal(
    fs.readFileSync(join(directory, "postgres", "PG_VERSION"), "utf8").trim(),
    row?.server_version.split(".")[0],
  );
  await database.close();
});

test("a path that is no directory is refused with a sentence", async (t) => {
  const path = join(temporaryDirectory(t), "file");
  writeFileSync(path, "");
  await assert.rejects(
    openEmbedded({ directory: path, log: testLog }),
    /cannot hold a database \(EEXIST\). Set DATA_DIR/,
  );
});

test("a transaction whose work asks the embedded database itself fails instead of waiting for ever", async (t) => {
  const database = await openEmbedded({ directory: "memory", log: testLog });
  t.after(() => database.close());
  const ask = () => sql`select 1`.execute(database.kysely);
  const refused = /goes through the transaction/;
  await assert.rejects(inTransaction(database, ask), refused);
  await assert.rejects(
    inTransaction(database, () => database.prepared("one", "select 1", [])),
    refused,
  );
  await assert.rejects(
    inTransaction(database, () => inTransaction(database, ask)),
    refused,
  );
  let after: Promise<unknown> | undefined;
  const ended = Promise.withResolvers<void>();
  await inTransaction(database, (transaction) => {
    after = ended.promise.then(ask);
    return sql`select 1`.execute(transaction);
  });
  ended.resolve();
  await after;
});
