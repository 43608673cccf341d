import { findUserByEmail } from "./account-store.ts";
import { type AccountsContext, askEngine } from "./ask-engine.ts";

/**
 * Notes that the address is the owner's. A repeat changes nothing.
 *
 * @throws `link_expired`.
 */
export async function verifyEmail({ engine }: AccountsContext, token: string): Promise<void> {
  const { api } = await engine();
  await askEngine(() => api.verifyEmail({ query: { token }, returnHeaders: true }));
}

/** Sends the link again where there is an account whose address is not verified. */
export async function resendVerification(
  { database, engine, mails }: AccountsContext,
  email: string,
): Promise<void> {
  const user = await findUserByEmail(database.kysely, email);
  if (user === null || user.email_verified) return;
  const { verificationToken } = await engine();
  await mails.verify(user, await verificationToken(user.email));
}
