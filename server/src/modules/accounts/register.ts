import { invalidField, Problem } from "#platform/http/problem.ts";
import { giveNameBack, takeName } from "./account-store.ts";
import type { AccountsContext } from "./ask-engine.ts";
import { engineCodeOf, translated, userNameTaken } from "./refusals.ts";

/**
 * Makes an account, and sends a link that verifies its address. Where the address has an account
 * already, nothing is made, the owner is told by mail, and the caller learns nothing of it: a hash is
 * computed and the name is taken all the same.
 *
 * @throws `user_name_taken`, `invalid_field`.
 */
export async function register(
  { database, clock, engine }: AccountsContext,
  given: { readonly user_name: string; readonly email: string; readonly password: string },
): Promise<void> {
  const username = given.user_name.toLowerCase();
  const { api } = await engine();
  if (!(await takeName(database.kysely, clock, username))) {
    throw new Problem(userNameTaken, "Choose another user name.");
  }
  try {
    const { email, password } = given;
    await api.signUpEmail({ body: { name: given.user_name, email, password, username } });
  } catch (error) {
    // Two attempts with one address at the same moment: the other one has made the account.
    if (engineCodeOf(error) === "TAKEN") return;
    await giveNameBack(database.kysely, username);
    if (engineCodeOf(error) === "INVALID_EMAIL") throw refuseAddress();
    throw translated(error);
  }
}

function refuseAddress(): Problem {
  const message = "must be an address that mails can be sent to";
  return new Problem(invalidField, `/email ${message}.`, {
    errors: [{ path: "/email", code: "invalid", message }],
  });
}
