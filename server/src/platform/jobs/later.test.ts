import assert from "node:assert/strict";
import { test } from "node:test";
import { aLog } from "../http/testing.ts";
import { createLater } from "./later.ts";

test("what is done later is done one after the other; a failure is logged and stops nothing", async () => {
  const { log, lines } = aLog();
  const later = createLater({ waitingMax: 3, log });
  const done: number[] = [];
  later.run(async () => done.push(1));
  later.run(() => Promise.reject(new Error("failed")));
  later.run(async () => done.push(2));
  assert.deepEqual(done, [], "not before whoever asked is answered");
  await later.idle();
  assert.deepEqual([done, lines.length], [[1, 2], 1]);
});

test("more than may wait is refused at once", async () => {
  const later = createLater({ waitingMax: 1, log: aLog().log });
  later.run(async () => undefined);
  assert.throws(() => later.run(async () => undefined), /Try again/);
  await later.idle();
  later.run(async () => undefined);
  await later.idle();
});
