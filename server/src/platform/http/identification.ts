import type { FastifyInstance, FastifyRequest, onRequestHookHandler } from "fastify";
import { assert } from "../assert.ts";
import { digestOfApiKey, lookOfApiKey } from "../tokens/api-key.ts";
import type { Capability, CapabilityTokens } from "../tokens/capability.ts";
import {
  bearerTokenOf,
  credentialsNeeded,
  type DoorPassPrincipal,
  invalidToken,
  type KeyPrincipal,
  principalOf,
  tellPrincipal,
  type UserPrincipal,
} from "./authentication.ts";
import { notAuthenticated, Problem, problemType } from "./problem.ts";

export const crossOriginRequest = problemType({
  code: "cross_origin_request",
  status: 403,
  title: "The request comes from another site",
});

/** What knows the credentials that do not speak for themselves. Each is null for what opens nothing (any more). */
export interface IdentityReader {
  /** Whose session the `Cookie` header names. */
  bySession(cookies: string): Promise<UserPrincipal | null>;
  /** Whose API key has this digest. */
  byKey(digest: string): Promise<KeyPrincipal | null>;
  byDoorPass(pass: Capability): Promise<DoorPassPrincipal | null>;
}

const AGAIN = Symbol("identify again");

const READS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Makes the routes that require something, and those that say `identifies` or `cookies`, know who
 * asks, once a request and before anything else of it. Who gives no credentials where some are needed
 * is refused here. A session's cookie counts only without an `Authorization` header, and never on a
 * write that another site had a browser send.
 *
 * Every other route gets no hook: credentials open nothing there, so they cost nothing.
 */
export function registerIdentification(
  server: FastifyInstance,
  options: {
    readonly publicUrl: string;
    readonly tokens: CapabilityTokens;
    readonly identities: IdentityReader;
  },
): void {
  const { publicUrl, tokens, identities } = options;
  server.decorateRequest(AGAIN, {
    getter(this: FastifyRequest) {
      return () => identifyAnew(this, tokens, identities);
    },
  } as never);
  server.addHook("onRoute", (route) => {
    const { requires = [], identifies = false, cookies = false } = route.config ?? {};
    const isRefusing = requires.some((one) => one !== "operator");
    if (!isRefusing && !identifies && !cookies) return;
    const isForUsers = requires.includes("user");
    const hook: onRequestHookHandler = (request, _reply, done) => {
      const { authorization, cookie } = request.headers;
      const hasSession = authorization === undefined && cookie !== undefined;
      if (cookies || isForUsers || hasSession) refuseOtherSites(request, publicUrl);
      const judge = () => {
        const { kind } = principalOf(request);
        const isEnough = isForUsers ? kind === "user" : kind !== "anonymous";
        if (isRefusing && !isEnough) throw credentialsNeeded();
      };
      // Most credentials speak for themselves: nothing is waited for then.
      if (!hasSession && principalOf(request).kind !== "unchecked") {
        judge();
        done();
        return;
      }
      identify(request, tokens, identities)
        .then(judge)
        .then(() => done(), done);
    };
    route.onRequest = [...[route.onRequest ?? []].flat(), hook];
  });
}

/** Who sends a request of a route for users. */
export function userOf(request: object): UserPrincipal {
  const principal = principalOf(request);
  assert(principal.kind === "user", "a route for users is reached by users only");
  return principal;
}

/**
 * Looks once more who sends a request that is answered for long. What was revoked meanwhile, or is over, opens nothing.
 *
 * @throws `not_authenticated`
 */
export function identifyAgain(request: object): Promise<void> {
  return (request as { readonly [AGAIN]: () => Promise<void> })[AGAIN]();
}

async function identifyAnew(
  request: FastifyRequest,
  tokens: CapabilityTokens,
  identities: IdentityReader,
): Promise<void> {
  const { kind } = principalOf(request);
  if (kind === "key" || kind === "door_pass") return identify(request, tokens, identities);
  if (kind !== "user") return;
  const user = await identities.bySession(request.headers.cookie ?? "");
  if (user === null) throw credentialsNeeded();
  tellPrincipal(request, user);
}

/** Looks up what does not speak for itself. */
async function identify(
  request: FastifyRequest,
  tokens: CapabilityTokens,
  identities: IdentityReader,
): Promise<void> {
  const token = bearerTokenOf(request);
  if (token === null) {
    const user = await identities.bySession(request.headers.cookie ?? "");
    if (user !== null) tellPrincipal(request, user);
    return;
  }
  const known = principalOf(request);
  // What was read of it to know what it is, is not read again: each look at a token is a MAC.
  const unchecked = known.kind === "unchecked" ? known : null;
  const isKey = lookOfApiKey(token) === "key";
  const found = isKey
    ? await identities.byKey(unchecked?.digest ?? digestOfApiKey(token))
    : await identities.byDoorPass(unchecked?.pass ?? (tokens.read(token) as Capability));
  if (found === null) throw isKey ? voidKey() : invalidToken();
  tellPrincipal(request, found);
}

function voidKey(): Problem {
  return new Problem(
    notAuthenticated,
    "This API key is whole, but opens nothing here: it was revoked, its time is over, or it is of another server.",
  );
}

/**
 * A browser says where a write comes from: newer ones by `Sec-Fetch-Site`, all by `Origin`. Who says
 * neither is no browser, and nobody can make it send a cookie it does not mean to send.
 */
function refuseOtherSites({ method, headers }: FastifyRequest, publicUrl: string): void {
  if (READS.has(method)) return;
  const { "sec-fetch-site": site, origin } = headers;
  const isOurs =
    site === undefined
      ? origin === undefined || origin === publicUrl
      : site === "same-origin" || site === "none";
  if (isOurs) return;
  throw new Problem(
    crossOriginRequest,
    "A page of another site sent this. Requests with a session come from this server's own pages.",
  );
}
