import { type AccountsContext, askEngine, type EngineHeaders } from "./ask-engine.ts";
import type { Engine } from "./engine.ts";
import type { Step } from "./log-in.ts";

type PasskeyResponse = NonNullable<
  Parameters<Engine["api"]["verifyPasskeyAuthentication"]>[0]
>["body"]["response"];

/** What a browser is asked to do, as WebAuthn spells it. */
export interface Ceremony {
  readonly options: Record<string, unknown>;
  readonly cookies: readonly string[];
}

/** @throws `login_again` when the session is older than a day. */
export async function beginPasskey(
  { engine }: AccountsContext,
  headers: EngineHeaders,
): Promise<Ceremony> {
  const { api } = await engine();
  const { body, cookies } = await askEngine(() =>
    api.generatePasskeyRegistrationOptions({ headers, query: {}, returnHeaders: true }),
  );
  return { options: { ...body }, cookies };
}

/** @throws `passkey_refused`, `login_again`. */
export async function addPasskey(
  { engine }: AccountsContext,
  headers: EngineHeaders,
  given: { readonly response: object; readonly name: string },
): Promise<string> {
  const { api } = await engine();
  const { body } = await askEngine(() =>
    api.verifyPasskeyRegistration({ headers, body: { ...given }, returnHeaders: true }),
  );
  return body.id;
}

/** Anybody may begin to log in by a passkey: which one it is, the browser knows. */
export async function beginPasskeyLogin(
  { engine }: AccountsContext,
  headers: EngineHeaders,
): Promise<Ceremony> {
  const { api } = await engine();
  const { body, cookies } = await askEngine(() =>
    api.generatePasskeyAuthenticationOptions({ headers, returnHeaders: true }),
  );
  return { options: { ...body }, cookies };
}

/**
 * Logs in by a passkey, which stands for password and second factor.
 *
 * @throws `passkey_refused`.
 */
export async function logInByPasskey(
  { engine }: AccountsContext,
  headers: EngineHeaders,
  given: Record<string, unknown>,
): Promise<Step> {
  const { api } = await engine();
  // The engine checks all of it: it is signed.
  const response = given as unknown as PasskeyResponse;
  const { body, cookies } = await askEngine(() =>
    api.verifyPasskeyAuthentication({ headers, body: { response }, returnHeaders: true }),
  );
  return { userId: body.session.userId, cookies };
}
