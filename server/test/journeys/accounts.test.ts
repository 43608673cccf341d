import assert from "node:assert/strict";
import { registerHooks } from "node:module";
import { test } from "node:test";
import { createKeptMails } from "#platform/mail/mail-transport.ts";
import { testServer } from "#test/server.ts";

const loaded = new Set<string>();
registerHooks({
  resolve: (specifier, context, next) => {
    if (/^(?:better-auth|@better-auth\/|nodemailer)/.test(specifier)) loaded.add(specifier);
    return next(specifier, context);
  },
});

test("start and public routes do not load the engine of accounts; the first login does", async (t) => {
  const { url } = await testServer(t);
  for (const path of ["/v1/events", "/healthz", "/openapi.json", "/v1/auth/me"]) {
    await (
      await fetch(`${url}${path}`, { headers: { cookie: "tessera.session_token=x.y" } })
    ).text();
  }
  assert.deepEqual([...loaded], []);
  const answer = await fetch(`${url}/v1/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ login: "nobody", password: "nobody's password" }),
  });
  assert.equal(answer.status, 401);
  assert.ok(loaded.has("better-auth"), "it is there when it is needed");
});

test("a stranger registers, verifies and logs in over HTTP; what a page of another site sends is refused", async (t) => {
  const mails = createKeptMails();
  const { url, app } = await testServer(t, {}, { mail: mails });
  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    fetch(`${url}/v1/auth/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  const user = { user_name: "grace", email: "grace@example.org", password: "a long enough one" };
  assert.equal((await post("register", user)).status, 202);
  await app.outbox.deliver();
  const token = mails.sent[0]?.text.split("#")[1]?.trim() ?? "";
  assert.equal((await post("verify-email", { token })).status, 204);
  const login = await post("login", { login: "grace", password: user.password });
  const [setCookie = ""] = login.headers.getSetCookie();
  assert.match(setCookie, /^tessera\.session_token=.*HttpOnly; SameSite=Lax$/i);
  assert.doesNotMatch(setCookie, /Secure/i);
  const cookie = setCookie.split(";")[0] ?? "";
  const me = await fetch(`${url}/v1/auth/me`, { headers: { cookie } });
  assert.equal(me.status, 200);
  for (const from of [{ origin: "https://evil.example" }, { "sec-fetch-site": "cross-site" }]) {
    const refused = await post("logout", {}, { cookie, ...from } as Record<string, string>);
    assert.equal(refused.status, 403);
    assert.equal(((await refused.json()) as { code: string }).code, "cross_origin_request");
  }
  assert.equal((await post("logout", {}, { cookie })).status, 204);
  assert.equal((await fetch(`${url}/v1/auth/me`, { headers: { cookie } })).status, 401);
});
