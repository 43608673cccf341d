/**
 * SQLSTATE classes and codes that mean: the database cannot serve now, the request is not to blame.
 * 08 connection, 28 who may connect, 53 resources, 57 operator and shutdown, 58 system.
 */
const FAULT_CLASSES = ["08", "28", "53", "57", "58"];
/** Serialization, deadlock, lock not to be had, read only, idle or long transaction ended. */
const FAULT_CODES = ["40001", "40P01", "55P03", "25006", "25P03", "25P04"];
const CONNECTION_CODES = [
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "EAI_AGAIN",
];

/** True when the database is away, overloaded or gave up on a conflict: the answer is 503, not 500. */
export function isDatabaseFault(error: unknown): boolean {
  const code = codeOf(error);
  if (code === undefined) return isLostConnection(error);
  return (
    FAULT_CLASSES.includes(code.slice(0, 2)) ||
    FAULT_CODES.includes(code) ||
    CONNECTION_CODES.includes(code) ||
    isLostConnection(error)
  );
}

/** True for a transaction that lost to another one and may simply be tried again. */
export function isConflict(error: unknown): boolean {
  const code = codeOf(error);
  return code === "40001" || code === "40P01";
}

/** The SQLSTATE or system code of an error. */
export function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : undefined;
}

/** The name of the constraint that an error says was violated. */
export function constraintOf(error: unknown): string | undefined {
  const constraint = (error as { constraint?: unknown } | null)?.constraint;
  return typeof constraint === "string" ? constraint : undefined;
}

/** node-postgres says some losses in words only. */
function isLostConnection(error: unknown): boolean {
  return (
    error instanceof Error &&
    /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|PGlite is clos(?:ed|ing)/.test(
      error.message,
    )
  );
}
