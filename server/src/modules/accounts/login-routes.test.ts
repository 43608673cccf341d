import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { sharedAccounts, totpCode } from "./testing.ts";

const setting = sharedAccounts();

test("POST /v1/auth/login 401: a wrong password and an unknown user are answered alike, with a hash computed for each", async () => {
  const { browser, hashes, aUser } = setting();
  const { email } = await aUser("target");
  const answers = [];
  for (const login of ["target", email, "nobody", "nobody@example.org", "no one's name", "a@b"]) {
    const before = hashes.count;
    const given = { login, password: "not the password" };
    const { status, headers, body } = await browser().ask("POST /auth/login", given);
    const { instance: _id, ...told } = body as unknown as { instance: string };
    answers.push({ status, told, cookie: headers["set-cookie"], hashes: hashes.count - before });
  }
  for (const answer of answers) assert.deepEqual(answer, answers[0]);
  assert.deepEqual([answers[0]?.status, answers[0]?.hashes], [401, 1]);
});

test("a session's cookie is for this host, for TLS and not for scripts", async () => {
  const { aUser } = setting();
  const { browser } = await aUser("cookies");
  const line = browser.setCookies.find((cookie) => cookie.includes("session_token="));
  assert.match(line ?? "", /^__Host-tessera\.session_token=/);
  for (const attribute of [/; HttpOnly/i, /; Secure/i, /; SameSite=Lax/i, /; Path=\//i]) {
    assert.match(line ?? "", attribute);
  }
  assert.doesNotMatch(line ?? "", /Domain/i);
});

test("a cookie whose signature is not ours opens nothing", async () => {
  const { browser, aUser } = setting();
  const { browser: real } = await aUser("signed");
  const [[name = "", value = ""] = []] = [...real.cookies];
  for (const forged of [value.replace(/^./, "!"), value.split(".")[0] ?? "", "%E0%A4%A", "."]) {
    const other = browser();
    other.cookies.set(name, forged);
    const refused = await other.ask("GET /auth/me");
    assert.deepEqual([refused.status, refused.body.code], [401, "not_authenticated"], forged);
  }
});

test("a write from a page of another site is refused, with a session or without; reading is not", async () => {
  const { aUser } = setting();
  const { browser } = await aUser("framed");
  for (const headers of [
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { "sec-fetch-site": "cross-site", origin: "https://tickets.example.org" },
  ]) {
    const refused = await browser.ask("DELETE /auth/sessions", undefined, headers);
    assert.deepEqual([refused.status, refused.body.code], [403, "cross_origin_request"]);
  }
  assert.equal((await browser.ask("GET /auth/me")).status, 200);
});

test("a change of the password ends a stolen session and keeps the owner logged in", async () => {
  const { browser, aUser } = setting();
  const { browser: owner, password } = await aUser("robbed");
  const thief = browser();
  for (const [name, value] of owner.cookies) thief.cookies.set(name, value);
  assert.equal((await thief.ask("GET /auth/me")).status, 200);
  const wrong = { current_password: "not the password", new_password: "a quite new password" };
  const refused = await owner.ask("POST /auth/change-password", wrong);
  assert.deepEqual([refused.status, refused.body.code], [403, "wrong_password"]);
  const change = { current_password: password, new_password: "a quite new password" };
  assert.equal((await owner.ask("POST /auth/change-password", change)).status, 204);
  assert.equal((await thief.ask("GET /auth/me")).status, 401);
  assert.equal((await owner.ask("GET /auth/me")).status, 200);
});

test("one sees one's sessions, ends one, ends all; another's is 404", async () => {
  const { browser, aUser } = setting();
  const { browser: desk, password } = await aUser("several");
  const phone = browser();
  await phone.ask("POST /auth/login", { login: "several", password });
  const { body } = await desk.ask("GET /auth/sessions");
  assert.deepEqual(
    body.data.map(({ is_current }) => is_current),
    [false, true],
  );
  const { browser: stranger } = await aUser("stranger");
  const refused = await stranger.ask(`DELETE /auth/sessions/${body.data[0]?.id}`);
  assert.deepEqual([refused.status, refused.body.code], [404, "not_found"]);
  assert.equal((await desk.ask("DELETE /auth/sessions/ses_x")).status, 400);
  assert.equal((await desk.ask(`DELETE /auth/sessions/${body.data[0]?.id}`)).status, 204);
  assert.equal((await phone.ask("GET /auth/me")).status, 401);
  const kept = new Map(desk.cookies);
  assert.equal((await desk.ask("DELETE /auth/sessions")).status, 204);
  for (const [name, value] of kept) desk.cookies.set(name, value);
  assert.equal((await desk.ask("GET /auth/me")).status, 401);
});

test("a session ends when its time is over", async () => {
  const { clock, aUser } = setting();
  const { browser } = await aUser("patient");
  clock.advance(29 * 86_400_000);
  assert.equal((await browser.ask("GET /auth/me")).status, 200);
  clock.advance(2 * 86_400_000);
  assert.equal((await browser.ask("GET /auth/me")).status, 401);
});

test("a second factor is asked for once it is confirmed; each code and each recovery code is good once", async () => {
  const { browser, aUser } = setting();
  const { browser: owner, password } = await aUser("careful");
  const wrong = await owner.ask("POST /auth/second-factor", { password: "not the password" });
  assert.deepEqual([wrong.status, wrong.body.code], [403, "wrong_password"]);
  const begun = await owner.ask("POST /auth/second-factor", { password });
  const { totp_uri: uri, recovery_codes: codes } = begun.body;
  assert.deepEqual([begun.status, codes.length], [200, 10]);
  const early = totpCode(uri);
  assert.equal((await owner.ask("POST /auth/second-factor/confirm", { code: early })).status, 204);
  assert.equal((await owner.ask("GET /auth/me")).body.has_second_factor, true);
  const on = await owner.ask("POST /auth/second-factor", { password });
  assert.deepEqual([on.status, on.body.code], [409, "second_factor_on"]);

  const enter = async (factor: object) => {
    const device = browser();
    const first = await device.ask("POST /auth/login", { login: "careful", password });
    assert.deepEqual([first.status, first.body.second_factor_needed], [200, true]);
    assert.equal((await device.ask("GET /auth/me")).status, 401, "half a login is none");
    const second = await device.ask("POST /auth/login/second-factor", factor);
    return { second, known: (await device.ask("GET /auth/me")).status };
  };
  const code = totpCode(uri, 1);
  const entered = await enter({ code });
  assert.deepEqual([entered.second.status, entered.known], [200, 200]);
  for (const factor of [{ code }, { code: early }, { code: "000000" }]) {
    const { second, known } = await enter(factor);
    assert.deepEqual([second.status, second.body.code, known], [403, "wrong_code", 401]);
  }
  const recovered = await enter({ recovery_code: codes[3] });
  assert.deepEqual([recovered.second.status, recovered.known], [200, 200]);
  const again = await enter({ recovery_code: codes[3] });
  assert.deepEqual([again.second.status, again.second.body.code], [403, "wrong_code"]);

  const off = await owner.ask("POST /auth/second-factor/disable", { password });
  assert.equal(off.status, 204);
  const plain = await browser().ask("POST /auth/login", { login: "careful", password });
  assert.equal(plain.body.second_factor_needed, false);
});

test("a second factor cannot be given without the first, nor confirmed before it was begun", async () => {
  const { browser, aUser } = setting();
  const nobody = await browser().ask("POST /auth/login/second-factor", { code: "123456" });
  assert.deepEqual([nobody.status, nobody.body.code], [401, "login_again"]);
  const { browser: user } = await aUser("hasty");
  const early = await user.ask("POST /auth/second-factor/confirm", { code: "123456" });
  assert.deepEqual([early.status, early.body.code], [409, "second_factor_off"]);
});

test("too many wrong codes in a row lock the second factor", async () => {
  const { browser, aUser } = setting();
  const { browser: owner, password } = await aUser("guessed");
  const { body } = await owner.ask("POST /auth/second-factor", { password });
  await owner.ask("POST /auth/second-factor/confirm", { code: totpCode(body.totp_uri) });
  const seen = new Set<string>();
  for (let login = 0; login < 3; login++) {
    const device = browser();
    await device.ask("POST /auth/login", { login: "guessed", password });
    for (let guess = 0; guess < 6; guess++) {
      const given = { recovery_code: "wrong-wrong" };
      const answer = await device.ask("POST /auth/login/second-factor", given);
      seen.add(`${answer.status} ${answer.body.code}`);
    }
  }
  assert.deepEqual([...seen].sort(), ["401 login_again", "403 wrong_code", "429 too_many_codes"]);
});

test("what is stored opens nothing: no token, no code and no password stands in the tables", async () => {
  const { database, aUser } = setting();
  const { browser, password } = await aUser("stored");
  const { body } = await browser.ask("POST /auth/second-factor", { password });
  const secrets = [
    password,
    new URL(body.totp_uri).searchParams.get("secret"),
    ...body.recovery_codes,
    ...[...browser.cookies.values()].map((value) => decodeURIComponent(value).split(".")[0]),
  ];
  for (const table of ["credential", "session", "verification", "second_factor", "used_code"]) {
    const { rows } = await sql<{ row: string }>`
      select t::text as row from ${sql.table(`accounts.${table}`)} t
    `.execute(database.kysely);
    const text = rows.map(({ row }) => row).join("\n");
    for (const secret of secrets) assert.ok(!text.includes(secret ?? ""), `${table} has a secret`);
  }
});

test("nothing secret and nobody's address reaches the log", async () => {
  const { lines, browser, aUser, tokenFor, settled } = setting();
  const { browser: user, email, password } = await aUser("quiet");
  await browser().ask("POST /auth/login", { login: email, password: "wrong password here" });
  await browser().ask("POST /auth/request-reset", { email });
  await settled();
  const text = JSON.stringify(lines);
  for (const secret of [email, password, "wrong password here", tokenFor(email)]) {
    assert.ok(!text.includes(secret), "the log is silent about it");
  }
  for (const value of user.cookies.values()) assert.ok(!text.includes(value));
});
