import type { Socket } from "node:net";
import { malformedRequest, Problem, type ProblemType, problemType } from "./problem.ts";
import { problemBody } from "./problem-response.ts";

export const requestTimedOut = problemType({
  code: "request_timed_out",
  status: 408,
  title: "The request took too long to arrive",
});
export const headersTooLarge = problemType({
  code: "headers_too_large",
  status: 431,
  title: "The headers are too large",
});

const REFUSALS: Record<string, { type: ProblemType; detail: string }> = {
  ERR_HTTP_REQUEST_TIMEOUT: {
    type: requestTimedOut,
    detail: "The request was not complete in time. Send it again.",
  },
  HPE_HEADER_OVERFLOW: {
    type: headersTooLarge,
    detail: "The request line and the headers are larger than this server takes.",
  },
};
const UNREADABLE = { type: malformedRequest, detail: "This is not HTTP as RFC 9112 writes it." };

/** Answers what never became a request: broken HTTP, endless headers, a client that stalls. */
export function answerClientError(
  error: Error & { code?: string },
  socket: Socket,
  { publicUrl, requestId, headers }: ClientErrorContext,
): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  // An answer has begun on this connection: another head in the middle of it would be read as body.
  if (hasAnswerUnderWay(socket)) {
    socket.destroy();
    return;
  }
  const { type, detail } = REFUSALS[error.code ?? ""] ?? UNREADABLE;
  const body = Buffer.from(problemBody(new Problem(type, detail), { publicUrl, requestId }));
  const lines = Object.entries({
    ...headers,
    "content-type": "application/problem+json",
    "content-length": String(body.length),
    "cache-control": "no-store",
    "x-request-id": requestId,
    connection: "close",
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(
    Buffer.concat([
      Buffer.from(`HTTP/1.1 ${type.status} ${REASON}\r\n${lines.join("")}\r\n`),
      body,
    ]),
  );
}

/** Status lines must have a reason phrase or a space; no client reads it. */
const REASON = "Refused";

export interface ClientErrorContext {
  readonly publicUrl: string;
  readonly requestId: string;
  readonly headers: Record<string, string>;
}

function hasAnswerUnderWay(socket: Socket): boolean {
  const { _httpMessage: message } = socket as { _httpMessage?: { headersSent?: boolean } };
  return message?.headersSent === true;
}
