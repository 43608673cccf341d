import type { FastifyReply, FastifyRequest } from "fastify";
import type { Allowance, Counters, RateLimit } from "../rate-limits/counters.ts";
import { notAuthenticated, type Problem } from "./problem.ts";
import { addressOf, digestOfCounted, tellAllowances } from "./rate-limits.ts";

/** Nobody guesses 104 bits: this is about the load and the noise of trying. Source: docs/decisions/0017. */
const WRONG_CREDENTIALS: RateLimit = { name: "wrong-credentials", requests: 100, seconds: 900 };

/** Our session's cookie, whatever its prefix. Other cookies are none of our credentials. */
const SESSION_COOKIE = /session_token=[^;\s]/;

/** What a request is answered instead of its refusal; the refusal itself in all cases but one. */
export type GuessLimit = (
  problem: Problem,
  request: FastifyRequest,
  reply: FastifyReply,
) => Problem | Promise<Problem>;

/**
 * Counts by address the requests whose token, key or session is refused, and nothing else. Past the limit
 * they are answered 429, while good credentials from the same address, which may be a whole venue's, go on
 * being taken.
 */
export function createGuessLimit(counters: Counters): GuessLimit {
  return (problem, request, reply) => {
    if (problem.type !== notAuthenticated || !hasCredentials(request)) return problem;
    const answer = (allowance: Allowance) =>
      tellAllowances(reply, [WRONG_CREDENTIALS], [{ limit: WRONG_CREDENTIALS, allowance }]) ??
      problem;
    const counted = counters.count(WRONG_CREDENTIALS, digestOfCounted(addressOf(request)));
    return counted instanceof Promise ? counted.then(answer) : answer(counted);
  };
}

function hasCredentials({ headers }: FastifyRequest): boolean {
  return headers.authorization !== undefined || SESSION_COOKIE.test(headers.cookie ?? "");
}
