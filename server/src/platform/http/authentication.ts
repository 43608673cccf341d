import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Id } from "../id.ts";
import type { Capability, CapabilityTokens } from "../tokens/capability.ts";
import { malformedRequest, notAuthenticated, Problem } from "./problem.ts";

/** A user with a session that was good a moment ago. */
export interface UserPrincipal {
  readonly kind: "user";
  readonly userId: Id<"usr">;
  readonly sessionId: Id<"ses">;
}

/**
 * Whoever sends a request, as its credentials say. Generations are not yet checked. A user is known
 * on routes that read sessions only (`sessions.ts`).
 */
export type Principal =
  | { readonly kind: "anonymous" }
  | UserPrincipal
  | { readonly kind: "event"; readonly eventId: Id<"evt">; readonly generation: number }
  | {
      readonly kind: "reservation";
      readonly reservationId: Id<"rsv">;
      readonly generation: number;
      readonly may: "manage" | "view";
    };

const ANONYMOUS: Principal = { kind: "anonymous" };
const PRINCIPAL = Symbol("principal");
const RESOLVED = Symbol("resolved principal");

interface Resolving {
  readonly headers: FastifyRequest["headers"];
  readonly raw: FastifyRequest["raw"];
  [RESOLVED]?: Principal;
}

/** Teaches every request of this server to tell its principal. Costs nothing until it is asked. */
export function registerAuthentication(
  server: Pick<FastifyInstance, "decorateRequest">,
  tokens: CapabilityTokens,
): void {
  server.decorateRequest(PRINCIPAL, {
    getter(this: Resolving): Principal {
      this[RESOLVED] ??= readPrincipal(this, tokens);
      return this[RESOLVED];
    },
  } as never);
}

/**
 * Whoever sends the request. Read once per request, without a database: whether the token's
 * generation is still good is for the operation to say, which has the thing before it.
 *
 * @throws `not_authenticated` when the credentials are not ones of this server.
 * @throws `malformed_request` when there is more than one `Authorization` header.
 */
export function principalOf(request: object): Principal {
  return (request as { readonly [PRINCIPAL]: Principal })[PRINCIPAL];
}

/** Says who sends the request, before anybody asks. */
export function tellPrincipal(request: object, principal: Principal): void {
  (request as { [RESOLVED]?: Principal })[RESOLVED] = principal;
}

/** The caller as idempotency keys know it: two callers never share a key. */
export function scopeOf(principal: Principal): string {
  switch (principal.kind) {
    case "anonymous":
      return "anonymous";
    case "user":
      return `usr:${principal.userId}`;
    case "event":
      return `evt:${principal.eventId}`;
    case "reservation":
      return `rsv:${principal.reservationId}`;
  }
}

/** The refusal of a request that gave no credentials where some are needed. */
export function credentialsNeeded(): Problem {
  return new Problem(
    notAuthenticated,
    "Send the token you were given as `Authorization: Bearer <token>`, or log in.",
  );
}

/** The refusal of a token that is forged, cut, of another server, or revoked. */
export function invalidToken(): Problem {
  return new Problem(
    notAuthenticated,
    "This token is not valid. It may be cut off, or a newer one may have replaced it.",
  );
}

function readPrincipal(request: Resolving, tokens: CapabilityTokens): Principal {
  const header = request.headers.authorization;
  if (header === undefined) return ANONYMOUS;
  if (countOfAuthorization(request.raw.rawHeaders) > 1) {
    throw new Problem(malformedRequest, "The header Authorization may be sent once.");
  }
  const token = /^bearer +([^\s]+) *$/i.exec(header)?.[1];
  const capability = token === undefined ? null : tokens.read(token);
  const principal = capability === null ? null : principalBy(capability);
  if (principal === null) throw invalidToken();
  return principal;
}

function principalBy({ kind, id, generation }: Capability): Principal | null {
  switch (kind) {
    case "event":
      return { kind: "event", eventId: id as Id<"evt">, generation };
    case "manage":
    case "view":
      return { kind: "reservation", reservationId: id as Id<"rsv">, generation, may: kind };
    default:
      return null;
  }
}

/** Node keeps the first of several: only the raw headers tell that there were more. */
function countOfAuthorization(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === "authorization") count++;
  }
  return count;
}
