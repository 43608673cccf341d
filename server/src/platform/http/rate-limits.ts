import { hash } from "node:crypto";
import { isIPv6 } from "node:net";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Allowance, Counters, RateLimit } from "../rate-limits/counters.ts";
import { Problem, problemType } from "./problem.ts";

export const tooManyRequests = problemType({
  code: "too_many_requests",
  status: 429,
  title: "Too many requests",
});

/** A limit of a route, and who it counts; null where it does not concern the request. */
export interface RouteLimit extends RateLimit {
  readonly of: (request: FastifyRequest) => string | null;
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** Each is counted; whichever is used up refuses. Counted when the body is known to be well-formed. */
    limits?: readonly RouteLimit[];
  }
}

/**
 * Makes the routes that have limits count, and refuse with 429 who asks too often. Other routes get no hook.
 */
export function registerRateLimits(
  server: Pick<FastifyInstance, "addHook">,
  counters: Counters,
): void {
  server.addHook("onRoute", (route) => {
    const limits = route.config?.limits ?? [];
    if (limits.length === 0) return;
    const hook = async (request: FastifyRequest, reply: FastifyReply) => {
      const counted = await Promise.all(limits.map((limit) => count(counters, limit, request)));
      const concerned = counted.filter((one) => one !== null);
      const refused = tellAllowances(reply, limits, concerned);
      if (refused !== null) throw refused;
    };
    route.preHandler = [hook, ...[route.preHandler ?? []].flat()];
  });
}

export interface Counted {
  readonly limit: RateLimit;
  readonly allowance: Allowance;
}

/**
 * Says in the answer what is left, by the fields `RateLimit` and `RateLimit-Policy`
 * (draft-ietf-httpapi-ratelimit-headers), beside what was said before. The refusal where nothing is.
 */
export function tellAllowances(
  reply: FastifyReply,
  limits: readonly RateLimit[],
  counted: readonly Counted[],
): Problem | null {
  addToField(reply, "ratelimit-policy", limits.map(policy));
  addToField(reply, "ratelimit", counted.map(rest));
  const usedUp = counted.filter(({ allowance }) => allowance.isUsedUp);
  if (usedUp.length === 0) return null;
  return refusal(Math.max(...usedUp.map(({ allowance }) => allowance.seconds)));
}

/**
 * Where a request comes from, as TRUST_PROXY lets it be known. Of IPv6 the first half: the other is
 * for its owner to choose.
 */
export function addressOf({ ip }: FastifyRequest): string {
  if (!isIPv6(ip) || ip.includes(".")) return ip;
  const [left = "", right] = ip.split("::");
  const groups = left.split(":").filter((group) => group !== "");
  const missing = 8 - groups.length - (right?.split(":").filter(Boolean).length ?? 0);
  const whole = right === undefined ? groups : [...groups, ...Array<string>(missing).fill("0")];
  return whole.slice(0, 4).join(":");
}

/** What is counted may be an address of mail or of a network: it is not kept as it is. */
export function digestOfCounted(who: string): string {
  return hash("sha256", who, "base64url").slice(0, 22);
}

async function count(
  counters: Counters,
  limit: RouteLimit,
  request: FastifyRequest,
): Promise<Counted | null> {
  const who = limit.of(request);
  if (who === null) return null;
  return { limit, allowance: await counters.count(limit, digestOfCounted(who)) };
}

function addToField(reply: FastifyReply, name: string, parts: readonly string[]): void {
  const said = reply.getHeader(name);
  reply.header(name, (said === undefined ? parts : [said, ...parts]).join(", "));
}

function policy({ name, requests, seconds }: RateLimit): string {
  return `"${name}";q=${requests};w=${seconds}`;
}

function rest({ limit, allowance }: Counted): string {
  return `"${limit.name}";r=${allowance.left};t=${allowance.seconds}`;
}

function refusal(seconds: number): Problem {
  const wait = seconds < 120 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
  return new Problem(
    tooManyRequests,
    `This was asked too often. Ask again in ${wait}.`,
    {},
    seconds,
  );
}
