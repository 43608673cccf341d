import { isDatabaseFault } from "../database/faults.ts";
import type { Logger } from "../logger.ts";
import { bodyTooLarge, malformedRequest, Problem, unsupportedMediaType } from "./problem.ts";
import { bugProblem, faultProblem } from "./problem-response.ts";

/**
 * What the client is told of whatever was thrown. Refusals go through as they are; what the
 * framework refuses gets its place in the table; faults of the database are 503; the rest is a
 * bug: logged, and answered with 500 and nothing more.
 */
export function problemOf(error: unknown, requestId: string, log: Logger): Problem {
  if (error instanceof Problem) return error;
  const refusal = frameworkRefusal(error);
  if (refusal !== null) return refusal;
  if (isDatabaseFault(error)) {
    log.warn({ requestId, err: error }, "the database could not answer a request");
    return faultProblem();
  }
  log.error({ requestId, err: error }, "a request failed by a bug of ours");
  return bugProblem();
}

function frameworkRefusal(error: unknown): Problem | null {
  const { code, statusCode } = (error ?? {}) as { code?: unknown; statusCode?: unknown };
  switch (code) {
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return new Problem(
        unsupportedMediaType,
        "Bodies are taken as application/json in UTF-8, and nothing else.",
      );
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return new Problem(bodyTooLarge, "The body is larger than this server takes.");
    case "FST_ERR_BAD_URL":
    case "FST_ERR_MAX_PARAM_LENGTH":
      return new Problem(malformedRequest, "The path is not one this server can read.");
    default:
      return typeof code === "string" &&
        code.startsWith("FST_ERR_CTP") &&
        typeof statusCode === "number" &&
        statusCode < 500
        ? new Problem(malformedRequest, "The body did not come as it was announced.")
        : null;
  }
}
