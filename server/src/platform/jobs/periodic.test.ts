import assert from "node:assert/strict";
import { test } from "node:test";
import { periodic } from "./periodic.ts";

test("a periodic task never runs twice at once, and stopping waits for the run under way", async () => {
  let running = 0;
  let most = 0;
  const gate = Promise.withResolvers<void>();
  const task = periodic({
    name: "test.task",
    everySeconds: 3600,
    log: { error: () => {} },
    run: async () => {
      running++;
      most = Math.max(most, running);
      await gate.promise;
      running--;
    },
  });
  const runs = [task.runNow(), task.runNow(), task.runNow()];
  gate.resolve();
  await task.stop();
  await Promise.all(runs);
  assert.equal(most, 1);
  assert.equal(running, 0);
});

test("a run that fails is told to whoever asked for it, is logged else, and the next one comes", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const logged: string[] = [];
  let fails = true;
  const ran = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const task = periodic({
    name: "test.task",
    everySeconds: 1,
    log: { error: (_fields, message) => void logged.push(message) },
    run: async () => {
      ran[fails ? 0 : 1]?.resolve();
      if (fails) throw new Error("not this time");
    },
  });
  await assert.rejects(task.runNow(), /not this time/);
  t.mock.timers.tick(1000);
  await ran[0]?.promise;
  await new Promise(setImmediate);
  fails = false;
  t.mock.timers.tick(1000);
  await ran[1]?.promise;
  await task.stop();
  assert.deepEqual(logged, ["a periodic task failed"]);
});
