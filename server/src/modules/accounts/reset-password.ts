import { type AccountsContext, askEngine } from "./ask-engine.ts";

/** Sends a link to set a new password where the address has an account. */
export async function requestReset({ engine }: AccountsContext, email: string): Promise<void> {
  const { api } = await engine();
  await askEngine(() => api.requestPasswordReset({ body: { email }, returnHeaders: true }));
}

/**
 * Sets a new password by the link's token, which is good once, and ends all sessions of the user.
 *
 * @throws `link_expired`.
 */
export async function resetPassword(
  { engine }: AccountsContext,
  { token, password }: { readonly token: string; readonly password: string },
): Promise<void> {
  const { api } = await engine();
  await askEngine(() =>
    api.resetPassword({ body: { token, newPassword: password }, returnHeaders: true }),
  );
}
