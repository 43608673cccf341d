/** Why a rule or the stock stands in the way, and what would change it. */
export interface Reason {
  readonly code: string;
  readonly message: string;
  readonly [member: string]: unknown;
}

/** One wrong field: where it stands in the body (`/lines/0/quantity`), and what is wrong with it. */
export interface FieldError {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

interface ProblemParts {
  readonly status: number;
  readonly code: string;
  readonly type: string;
  readonly title: string;
  readonly detail: string;
  readonly instance: string | null;
  readonly reasons: readonly Reason[];
  readonly errors: readonly FieldError[];
  readonly retryAfterSeconds: number | null;
}

/** The code of an answer that is not the API's: a proxy's page, a cut body. */
export const UNREADABLE_ANSWER = "unreadable_answer";

/** The server's refusal or failure (RFC 9457). Decide by `code`: it stays the same for ever. */
export class TesseraProblem extends Error {
  override readonly name = "TesseraProblem";
  readonly status: number;
  readonly code: string;
  /** The address of the page that explains this kind of problem. */
  readonly type: string;
  readonly title: string;
  /** What happened this time, for a person. The same as `message`. */
  readonly detail: string;
  /** The id of the request, to be quoted when asking for help. */
  readonly instance: string | null;
  /** What stands in the way and what would change it; empty where nothing was said. */
  readonly reasons: readonly Reason[];
  /** Which fields are wrong; empty where none was named. */
  readonly errors: readonly FieldError[];
  /** How long the server asked to be left alone; null where it did not. */
  readonly retryAfterSeconds: number | null;

  constructor(parts: ProblemParts) {
    super(parts.detail);
    this.status = parts.status;
    this.code = parts.code;
    this.type = parts.type;
    this.title = parts.title;
    this.detail = parts.detail;
    this.instance = parts.instance;
    this.reasons = parts.reasons;
    this.errors = parts.errors;
    this.retryAfterSeconds = parts.retryAfterSeconds;
  }
}

/** No answer came: no connection, a cut one, or none in time. `cause` says which. */
export class TesseraUnreachable extends Error {
  override readonly name = "TesseraUnreachable";
}

/**
 * The problem that an answer is. An answer that is no problem document, as proxies give, becomes
 * one with the code `unreadable_answer`; what is missing or of another type is left empty.
 */
export function problemOf(response: Response, text: string): TesseraProblem {
  const body = parseJson(text);
  const members = isRecord(body) && typeof body["code"] === "string" ? body : {};
  const { status } = response;
  const kind = response.headers.get("content-type") ?? "no content type";
  const title = textOf(members["title"]) ?? "The answer cannot be read";
  return new TesseraProblem({
    status,
    code: textOf(members["code"]) ?? UNREADABLE_ANSWER,
    type: textOf(members["type"]) ?? "about:blank",
    title,
    detail: textOf(members["detail"]) ?? textOf(members["title"]) ?? unreadable(status, kind),
    instance: textOf(members["instance"]) ?? response.headers.get("x-request-id"),
    reasons: recordsOf(members["reasons"]) as readonly Reason[],
    errors: recordsOf(members["errors"]) as readonly unknown[] as readonly FieldError[],
    retryAfterSeconds: retryAfterOf(response.headers.get("retry-after")),
  });
}

/** The value that the text is, or undefined when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unreadable(status: number, kind: string): string {
  return `The server answered ${status} (${kind}) with something that is not of this API. There may be a proxy in between.`;
}

/** Seconds, or the time until a date (RFC 9110); null for anything else. */
function retryAfterOf(header: string | null): number | null {
  if (header === null) return null;
  if (/^\d+$/.test(header)) return Number(header);
  const milliseconds = Date.parse(header) - Date.now();
  return Number.isNaN(milliseconds) ? null : Math.max(0, milliseconds / 1000);
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function recordsOf(value: unknown): readonly Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
