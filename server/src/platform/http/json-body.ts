import { isUtf8 } from "node:buffer";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { checkJson } from "./json-check.ts";
import { malformedRequest, Problem } from "./problem.ts";

const RAW_BODY = Symbol("raw body");
const NO_BODY = Buffer.alloc(0);

interface WithRawBody {
  [RAW_BODY]?: Buffer;
}

/** The bytes of the body as they came. Kept only for requests that send an `Idempotency-Key`. */
export function rawBodyOf(request: object): Buffer {
  return (request as WithRawBody)[RAW_BODY] ?? NO_BODY;
}

/**
 * Reads bodies: JSON in UTF-8 (RFC 8259) and nothing else. Stricter than `JSON.parse`: a name
 * may stand once in an object, nesting has a limit, `__proto__` is no name, and strings are text
 * (no control characters, no half of a character). An empty body is no body.
 */
export function registerJsonBody(
  server: Pick<FastifyInstance, "addContentTypeParser" | "removeAllContentTypeParsers">,
): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("application/json", { parseAs: "buffer" }, readJson);
}

function readJson(
  request: FastifyRequest,
  body: Buffer,
  done: (error: Error | null, body?: unknown) => void,
): void {
  // What is sent to where nothing is gets 404, whatever it is.
  if (request.is404) {
    done(null, undefined);
    return;
  }
  if (request.headers["idempotency-key"] !== undefined) {
    (request as WithRawBody)[RAW_BODY] = body;
  }
  done(null, parseJsonBody(body));
}

/**
 * @throws `malformed_request` when the bytes are not JSON as this server takes it.
 * @throws `invalid_field` when a string in it is not text.
 */
export function parseJsonBody(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  if (!isUtf8(body)) throw new Problem(malformedRequest, "The body is not UTF-8.");
  const text = body.toString("utf8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Problem(malformedRequest, "The body is not JSON.");
  }
  checkJson({ text, isAscii: text.length === body.length, value });
  return value;
}
