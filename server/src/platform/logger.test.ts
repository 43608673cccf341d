import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

/** What a process writes to stdout that logs by this code. */
function linesOf(code: string, level = "info"): Record<string, unknown>[] {
  const program = `import { createLogger } from ${JSON.stringify(import.meta.resolve("./logger.ts"))};
    const log = createLogger({ level: ${JSON.stringify(level)} });
    ${code}`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    encoding: "utf8",
  });
  assert.equal(stderr, "");
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

test("a line is JSON with its level, its time and its message", () => {
  const [line] = linesOf('log.info({ requestId: "r-1" }, "said");');
  const { time, ...rest } = line ?? {};
  assert.deepEqual(rest, { level: "info", requestId: "r-1", msg: "said" });
  assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test("what is less grave than the level is not written", () => {
  const code = 'log.debug({}, "a"); log.info({}, "b"); log.warn({}, "c"); log.error({}, "d");';
  assert.deepEqual(
    linesOf(code, "warn").map(({ msg }) => msg),
    ["c", "d"],
  );
  assert.deepEqual(linesOf(code, "silent"), []);
});

test("tokens and personal data are cut out by name, wherever they stand", () => {
  const [line] = linesOf(`log.info({
    token: "secret-1",
    headers: { authorization: "secret-2", cookie: "secret-3" },
    body: { attendee: { email: "secret-4", phone: "secret-5" } },
  }, "said");`);
  assert.doesNotMatch(JSON.stringify(line), /secret-/);
  assert.match(JSON.stringify(line), /\[redacted\]/);
});

test("an error is told with its causes, but without its own members, which may hold a row", () => {
  const [line] = linesOf(`log.error({ err: Object.assign(
    new Error("outer", { cause: Object.assign(new Error("inner"), { code: "23505" }) }),
    { detail: "Key (email)=(secret-1) exists" },
  ) }, "failed");`);
  const { err } = line as { err: { name: string; message: string; cause: { code: string } } };
  assert.equal(err.message, "outer");
  assert.equal(err.cause.code, "23505");
  assert.doesNotMatch(JSON.stringify(line), /secret-1/);
});
