import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { sharedAccounts } from "./testing.ts";

const setting = sharedAccounts();

test("a user registers, verifies the address, logs in, is known, and logs out", async () => {
  const { browser, mails, settled, tokenFor } = setting();
  const ada = browser();
  const body = { user_name: "Ada", email: "Ada@Example.org", password: "correct horse battery" };
  const registered = await ada.ask("POST /auth/register", body, { "accept-language": "cs" });
  assert.equal(registered.status, 202);
  await settled();
  assert.equal(mails.at(-1)?.subject, "Ověřte svou adresu");
  const login = { login: "ada", password: body.password };
  const early = await ada.ask("POST /auth/login", login);
  assert.deepEqual([early.status, early.body.code], [403, "email_not_verified"]);
  const token = tokenFor("ada@example.org");
  assert.equal((await ada.ask("POST /auth/verify-email", { token })).status, 204);
  assert.equal((await ada.ask("GET /auth/me")).status, 401);
  const entered = await ada.ask("POST /auth/login", login);
  assert.deepEqual([entered.status, entered.body.user?.user_name], [200, "Ada"]);
  const me = await ada.ask("GET /auth/me");
  assert.deepEqual([me.status, me.body.email], [200, "ada@example.org"]);
  assert.match(me.body.id, /^usr_/);
  const before = new Map(ada.cookies);
  assert.equal((await ada.ask("POST /auth/logout")).status, 204);
  for (const [name, value] of before) ada.cookies.set(name, value);
  assert.equal((await ada.ask("GET /auth/me")).status, 401, "the old cookie opens nothing");
});

test("POST /v1/auth/register 202: an address that has an account answers as a new one; its owner is told", async () => {
  const { browser, mails, hashes, settled, aUser } = setting();
  const { email } = await aUser("owner");
  const attempts = [];
  for (const [name, address] of [
    ["first.try", email],
    ["second.try", "nobody.yet@example.org"],
  ] as const) {
    const before = hashes.count;
    const body = { user_name: name, email: address, password: "another long password" };
    const first = await browser().ask("POST /auth/register", body);
    const computed = hashes.count - before;
    // The same once more: whether the first made an account is not to be seen by the name either.
    const again = await browser().ask("POST /auth/register", body);
    attempts.push({
      computed,
      first: [first.status, first.body],
      again: [again.status, again.body.code],
      cookies: first.headers["set-cookie"],
    });
  }
  assert.deepEqual(attempts[0], attempts[1]);
  assert.deepEqual(attempts[0]?.again, [409, "user_name_taken"]);
  await settled();
  const told = mails.filter(({ to }) => to === email).at(-1);
  assert.equal(told?.subject, "You have an account already");
  assert.doesNotMatch(told?.text ?? "", /#/);
});

test("POST /v1/auth/register 422: an address that is none, and a short password; the name stays free", async () => {
  const { browser } = setting();
  const good = { user_name: "later", email: "later@example.org", password: "long enough now" };
  for (const [wrong, path] of [
    [{ email: "later@" }, "/email"],
    [{ email: "a@b" }, "/email"],
    [{ password: "short" }, "/password"],
    [{ user_name: "x" }, "/user_name"],
  ] as const) {
    const refused = await browser().ask("POST /auth/register", { ...good, ...wrong });
    assert.equal(refused.status, 422, JSON.stringify(wrong));
    assert.match(JSON.stringify(refused.body), new RegExp(path));
  }
  assert.equal((await browser().ask("POST /auth/register", good)).status, 202);
});

test("POST /v1/auth/verify-email 410: a token that is forged or cut opens nothing", async () => {
  const { browser, tokenFor, settled } = setting();
  const body = { user_name: "unverified", email: "un@example.org", password: "long enough now" };
  await browser().ask("POST /auth/register", body);
  await settled();
  for (const token of ["x", tokenFor(body.email).slice(0, -3)]) {
    const refused = await browser().ask("POST /auth/verify-email", { token });
    assert.deepEqual([refused.status, refused.body.code], [410, "link_expired"]);
  }
});

test("POST /v1/auth/resend-verification and request-reset 202: the same for every address, done after the answer", async () => {
  const { browser, mails, settled, aUser } = setting();
  const { email } = await aUser("resender");
  for (const path of ["/auth/resend-verification", "/auth/request-reset"]) {
    const known = await browser().ask(`POST ${path}`, { email });
    const unknown = await browser().ask(`POST ${path}`, { email: "unknown@example.org" });
    assert.deepEqual([known.status, known.body], [202, {}]);
    assert.deepEqual([unknown.status, unknown.body], [202, {}]);
  }
  await settled();
  assert.equal(mails.at(-1)?.to, email, "a reset goes to whom there is");
  assert.equal(mails.filter(({ to }) => to === "unknown@example.org").length, 0);
});

test("POST /v1/auth/resend-verification 202: a second link verifies as the first does", async () => {
  const { browser, mails, tokenFor, settled } = setting();
  const body = { user_name: "again", email: "again@example.org", password: "long enough now" };
  await browser().ask("POST /auth/register", body);
  await browser().ask("POST /auth/resend-verification", { email: "Again@example.org" });
  await settled();
  assert.equal(mails.filter(({ to }) => to === body.email).length, 2);
  const token = tokenFor(body.email);
  assert.equal((await browser().ask("POST /auth/verify-email", { token })).status, 204);
});

test("POST /v1/auth/reset 204: sets the password once and ends every session; 410 the second time", async () => {
  const { browser, tokenFor, settled, aUser } = setting();
  const { browser: thief, email } = await aUser("forgetful");
  await browser().ask("POST /auth/request-reset", { email });
  await settled();
  const body = { token: tokenFor(email), password: "a quite new password" };
  assert.equal((await browser().ask("POST /auth/reset", body)).status, 204);
  assert.equal((await thief.ask("GET /auth/me")).status, 401);
  const again = await browser().ask("POST /auth/reset", { ...body, password: "and another one" });
  assert.deepEqual([again.status, again.body.code], [410, "link_expired"]);
  const login = { login: email, password: body.password };
  assert.equal((await browser().ask("POST /auth/login", login)).status, 200);
});

test("a reset shows that the address is the owner's: a user who never verified it can log in", async () => {
  const { browser, tokenFor, settled } = setting();
  const email = "reset.first@example.org";
  const body = { user_name: "reset.first", email, password: "long enough now" };
  await browser().ask("POST /auth/register", body);
  await browser().ask("POST /auth/request-reset", { email });
  await settled();
  const reset = { token: tokenFor(email), password: "a quite new password" };
  assert.equal((await browser().ask("POST /auth/reset", reset)).status, 204);
  const login = { login: email, password: reset.password };
  assert.equal((await browser().ask("POST /auth/login", login)).status, 200);
});

test("two who register one address at the same moment get the same answer, and there is one account", async () => {
  const { browser, database } = setting();
  const email = "race@example.org";
  const answers = await Promise.all(
    ["race.one", "race.two"].map((name) =>
      browser().ask("POST /auth/register", { user_name: name, email, password: "long enough now" }),
    ),
  );
  assert.deepEqual(
    answers.map(({ status, body }) => [status, body]),
    [
      [202, {}],
      [202, {}],
    ],
  );
  const { rows } = await sql`
    select id from accounts.registered_user where email = ${email}
  `.execute(database.kysely);
  assert.equal(rows.length, 1);
});
