import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { findSecrets } from "./find-secrets.ts";

function aRun(t: TestContext, files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), "tessera-find-secrets-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}

const secret = (name: string, value: string) => `${JSON.stringify({ name, value })}\n`;

test("a secret that was planted into a log is found wherever it stands, and is not repeated", (t) => {
  const run = aRun(t, {
    "1.secrets":
      secret("answer.event_token", "planted-token") + secret("request.email", "a@b.test"),
    "2.secrets": secret("request.password", 'corr"ect horse') + secret("cookie", "seal/ed value"),
    "a.log": "all is well\nstartplanted-tokenend\nplanted-tokem\n",
    "b.log":
      '{"msg":"for a@b.test and planted-token"}\n{"msg":"corr\\"ect horse"}\nseal%2Fed%20value',
  });
  const { finds, ...counts } = findSecrets(run);
  assert.deepEqual(counts, { lines: 6, secrets: 4 });
  assert.deepEqual(finds, [
    "a.log:2: answer.event_token",
    "b.log:1: request.email",
    "b.log:1: answer.event_token",
    "b.log:2: request.password",
    "b.log:3: cookie",
  ]);
});

test("a log without secrets is clean; the last word of a process that was killed is left out", (t) => {
  const run = aRun(t, {
    "1.secrets": `${secret("token", "planted-token")}{"name":"cut","val`,
    "a.log": "planted-toke\n\nplanted token\n",
  });
  assert.deepEqual(findSecrets(run), { lines: 2, secrets: 1, finds: [] });
});

test("a run that logged nothing and had no secrets says so", (t) => {
  assert.deepEqual(findSecrets(aRun(t, {})), { lines: 0, secrets: 0, finds: [] });
});

const module = (path: string) => JSON.stringify(import.meta.resolve(`../server/${path}`));
const CARELESS = `
  import { buildServer } from ${module("src/platform/http/server.ts")};
  import { testTokens } from ${module("src/platform/http/testing.ts")};
  import { testLog } from ${module("test/logs.ts")};
  const config = { publicUrl: "https://tickets.example.org" };
  const server = await buildServer({ config, tokens: testTokens, log: testLog });
  server.post("/careless", { config: { requires: [] } }, (request, reply) => {
    testLog.debug({ of: request.body.attendee.name, by: request.headers.authorization }, "one");
    reply.header("set-cookie", "session=the-session-of.somebody; Path=/");
    return { event_token: "answered-token", data: [{ recovery_codes: ["recovery-1"] }] };
  });
  await server.inject({
    method: "POST",
    url: "/careless",
    headers: { authorization: "Bearer header-token", "content-type": "application/json" },
    payload: JSON.stringify({ attendee: { name: "Ada Lovelace" }, name: "Night" }),
  });
  testLog.debug({}, "answered answered-token and recovery-1, the-session-of");
  testLog.debug({ token: "header-token" }, "Night");
`;

test("what a server that is careless logs is found, whoever made the server; what the log cuts out is not", (t) => {
  const directory = aRun(t, {});
  const { stderr } = spawnSync(
    process.execPath,
    [
      `--import=${import.meta.resolve("../server/test/note-secrets.ts")}`,
      "--input-type=module",
      "-e",
      CARELESS,
    ],
    {
      encoding: "utf8",
      cwd: join(import.meta.dirname, "../server"),
      env: { PATH: process.env["PATH"], TEST_LOGS: directory },
    },
  );
  assert.equal(stderr, "");
  const { lines, finds } = findSecrets(directory);
  assert.equal(lines, 3);
  assert.deepEqual(
    finds.map((find) => find.replace(/^-\d+\.log:/, "")),
    [
      "1: request.attendee.name",
      "1: the header Authorization",
      "2: answer.event_token",
      "2: answer.data.recovery_codes",
      "2: the header Set-Cookie",
    ],
  );
});
