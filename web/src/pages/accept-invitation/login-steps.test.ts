import assert from "node:assert/strict";
import { test } from "node:test";
import { afterLogin, secondFactorOf } from "./login-steps.ts";

const user = { user_name: "ada", email: "ada@example.org" };
const problem = { code: "wrong_credentials", title: "…", detail: "…" };

test("a login is done, needs a second factor, begins again, or is refused", () => {
  assert.deepEqual(afterLogin({ data: { user }, problem: null }), { is: "done", user });
  assert.deepEqual(afterLogin({ data: { user: null }, problem: null }), { is: "second-factor" });
  const old = { ...problem, code: "login_again" };
  assert.deepEqual(afterLogin({ problem: old }), { is: "begin-again" });
  assert.deepEqual(afterLogin({ problem }), { is: "refused", problem });
});

test("six digits are a code of the app, however they are spaced; the rest is a recovery code", () => {
  for (const typed of ["123456", "123 456", " 12 34 56 "]) {
    assert.deepEqual(secondFactorOf(typed), { code: "123456" });
  }
  assert.deepEqual(secondFactorOf(" abcde-12345 "), { recovery_code: "abcde-12345" });
  assert.deepEqual(secondFactorOf("1234567"), { recovery_code: "1234567" });
});
