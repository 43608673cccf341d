import { destination, type LoggerOptions, pino, stdTimeFunctions } from "pino";

export const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What the server logs through. `error` means that someone must act. */
export interface Logger {
  fatal(fields: object, message: string): void;
  error(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  info(fields: object, message: string): void;
  debug(fields: object, message: string): void;
  child(bindings: object): Logger;
}

/** Members that must never be written, wherever they stand in what is logged. */
const REDACTED = ["authorization", "cookie", "token", "password", "secret", "email", "phone"];

/**
 * One line of JSON per entry, on stdout or at the end of a file. Tokens and personal data are cut out by name, as a net
 * under the rule that nobody passes them.
 */
export function createLogger({
  level,
  file,
}: {
  readonly level: LogLevel;
  readonly file?: string;
}): Logger {
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: REDACTED.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
      censor: "[redacted]",
    },
    serializers: { err: describeError, error: describeError },
  };
  return file === undefined ? pino(options) : pino(options, destination({ dest: file }));
}

/** A logger for tools that says nothing. */
export const silentLogger: Logger = {
  fatal: () => undefined,
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  child: () => silentLogger,
};

/**
 * An error as it may be logged: what kind, where, and its causes. Not its own members: those of a
 * database error hold the row.
 */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  return {
    name: error.name,
    message: error.message,
    ...(code === undefined ? {} : { code }),
    stack: error.stack,
    ...(cause === undefined ? {} : { cause: describeError(cause) }),
  };
}
