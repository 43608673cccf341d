import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { assert } from "../assert.ts";
import {
  credentialsNeeded,
  principalOf,
  tellPrincipal,
  type UserPrincipal,
} from "./authentication.ts";
import { Problem, problemType } from "./problem.ts";

export const crossOriginRequest = problemType({
  code: "cross_origin_request",
  status: 403,
  title: "The request comes from another site",
});

/** What knows the sessions of signed-in users. */
export interface SessionReader {
  /** Whose session the `Cookie` header names; null without one, or with one that has ended. */
  read(cookies: string): Promise<UserPrincipal | null>;
}

const READS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Makes the routes that are for users (`access: "user"`), and those that say `cookies: true`, know
 * the session of the request and refuse writes from other sites. Every other route gets no hook and
 * never looks at a cookie: a cookie opens nothing there, so it costs nothing.
 */
export function registerSessions(
  server: FastifyInstance,
  { publicUrl, sessions }: { readonly publicUrl: string; readonly sessions: SessionReader },
): void {
  server.addHook("onRoute", (route) => {
    const isForUsers = route.config?.access === "user";
    if (!isForUsers && route.config?.cookies !== true) return;
    const hook = async (request: FastifyRequest, _reply: FastifyReply) => {
      refuseOtherSites(request, publicUrl);
      const { authorization, cookie } = request.headers;
      if (authorization === undefined && cookie !== undefined) {
        const user = await sessions.read(cookie);
        if (user !== null) tellPrincipal(request, user);
      }
      if (isForUsers && principalOf(request).kind !== "user") throw credentialsNeeded();
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
