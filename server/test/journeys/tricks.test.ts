import assert from "node:assert/strict";
import { test } from "node:test";
import { createKeptMails } from "#platform/mail/mail-transport.ts";
import { testServer } from "#test/server.ts";
import { aTown } from "./people.ts";

const EVIL = "evil.example";

test("whatever host a request names, links in mails, addresses in answers and cookies are this server's", async (t) => {
  const mails = createKeptMails();
  const { app } = await testServer(
    t,
    { publicUrl: "https://tickets.example.org" },
    { mail: mails },
  );
  const headers = {
    host: EVIL,
    "x-forwarded-host": EVIL,
    "x-forwarded-proto": "http",
    "x-original-url": "/v1/organizers",
    forwarded: `host=${EVIL};proto=http`,
  };
  const payload = { user_name: "ada", email: "ada@example.org", password: "long enough for it" };
  const url = "/v1/auth/register";
  const registered = await app.server.inject({ method: "POST", url, headers, payload });
  assert.equal(registered.statusCode, 202);
  await app.outbox.deliver();
  const [mail] = mails.sent;
  assert.match(mail?.text ?? "", /^https:\/\/tickets\.example\.org\/verify-email#/m);
  assert.ok(!JSON.stringify(mail).includes(EVIL));
  const token = mail?.text.split("#")[1]?.trim();
  const verify = { method: "POST", url: "/v1/auth/verify-email", headers } as const;
  assert.equal((await app.server.inject({ ...verify, payload: { token } })).statusCode, 204);
  const login = { login: "ada", password: payload.password };
  const loggedIn = await app.server.inject({
    method: "POST",
    url: "/v1/auth/login",
    headers,
    payload: login,
  });
  const cookie = String(loggedIn.headers["set-cookie"]);
  assert.match(cookie, /^__Host-.*; Path=\/; HttpOnly; Secure; SameSite=Lax/i);
  assert.doesNotMatch(cookie, /domain/i);
  const refused = await app.server.inject({ url: "/v1/organizers", headers });
  assert.equal(refused.statusCode, 401);
  assert.ok(!refused.body.includes(EVIL));
});

test("cookies and headers that nobody gave open nothing", async (t) => {
  const town = await aTown(t);
  const [ada, eve] = [await town.aPerson("ada"), await town.aPerson("eve")];
  const [name = "", value = ""] = (ada.headers["cookie"] ?? "").split("=");
  const [token = ""] = decodeURIComponent(value).split(".");
  const statusWith = async (headers: Record<string, string>) =>
    (await town.ask("GET /v1/auth/me", undefined, headers)).status;
  for (const cookie of [
    `${name}=${token}`,
    `${name}=${token}.`,
    `${name}=${value}x`,
    `${name}=${value.slice(0, -3)}`,
    `x${name}=${value}`,
    `${name}_x=${value}`,
    `${name}=`,
    `${name}=; ${ada.headers["cookie"]}`,
    `__Secure-${name}=${value}`,
  ]) {
    assert.equal(await statusWith({ cookie }), 401, cookie.slice(0, 40));
  }
  for (const headers of [
    { "x-user-id": ada.id },
    { "x-forwarded-user": "ada" },
    { authorization: `Bearer ${token}` },
    { authorization: `Basic ${Buffer.from("ada:correct horse battery").toString("base64")}` },
    { authorization: "Bearer x", cookie: ada.headers["cookie"] ?? "" },
  ] as Record<string, string>[]) {
    assert.equal(await statusWith(headers), 401, Object.keys(headers).join());
  }
  const overridden = { ...eve.headers, "x-http-method-override": "DELETE" };
  assert.equal((await town.ask("GET /v1/auth/sessions", undefined, overridden)).status, 200);
  assert.equal(await statusWith(eve.headers), 200, "nothing was ended");
  assert.equal(await statusWith({ ...ada.headers }), 200);
});
