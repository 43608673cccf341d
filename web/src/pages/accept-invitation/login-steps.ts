import type { Login, SecondFactor, User } from "../../queries/accounts.ts";
import type { Problem, Sent } from "../../queries/send.ts";

/** Where a login goes on. */
export type NextStep =
  | { readonly is: "done"; readonly user: User }
  | { readonly is: "second-factor" }
  /** Too much time has passed since the password. */
  | { readonly is: "begin-again" }
  | { readonly is: "refused"; readonly problem: Problem };

export function afterLogin(sent: Sent<Login>): NextStep {
  if (sent.problem === null) {
    const { user } = sent.data;
    return user === null ? { is: "second-factor" } : { is: "done", user };
  }
  if (sent.problem.code === "login_again") return { is: "begin-again" };
  return { is: "refused", problem: sent.problem };
}

/** Six digits, however they are spaced, are of the app; everything else is a recovery code. */
export function secondFactorOf(typed: string): SecondFactor {
  const digits = typed.replace(/\s/g, "");
  return /^\d{6}$/.test(digits) ? { code: digits } : { recovery_code: typed.trim() };
}
