import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { oneAtATime } from "./one-at-a-time.mjs";

function aLock(t: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), "tessera-lock-"));
  t.after(() => rmSync(root, { recursive: true }));
  return join(root, ".tessera/set-up.lock");
}

test("a second set-up waits until the first is done", async (t) => {
  const lock = aLock(t);
  const happened: string[] = [];
  const first = Promise.withResolvers<void>();
  const both = [
    oneAtATime(lock, async () => {
      happened.push("first begins");
      await first.promise;
      happened.push("first ends");
    }),
    oneAtATime(lock, async () => {
      happened.push("second");
    }),
  ];
  first.resolve();
  await Promise.all(both);
  assert.deepEqual(happened, ["first begins", "first ends", "second"]);
  assert.equal(existsSync(lock), false);
});

test("the lock is given back when the work fails", async (t) => {
  const lock = aLock(t);
  await assert.rejects(
    oneAtATime(lock, () => Promise.reject(new Error("npm ci failed"))),
    /npm ci failed/,
  );
  assert.equal(await oneAtATime(lock, async () => "done"), "done");
});

test("what a killed process left behind stops nobody", async (t) => {
  const lock = aLock(t);
  mkdirSync(dirname(lock), { recursive: true });
  // Above every process id that a system gives.
  writeFileSync(lock, "4194305");
  assert.equal(await oneAtATime(lock, async () => "done"), "done");
});
