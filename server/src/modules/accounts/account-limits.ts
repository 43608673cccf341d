import type { FastifyRequest } from "fastify";
import { principalOf } from "#platform/http/authentication.ts";
import { addressOf, type RouteLimit } from "#platform/http/rate-limits.ts";

// How often what opens an account may be tried. By address generously: a whole venue may be behind one. What
// somebody else can use up for the owner of an account is generous too, so that nobody is locked out by a stranger.

const QUARTER_HOUR = 900;
const HOUR = 3600;

const memberOf = (request: FastifyRequest, name: string): string =>
  String((request.body as Readonly<Record<string, unknown>> | null)?.[name] ?? "").toLowerCase();

const address: RouteLimit = {
  name: "accounts-address",
  requests: 300,
  seconds: QUARTER_HOUR,
  of: addressOf,
};

/** Logging in: few wrong passwords for one account from one address, more from everywhere together. */
export const LOGIN_LIMITS: readonly RouteLimit[] = [
  {
    name: "login",
    requests: 10,
    seconds: QUARTER_HOUR,
    of: (request) => `${memberOf(request, "login")} ${addressOf(request)}`,
  },
  {
    name: "login-account",
    requests: 100,
    seconds: HOUR,
    of: (request) => memberOf(request, "login"),
  },
  address,
];

/** Steps that bring a secret of their own: a code, a passkey, a link's token. */
export const GUESS_LIMITS: readonly RouteLimit[] = [
  { name: "guess", requests: 30, seconds: QUARTER_HOUR, of: addressOf },
  address,
];

/** Accounts made from one address. */
export const REGISTER_LIMITS: readonly RouteLimit[] = [
  { name: "register", requests: 60, seconds: HOUR, of: addressOf },
  address,
];

/** Mails that anybody can have sent to anybody. */
export const MAIL_LIMITS: readonly RouteLimit[] = [
  {
    name: "mail",
    requests: 5,
    seconds: HOUR,
    of: (request) => memberOf(request, "email"),
  },
  address,
];

/** Giving one's password again: whoever has a session but not the password guesses here. */
export const PASSWORD_LIMITS: readonly RouteLimit[] = [
  {
    name: "password",
    requests: 10,
    seconds: QUARTER_HOUR,
    of: (request) => {
      const principal = principalOf(request);
      return principal.kind === "user" ? principal.userId : null;
    },
  },
];
