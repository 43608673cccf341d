import type {
  FastifyContextConfig,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  onRequestHookHandler,
  RouteOptions,
} from "fastify";
import type { Allowance, Counters, RateLimit } from "../rate-limits/counters.ts";
import { type Principal, principalOf, scopeOf } from "./authentication.ts";
import { addressOf, digestOfCounted, tellAllowances } from "./rate-limits.ts";

// What one principal may ask for in a minute. A process answers thousands a second, so this is not about
// people: it ends loops. One key may stand for all gates of a stadium, whose 50 scans a second are
// 180,000 admissions an hour. Source: docs/decisions/0017.
const READS: RateLimit = { name: "reads", requests: 6_000, seconds: 60 };
const WRITES: RateLimit = { name: "writes", requests: 3_000, seconds: 60 };
/** Nobody changes their reservation five times a second. A sale is made of such writes: they wait for no Redis. */
const RESERVATION_WRITES: RateLimit = {
  name: "reservation-writes",
  requests: 300,
  seconds: 60,
  isPerProcess: true,
};

/**
 * Limits by principal every route that requires something, and every write for which it is found out who
 * asks: by address there, where nobody says who they are. Other routes get no hook: reserving and
 * public reads are for a whole venue behind one address.
 *
 * To be registered after what finds out who asks.
 */
export function registerPrincipalLimits(
  server: Pick<FastifyInstance, "addHook">,
  counters: Counters,
): void {
  server.addHook("onRoute", (route) => {
    if (!isLimitedByPrincipal(route)) return;
    const hook = isRead(route) ? readHook(counters) : writeHook(counters);
    route.onRequest = [...[route.onRequest ?? []].flat(), hook];
  });
}

type Route = Pick<RouteOptions, "method"> & { readonly config?: FastifyContextConfig | undefined };

/** Whether a route is one of those that `registerPrincipalLimits` limits. */
export function isLimitedByPrincipal(route: Route): boolean {
  const { requires = [], identifies = false } = route.config ?? {};
  return requires.some((one) => one !== "operator") || (identifies && !isRead(route));
}

function isRead({ method }: Route): boolean {
  return [method].flat().every((one) => one === "GET" || one === "HEAD");
}

function readHook(counters: Counters): onRequestHookHandler {
  return (request, reply, done) => {
    const principal = principalOf(request);
    // Holders look again and again, and that costs less than counting would.
    if (principal.kind === "reservation") done();
    else tell(reply, READS, counters.count(READS, whoIs(principal, request)), done);
  };
}

function writeHook(counters: Counters): onRequestHookHandler {
  return (request, reply, done) => {
    const principal = principalOf(request);
    const limit = principal.kind === "reservation" ? RESERVATION_WRITES : WRITES;
    tell(reply, limit, counters.count(limit, whoIs(principal, request)), done);
  };
}

/** A token that was replaced uses up nothing of the one that replaced it. */
function whoIs(principal: Principal, request: FastifyRequest): string {
  if (principal.kind === "anonymous") return digestOfCounted(addressOf(request));
  const scope = scopeOf(principal);
  return "generation" in principal ? `${scope}:${principal.generation}` : scope;
}

function tell(
  reply: FastifyReply,
  limit: RateLimit,
  allowance: Allowance | Promise<Allowance>,
  done: (refused?: Error) => void,
): void {
  if (allowance instanceof Promise) {
    allowance.then((found) => tell(reply, limit, found, done)).catch(done);
    return;
  }
  done(tellAllowances(reply, [limit], [{ limit, allowance }]) ?? undefined);
}
