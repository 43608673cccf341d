import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Id } from "../id.ts";
import { digestOfApiKey, lookOfApiKey } from "../tokens/api-key.ts";
import type { Capability, CapabilityTokens } from "../tokens/capability.ts";
import type { Permission, Requirement } from "./access.ts";
import { malformedRequest, notAuthenticated, Problem } from "./problem.ts";

/** What somebody may do with all that is one organizer's. */
export interface Grant {
  /** What they are there, for people: `viewer`. */
  readonly as: string;
  readonly permissions: ReadonlySet<Permission>;
}

/** A user with a session that was good a moment ago. */
export interface UserPrincipal {
  readonly kind: "user";
  readonly userId: Id<"usr">;
  readonly sessionId: Id<"ses">;
  readonly organizers: ReadonlyMap<Id<"org">, Grant>;
}

/** An API key that was good a moment ago. */
export interface KeyPrincipal {
  readonly kind: "key";
  readonly keyId: Id<"key">;
  readonly organizerId: Id<"org">;
  readonly grant: Grant;
}

/** A door pass that was good a moment ago. */
export interface DoorPassPrincipal {
  readonly kind: "door_pass";
  readonly passId: Id<"dps">;
  readonly eventId: Id<"evt">;
  readonly gate: string;
}

/** Credentials that need a look into the database which this route does not take: they open nothing. */
interface UncheckedPrincipal {
  readonly kind: "unchecked";
  /** What a door pass says; null: an API key, which says nothing by itself. */
  readonly pass: Capability | null;
  /** The same for the same credentials; tells nothing about them. */
  readonly digest: string;
}

/**
 * Whoever sends a request, as its credentials say. Generations of event and reservation tokens are not
 * yet checked: that is for the operation, which has the thing before it.
 */
export type Principal =
  | { readonly kind: "anonymous" }
  | UserPrincipal
  | KeyPrincipal
  | DoorPassPrincipal
  | UncheckedPrincipal
  | { readonly kind: "event"; readonly eventId: Id<"evt">; readonly generation: number }
  | {
      readonly kind: "reservation";
      readonly reservationId: Id<"rsv">;
      readonly generation: number;
      readonly may: "manage" | "view";
    };

/** Who asks, and what the route says must be allowed to them. */
export interface Caller {
  readonly principal: Principal;
  readonly needs: readonly Permission[];
}

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

/**
 * Whoever sends the request, and the permissions that its route declares.
 *
 * @throws as `principalOf`.
 */
export function callerOf(request: FastifyRequest): Caller {
  return {
    principal: principalOf(request),
    needs: request.routeOptions.config.requires.filter(isPermission),
  };
}

function isPermission(requirement: Requirement): requirement is Permission {
  return requirement !== "user" && requirement !== "operator";
}

/** The caller as idempotency keys know it: two callers never share a key. */
export function scopeOf(principal: Principal): string {
  switch (principal.kind) {
    case "anonymous":
      return "anonymous";
    case "user":
      return `usr:${principal.userId}`;
    case "key":
      return `key:${principal.keyId}`;
    case "door_pass":
      return `dps:${principal.passId}`;
    case "unchecked":
      return `digest:${principal.digest}`;
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

/**
 * The token of the header `Authorization`, null without one; an empty one is a wrong one.
 *
 * @throws `malformed_request` when there is more than one.
 */
export function bearerTokenOf({ headers, raw }: Pick<Resolving, "headers" | "raw">): string | null {
  if (headers.authorization === undefined) return null;
  if (countOfAuthorization(raw.rawHeaders) > 1) {
    throw new Problem(malformedRequest, "The header Authorization may be sent once.");
  }
  return /^bearer +([^\s]+) *$/i.exec(headers.authorization)?.[1] ?? "";
}

function readPrincipal(request: Resolving, tokens: CapabilityTokens): Principal {
  const token = bearerTokenOf(request);
  if (token === null) return ANONYMOUS;
  const look = lookOfApiKey(token);
  if (look === "mistyped") throw mistypedKey();
  if (look === "key") return uncheckedKey(token);
  const capability = tokens.read(token);
  const principal = capability === null ? null : principalBy(capability, token);
  if (principal === null) throw invalidToken();
  return principal;
}

function uncheckedKey(token: string): UncheckedPrincipal {
  return { kind: "unchecked", pass: null, digest: digestOfApiKey(token) };
}

function principalBy(capability: Capability, token: string): Principal | null {
  const { kind, id, generation } = capability;
  switch (kind) {
    case "event":
      return { kind: "event", eventId: id as Id<"evt">, generation };
    case "manage":
    case "view":
      return { kind: "reservation", reservationId: id as Id<"rsv">, generation, may: kind };
    case "door_pass":
      return { kind: "unchecked", pass: capability, digest: digestOfApiKey(token) };
    default:
      return null;
  }
}

function mistypedKey(): Problem {
  return new Problem(
    notAuthenticated,
    "This API key has a slip in it: its check digits do not fit. Copy it again, whole.",
  );
}

/** Node keeps the first of several: only the raw headers tell that there were more. */
function countOfAuthorization(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === "authorization") count++;
  }
  return count;
}
