import { post, type Sent, send } from "./send.ts";

// What the pages behind the links of mails ask. Sessions are cookies: the browser keeps them.

export interface User {
  readonly user_name: string;
  readonly email: string;
}

/** One of the two, as a login takes it. */
export type SecondFactor = { readonly code: string } | { readonly recovery_code: string };

export interface Login {
  /** Null: a second factor is needed first. */
  readonly user: User | null;
}

export interface Joined {
  readonly organizer: { readonly id: string; readonly name: string };
  readonly role: string;
}

export function verifyEmail(token: string): Promise<Sent<void>> {
  return post("/v1/auth/verify-email", { token });
}

export function resendVerification(email: string): Promise<Sent<void>> {
  return post("/v1/auth/resend-verification", { email });
}

export function requestReset(email: string): Promise<Sent<void>> {
  return post("/v1/auth/request-reset", { email });
}

export function resetPassword(token: string, password: string): Promise<Sent<void>> {
  return post("/v1/auth/reset", { token, password });
}

export function register(account: User & { readonly password: string }): Promise<Sent<void>> {
  return post("/v1/auth/register", account);
}

export function logIn(login: string, password: string): Promise<Sent<Login>> {
  return post("/v1/auth/login", { login, password });
}

export function giveSecondFactor(factor: SecondFactor): Promise<Sent<Login>> {
  return post("/v1/auth/login/second-factor", factor);
}

export function logOut(): Promise<Sent<void>> {
  return post("/v1/auth/logout", {});
}

/** Who is logged in; null: nobody. */
export async function readMe(): Promise<Sent<User | null>> {
  const sent = await send<User>("/v1/auth/me", {});
  const isNobody = sent.problem?.code === "not_authenticated";
  return isNobody ? { data: null, problem: null } : sent;
}

export function acceptInvitation(token: string): Promise<Sent<Joined>> {
  return post("/v1/invitations/accept", { token });
}
