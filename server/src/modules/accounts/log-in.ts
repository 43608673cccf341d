import { Problem } from "#platform/http/problem.ts";
import { deleteSessionByToken, useCode } from "./account-store.ts";
import {
  type AccountsContext,
  askEngine,
  type EngineAnswer,
  type EngineHeaders,
} from "./ask-engine.ts";
import { wrongCode, wrongCredentials } from "./refusals.ts";
import { digestOf, withoutCookie } from "./session-cookie.ts";

/** What a step of logging in led to: a session, or the question for a second factor. */
export interface Step {
  readonly userId: string | null;
  readonly cookies: readonly string[];
}

const USER_NAME = /^[A-Za-z0-9_.]{3,30}$/;
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/**
 * Logs in by user name or address. A wrong password and a user that does not exist are answered alike,
 * and a hash is computed for both.
 *
 * @throws `wrong_credentials`, `email_not_verified`.
 */
export async function logIn(
  { engine, passwords }: AccountsContext,
  headers: EngineHeaders,
  { login, password }: { readonly login: string; readonly password: string },
): Promise<Step> {
  const { api } = await engine();
  const options = { headers, returnHeaders: true } as const;
  if (USER_NAME.test(login)) {
    const body = { username: login, password };
    return stepOf(await askEngine(() => api.signInUsername({ ...options, body })));
  }
  if (EMAIL.test(login)) {
    const body = { email: login, password };
    return stepOf(await askEngine(() => api.signInEmail({ ...options, body })).catch(asWrong));
  }
  await passwords.hash(password);
  throw refuseCredentials();
}

/**
 * The second step: a code of the app, or a recovery code. Each is good once.
 *
 * @throws `wrong_code`, `login_again`, `too_many_codes`.
 */
export async function giveSecondFactor(
  { engine, database, cookie }: AccountsContext,
  headers: EngineHeaders,
  given: { readonly code?: string; readonly recovery_code?: string },
): Promise<Step> {
  const { api } = await engine();
  // Another session that the browser may still have is not the one that is asked about.
  headers.set("cookie", withoutCookie(headers.get("cookie") ?? "", cookie.name));
  const options = { headers, returnHeaders: true } as const;
  if (given.recovery_code !== undefined) {
    const body = { code: given.recovery_code };
    return stepOf(await askEngine(() => api.verifyBackupCode({ ...options, body })));
  }
  const code = given.code ?? "";
  const answer = await askEngine(() => api.verifyTOTP({ ...options, body: { code } }));
  const { token, user } = answer.body;
  if (!(await useCode(database.kysely, user.id, digestOf(code)))) {
    await deleteSessionByToken(database.kysely, digestOf(token));
    throw new Problem(wrongCode, "This code was used already. Wait for the next one.");
  }
  return stepOf(answer);
}

function stepOf({ body, cookies }: EngineAnswer<unknown>): Step {
  const { user } = (body ?? {}) as { user?: { id: string } };
  return { userId: user?.id ?? null, cookies };
}

/** What is no address to the engine is nobody's. */
function asWrong(error: unknown): never {
  const { body } = (error ?? {}) as { body?: { code?: unknown } };
  throw body?.code === "INVALID_EMAIL" ? refuseCredentials() : error;
}

function refuseCredentials(): Problem {
  return new Problem(
    wrongCredentials,
    "No account has this name or address with this password. Forgotten: ask for a new one.",
  );
}
