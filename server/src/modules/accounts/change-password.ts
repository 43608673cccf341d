import { type AccountsContext, askEngine, type EngineHeaders } from "./ask-engine.ts";

/**
 * Changes the password and ends every session, wherever it is; the caller gets a new one.
 *
 * @throws `wrong_password`.
 */
export async function changePassword(
  { engine }: AccountsContext,
  headers: EngineHeaders,
  given: { readonly current_password: string; readonly new_password: string },
): Promise<readonly string[]> {
  const { api } = await engine();
  const body = {
    currentPassword: given.current_password,
    newPassword: given.new_password,
    revokeOtherSessions: true,
  };
  const { cookies } = await askEngine(() =>
    api.changePassword({ headers, body, returnHeaders: true }),
  );
  return cookies;
}
