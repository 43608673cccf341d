import { isUtf8 } from "node:buffer";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { checkJson } from "./json-check.ts";
import { malformedRequest, Problem, unsupportedMediaType } from "./problem.ts";

const BODY_TEXT = Symbol("body text");

interface WithBodyText {
  [BODY_TEXT]?: string;
}

/** The body as it came. Kept only for requests that send an `Idempotency-Key`. */
export function bodyTextOf(request: object): string {
  return (request as WithBodyText)[BODY_TEXT] ?? "";
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
  const type = request.headers["content-type"];
  if (type !== "application/json" && !isUtf8Charset(type)) {
    throw new Problem(unsupportedMediaType, "JSON is sent as UTF-8, and in no other charset.");
  }
  if (request.headers["content-encoding"] !== undefined) {
    throw new Problem(unsupportedMediaType, "Bodies are taken as they are, not compressed.");
  }
  if (body.length === 0) {
    done(null, undefined);
    return;
  }
  const text = textOf(body);
  if (request.headers["idempotency-key"] !== undefined) {
    (request as WithBodyText)[BODY_TEXT] = text;
  }
  const { anyTextAt } = request.routeOptions.config;
  done(null, parseJsonText(text, body.length, anyTextAt));
}

/** No charset, or UTF-8: JSON has no other (RFC 8259 §8.1). */
function isUtf8Charset(type = ""): boolean {
  const [, charset = "utf-8"] = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(type) ?? [];
  return charset.toLowerCase() === "utf-8";
}

/**
 * @throws `malformed_request` when the bytes are not JSON as this server takes it.
 * @throws `invalid_field` when a string in it is not text.
 */
export function parseJsonBody(body: Buffer): unknown {
  return body.length === 0 ? undefined : parseJsonText(textOf(body), body.length);
}

function textOf(body: Buffer): string {
  if (!isUtf8(body)) throw new Problem(malformedRequest, "The body is not UTF-8.");
  return body.toString("utf8");
}

function parseJsonText(text: string, bytes: number, anyTextAt?: readonly string[]): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Problem(malformedRequest, "The body is not JSON.");
  }
  checkJson({ text, isAscii: text.length === bytes, value, anyTextAt });
  return value;
}
