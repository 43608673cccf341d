import { assert } from "#platform/assert.ts";
import type { Id } from "#platform/id.ts";
import { useCode } from "./account-store.ts";
import { type AccountsContext, askEngine, type EngineHeaders } from "./ask-engine.ts";
import { digestOf } from "./session-cookie.ts";

/** A secret for an app, and codes for the day the phone is gone. Shown this once. */
export interface NewSecondFactor {
  readonly totp_uri: string;
  readonly recovery_codes: readonly string[];
}

/**
 * Makes a secret, which is asked for only once it is confirmed by a code.
 *
 * @throws `wrong_password`, `second_factor_on`.
 */
export async function beginSecondFactor(
  { engine }: AccountsContext,
  headers: EngineHeaders,
  password: string,
): Promise<NewSecondFactor> {
  const { api } = await engine();
  const { body } = await askEngine(() =>
    api.enableTwoFactor({ headers, body: { password, method: "totp" }, returnHeaders: true }),
  );
  assert(body.method === "totp", "a secret was asked for");
  return { totp_uri: body.totpURI, recovery_codes: body.backupCodes };
}

/**
 * Turns the second factor on: the app shows the right codes. The session is replaced.
 *
 * @throws `wrong_code`, `second_factor_off`.
 */
export async function confirmSecondFactor(
  { engine, database }: AccountsContext,
  headers: EngineHeaders,
  { userId, code }: { readonly userId: Id<"usr">; readonly code: string },
): Promise<readonly string[]> {
  const { api } = await engine();
  const { cookies } = await askEngine(() =>
    api.verifyTOTP({ headers, body: { code }, returnHeaders: true }),
  );
  await useCode(database.kysely, userId, digestOf(code));
  return cookies;
}

/**
 * Turns the second factor off; its recovery codes are void. The session is replaced.
 *
 * @throws `wrong_password`.
 */
export async function endSecondFactor(
  { engine }: AccountsContext,
  headers: EngineHeaders,
  password: string,
): Promise<readonly string[]> {
  const { api } = await engine();
  const { cookies } = await askEngine(() =>
    api.disableTwoFactor({ headers, body: { password }, returnHeaders: true }),
  );
  return cookies;
}
