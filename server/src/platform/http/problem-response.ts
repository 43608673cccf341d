import { internalError, Problem, unavailable } from "./problem.ts";
import { sendReadyText } from "./ready-text.ts";

/** What of a reply this file needs. */
interface Reply {
  code(status: number): Reply;
  header(name: string, value: string): Reply;
  serializer(serialize: (payload: string) => string): Reply;
  send(payload: string): unknown;
}

export interface ProblemPlace {
  /** Where the pages of problems are; without a slash at the end. */
  readonly publicUrl: string;
  readonly requestId: string;
}

export interface ProblemContext extends ProblemPlace {
  /** Whether the request brought credentials: a 401 then says that these are not good. */
  readonly hasCredentials: boolean;
}

/** The body of a problem as `application/problem+json` (RFC 9457). */
export function problemBody(problem: Problem, { publicUrl, requestId }: ProblemPlace): string {
  const { code, title, status } = problem.type;
  return JSON.stringify({
    type: `${publicUrl}/problems/${code.replaceAll("_", "-")}`,
    title,
    status,
    detail: problem.message,
    instance: requestId,
    code,
    ...problem.members,
  });
}

export function sendProblem(reply: Reply, problem: Problem, context: ProblemContext): void {
  reply
    .code(problem.type.status)
    // Whatever the route said of its answer, this is not it.
    .header("cache-control", "no-store");
  if (problem.retryAfterSeconds !== undefined) {
    reply.header("retry-after", String(problem.retryAfterSeconds));
  }
  if (problem.type.status === 401) {
    const reason = context.hasCredentials ? ' error="invalid_token"' : "";
    reply.header("www-authenticate", `Bearer${reason}`);
  }
  sendReadyText(reply, "application/problem+json", problemBody(problem, context));
}

/** Seconds after which a part that was away is worth asking again. */
const RETRY_AFTER_SECONDS = 2;

/** What the client is told of a bug: nothing but that it is ours. */
export function bugProblem(): Problem {
  return new Problem(
    internalError,
    "This is not your fault. It was logged under the request id in `instance`.",
  );
}

/** What the client is told when the database cannot be reached or gave up. */
export function faultProblem(): Problem {
  return new Problem(
    unavailable,
    "A part the server needs does not answer. Send the request again with the same Idempotency-Key.",
    {},
    RETRY_AFTER_SECONDS,
  );
}
