/** A kind of refusal, declared once beside the operation that raises it. */
export interface ProblemType {
  /** snake_case, never renamed. Its page is `docs/problems/<code with hyphens>.md`. */
  readonly code: string;
  readonly status: number;
  readonly title: string;
}

const declared = new Map<string, ProblemType>();

/** Declares a kind of refusal. Each code is declared in exactly one place. */
export function problemType(type: ProblemType): ProblemType {
  if (declared.has(type.code)) throw new Error(`the problem ${type.code} is declared twice`);
  declared.set(type.code, type);
  return type;
}

/** All declared kinds, by code: what the problem pages and the OpenAPI document are checked against. */
export function problemTypes(): readonly ProblemType[] {
  return [...declared.values()].sort((a, b) => a.code.localeCompare(b.code));
}

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

export interface ProblemMembers {
  readonly reasons?: readonly Reason[];
  readonly errors?: readonly FieldError[];
  readonly [member: string]: unknown;
}

/** An expected refusal on its way to the edge, which answers it as `application/problem+json`. */
export class Problem extends Error {
  readonly type: ProblemType;
  readonly members: ProblemMembers;
  /** Seconds; sent as `Retry-After`. */
  readonly retryAfterSeconds: number | undefined;

  /** @param detail what happened this time and what to do, for a person. No personal data. */
  constructor(
    type: ProblemType,
    detail: string,
    members: ProblemMembers = {},
    retryAfterSeconds?: number,
  ) {
    // Where an expected refusal was made is of no interest, and finding out costs more than the rest of it.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(detail);
    Error.stackTraceLimit = stackTraceLimit;
    this.type = type;
    this.members = members;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

// Problems that any route may answer. The others stand beside their operation.
export const malformedRequest = problemType({
  code: "malformed_request",
  status: 400,
  title: "The request is malformed",
});
export const malformedId = problemType({
  code: "malformed_id",
  status: 400,
  title: "An id is malformed or of another kind",
});
export const notAuthenticated = problemType({
  code: "not_authenticated",
  status: 401,
  title: "Credentials are needed",
});
export const notFound = problemType({
  code: "not_found",
  status: 404,
  title: "There is no such thing here",
});
export const methodNotAllowed = problemType({
  code: "method_not_allowed",
  status: 405,
  title: "This method is not allowed here",
});
export const bodyTooLarge = problemType({
  code: "body_too_large",
  status: 413,
  title: "The body is too large",
});
export const unsupportedMediaType = problemType({
  code: "unsupported_media_type",
  status: 415,
  title: "This content type is not understood",
});
export const invalidField = problemType({
  code: "invalid_field",
  status: 422,
  title: "A field is wrong",
});
export const idempotencyKeyReused = problemType({
  code: "idempotency_key_reused",
  status: 422,
  title: "The idempotency key was used for another request",
});
export const idempotencyInProgress = problemType({
  code: "idempotency_in_progress",
  status: 409,
  title: "The first request with this key is still running",
});
export const internalError = problemType({
  code: "internal_error",
  status: 500,
  title: "Something broke on our side",
});
export const overloaded = problemType({
  code: "overloaded",
  status: 503,
  title: "Too busy to take this request",
});
export const unavailable = problemType({
  code: "unavailable",
  status: 503,
  title: "A part the server needs is away",
});
