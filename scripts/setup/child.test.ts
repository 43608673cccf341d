import assert from "node:assert/strict";
import { test } from "node:test";
import { isToBePassedOn, run } from "./child.mjs";

const passedOn = new Set<string>();

test("each kind of signal is passed on once", () => {
  const again = new Set(["SIGTERM"]);
  assert.equal(isToBePassedOn({ signal: "SIGTERM", isTerminal: false, passedOn }), true);
  assert.equal(isToBePassedOn({ signal: "SIGTERM", isTerminal: false, passedOn: again }), false);
  assert.equal(isToBePassedOn({ signal: "SIGINT", isTerminal: false, passedOn: again }), true);
});

test("Ctrl-C in a terminal reaches the child by itself, so it is not passed on", () => {
  assert.equal(isToBePassedOn({ signal: "SIGINT", isTerminal: true, passedOn }), false);
  assert.equal(isToBePassedOn({ signal: "SIGTERM", isTerminal: true, passedOn }), true);
});

test("the child's exit code and output come back, a signal as 128 and its number", async () => {
  const options = { cwd: import.meta.dirname, capture: true };
  const program = "process.stdout.write('out'); process.stderr.write('err'); process.exit(7);";
  const exited = await run(process.execPath, ["-e", program], options);
  assert.equal(exited.code, 7);
  assert.match(exited.output, /out/);
  assert.match(exited.output, /err/);
  const killed = await run(
    process.execPath,
    ["-e", "process.kill(process.pid, 'SIGKILL')"],
    options,
  );
  assert.equal(killed.code, 137);
});

test("a program that is not there is an error", async () => {
  await assert.rejects(run("tessera-no-such-program", [], { cwd: import.meta.dirname }), /ENOENT/);
});
