import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs, { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openEmbedded } from "#platform/database/embedded.ts";
import { silentLogger } from "#platform/logger.ts";

// What PGlite lacks and this server adds: it is the same whatever TEST_DATABASE says.

function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "tessera-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

test("every commit of the embedded database is flushed to disk", async (t) => {
  const directory = temporaryDirectory(t);
  const fsync = t.mock.method(fs, "fsyncSync");
  const database = await openEmbedded({ directory, log: silentLogger });
  await database.script("create table written (x integer)");
  const before = fsync.mock.callCount();
  for (let count = 0; count < 10; count++)
    await database.prepared("", "insert into written values (1)", []);
  const flushes = fsync.mock.callCount() - before;
  await database.close();
  assert.ok(flushes >= 10, `10 commits made ${flushes} flushes`);
});

test("a second process is refused with a sentence, and a killed one frees the directory", async (t) => {
  const directory = temporaryDirectory(t);
  const owner = spawn(process.execPath, ["--input-type=module", "-e", OPEN_AND_WAIT], {
    env: { ...process.env, DIRECTORY: directory },
    cwd: new URL("../../", import.meta.url),
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => owner.kill("SIGKILL"));
  await once(owner.stdout, "data");
  await assert.rejects(
    openEmbedded({ directory, log: silentLogger }),
    /is in use by another process/,
  );
  owner.kill("SIGKILL");
  await once(owner, "exit");
  const database = await openEmbedded({ directory, log: silentLogger });
  const rows = await database.prepared<{ x: number }>("", "select x from kept", []);
  assert.deepEqual(rows, [{ x: 42 }]);
  await database.close();
});

const OPEN_AND_WAIT = `
  import { openEmbedded } from "#platform/database/embedded.ts";
  import { silentLogger } from "#platform/logger.ts";
  const database = await openEmbedded({ directory: process.env.DIRECTORY, log: silentLogger });
  await database.script("create table kept (x integer); insert into kept values (42)");
  console.log("owned");
  setInterval(() => {}, 1000);
`;

test("a directory of another PostgreSQL is refused, and the way out is named", async (t) => {
  const directory = temporaryDirectory(t);
  fs.mkdirSync(join(directory, "postgres"));
  writeFileSync(join(directory, "postgres", "PG_VERSION"), "17\n");
  await assert.rejects(
    openEmbedded({ directory, log: silentLogger }),
    /PostgreSQL 17.*export.*import/,
  );
});

test("a full disk ends the process instead of hanging it", async (t) => {
  const directory = temporaryDirectory(t);
  const ended = Promise.withResolvers<number>();
  const exit = (code: number): never => {
    ended.resolve(code);
    throw new Error("ended");
  };
  const database = await openEmbedded({ directory, log: silentLogger, exit });
  const full = database.script(
    "do $$ begin raise exception 'No space left on device' using errcode = '53100'; end $$",
  );
  await assert.rejects(full);
  assert.equal(await ended.promise, 74);
  await database.close();
});
