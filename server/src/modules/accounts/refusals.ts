import { constraintOf } from "#platform/database/faults.ts";
import { credentialsNeeded } from "#platform/http/authentication.ts";
import { Problem, type ProblemType, problemType, unavailable } from "#platform/http/problem.ts";

export const wrongCredentials = problemType({
  code: "wrong_credentials",
  status: 401,
  title: "The name, the address or the password is wrong",
});
export const emailNotVerified = problemType({
  code: "email_not_verified",
  status: 403,
  title: "The address is not verified yet",
});
export const userNameTaken = problemType({
  code: "user_name_taken",
  status: 409,
  title: "Somebody has this user name",
});
export const wrongPassword = problemType({
  code: "wrong_password",
  status: 403,
  title: "The password is wrong",
});
export const wrongCode = problemType({
  code: "wrong_code",
  status: 403,
  title: "The code is wrong, old or used",
});
export const tooManyCodes = problemType({
  code: "too_many_codes",
  status: 429,
  title: "Too many wrong codes",
});
export const loginAgain = problemType({
  code: "login_again",
  status: 401,
  title: "Log in again first",
});
export const linkExpired = problemType({
  code: "link_expired",
  status: 410,
  title: "This link does not work any more",
});
export const secondFactorOn = problemType({
  code: "second_factor_on",
  status: 409,
  title: "The second factor is on already",
});
export const secondFactorOff = problemType({
  code: "second_factor_off",
  status: 409,
  title: "The second factor is off",
});
export const passkeyRefused = problemType({
  code: "passkey_refused",
  status: 403,
  title: "The passkey was not accepted",
});

/** As long as the engine locks the second factor of an account. */
const LOCK_SECONDS = 900;

const WRONG_CREDENTIALS =
  "No account has this name or address with this password. Forgotten: ask for a new one.";
const BEGIN_AGAIN = "Too much time or too many attempts have passed. Begin logging in again.";
const WRONG_PASSKEY =
  "The answer of the passkey was not accepted. Begin again, with its PIN or print.";

/** What each refusal of the engine means to us. What is not here is a bug. */
const MEANINGS: Readonly<Record<string, readonly [ProblemType, string, number?]>> = {
  INVALID_EMAIL_OR_PASSWORD: [wrongCredentials, WRONG_CREDENTIALS],
  INVALID_USERNAME_OR_PASSWORD: [wrongCredentials, WRONG_CREDENTIALS],
  EMAIL_NOT_VERIFIED: [
    emailNotVerified,
    "Follow the link in the mail that was sent to you, or ask for it again.",
  ],
  USERNAME_IS_ALREADY_TAKEN: [userNameTaken, "Choose another user name."],
  INVALID_PASSWORD: [wrongPassword, "This is not your present password."],
  INVALID_CODE: [wrongCode, "Wait for the next code of your app, and check its clock."],
  INVALID_BACKUP_CODE: [wrongCode, "Recovery codes work once each. Take another one."],
  TOTP_NOT_ENABLED: [secondFactorOff, "Begin by asking for a secret, then confirm it by a code."],
  BACKUP_CODES_NOT_ENABLED: [secondFactorOff, "There are no recovery codes to take."],
  TOTP_ALREADY_ENABLED: [secondFactorOn, "Turn it off first if your app has changed."],
  TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE: [loginAgain, BEGIN_AGAIN],
  INVALID_TWO_FACTOR_COOKIE: [loginAgain, BEGIN_AGAIN],
  ACCOUNT_TEMPORARILY_LOCKED: [
    tooManyCodes,
    "There were too many wrong codes. Wait, or use a passkey.",
    LOCK_SECONDS,
  ],
  SESSION_NOT_FRESH: [loginAgain, "You logged in more than a day ago. Log in again for this."],
  INVALID_TOKEN: [linkExpired, "It was used, is too old or cut off. Ask for another one."],
  TOKEN_EXPIRED: [linkExpired, "It was used, is too old or cut off. Ask for another one."],
  USER_NOT_FOUND: [linkExpired, "It was used, is too old or cut off. Ask for another one."],
  CHALLENGE_NOT_FOUND: [passkeyRefused, WRONG_PASSKEY],
  PASSKEY_NOT_FOUND: [passkeyRefused, WRONG_PASSKEY],
  AUTHENTICATION_FAILED: [passkeyRefused, WRONG_PASSKEY],
  FAILED_TO_VERIFY_REGISTRATION: [passkeyRefused, WRONG_PASSKEY],
  YOU_ARE_NOT_ALLOWED_TO_REGISTER_THIS_PASSKEY: [passkeyRefused, WRONG_PASSKEY],
  PREVIOUSLY_REGISTERED: [passkeyRefused, WRONG_PASSKEY],
};

/** The code by which the engine refuses, null for anything else. */
export function engineCodeOf(error: unknown): string | null {
  const { name, body } = (error ?? {}) as { name?: unknown; body?: { code?: unknown } };
  return name === "APIError" && typeof body?.code === "string" ? body.code : null;
}

/** A row that is there already: of a passkey, or of a request that did the same at this moment. */
function takenProblem(cause: unknown): Problem {
  return constraintOf(cause) === "passkey_credential_id_key"
    ? new Problem(passkeyRefused, "This passkey is known already.")
    : new Problem(unavailable, "Another request did the same just now. Try again.", {}, 1);
}

/** What was thrown as our edge answers it: a refusal as a problem, a fault or a bug as it is. */
export function translated(error: unknown): unknown {
  const code = engineCodeOf(error);
  if (code === null) return error;
  if (code === "FAULT") return (error as Error).cause;
  if (code === "TAKEN") return takenProblem((error as Error).cause);
  if (code === "UNAUTHORIZED" || code === "FAILED_TO_GET_SESSION") return credentialsNeeded();
  const meaning = MEANINGS[code];
  if (meaning === undefined) return error;
  const [type, detail, retryAfterSeconds] = meaning;
  return new Problem(type, detail, {}, retryAfterSeconds);
}
