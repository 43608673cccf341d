import assert from "node:assert/strict";
import { test } from "node:test";
import { type TestServer, testServer } from "#test/server.ts";
import { createSessionCookie } from "./session-cookie.ts";

async function post({ url }: TestServer, path: string, body: object) {
  const response = await fetch(`${url}/v1${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const retryAfter = Number(response.headers.get("retry-after"));
  return { status: response.status, retryAfter, left: response.headers.get("ratelimit") };
}

test("an account is tried ten times from one address, then not for a while; another account still is", async (t) => {
  const server = await testServer(t, { rateLimits: true });
  const logIn = (login: string) =>
    post(server, "/auth/login", { login, password: "a guess at it" });
  for (let left = 9; left >= 0; left--) {
    const tried = await logIn(left % 2 === 0 ? "ada" : "ADA");
    assert.equal(tried.status, 401);
    assert.match(tried.left ?? "", new RegExp(`^"login";r=${left};t=\\d+, "login-account";`));
  }
  const refused = await logIn("ada");
  assert.equal(refused.status, 429);
  assert.ok(refused.retryAfter > 600 && refused.retryAfter <= 900, `${refused.retryAfter} s`);
  assert.equal((await logIn("grace")).status, 401);
});

test("an address gets five mails an hour, whether or not it has an account", async (t) => {
  const server = await testServer(t, { rateLimits: true });
  const ada = { user_name: "ada", email: "ada@example.org", password: "correct horse battery" };
  assert.equal((await post(server, "/auth/register", ada)).status, 202);
  for (const email of ["ada@example.org", "nobody@example.org"]) {
    const statuses = [];
    for (let times = 0; times < 3; times++) {
      statuses.push((await post(server, "/auth/request-reset", { email })).status);
      statuses.push((await post(server, "/auth/resend-verification", { email })).status);
    }
    assert.deepEqual(statuses, [202, 202, 202, 202, 202, 429], email);
  }
});

test("every write about accounts has a limit, but logging out: that is for who has a session we signed", async (t) => {
  const { url } = await testServer(t);
  const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as {
    paths: Record<string, { post?: { responses: Record<string, object> } }>;
  };
  const writes = Object.entries(paths).filter(
    ([path, { post }]) => path.startsWith("/v1/auth/") && post !== undefined,
  );
  const free = writes.filter(([, { post }]) => post?.responses["429"] === undefined);
  assert.ok(writes.length > 10);
  assert.deepEqual(
    free.map(([path]) => path),
    ["/v1/auth/logout"],
  );
});

test("a session that is over counts as a wrong credential, for its address", async (t) => {
  const { url } = await testServer(t, { rateLimits: true });
  const { name } = createSessionCookie(url, "the secret of a server");
  for (const left of [99, 98]) {
    const { status, headers } = await fetch(`${url}/v1/auth/me`, {
      headers: { cookie: `${name}=over` },
    });
    assert.equal(status, 401);
    assert.match(headers.get("ratelimit") ?? "", new RegExp(`^"wrong-credentials";r=${left};t=`));
  }
});
