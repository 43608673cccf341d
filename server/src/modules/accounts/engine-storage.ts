import type { Clock } from "#platform/clock.ts";
import { codeOf, isDatabaseFault } from "#platform/database/faults.ts";
import { toDate, toRfc3339 } from "#platform/time.ts";
import { digestOf } from "./session-cookie.ts";

/** A condition or a row as the engine gives it to what stores it. */
interface Condition {
  readonly field: string;
  readonly value: unknown;
}
interface Statement {
  readonly model: string;
  readonly where?: readonly Condition[];
  readonly data?: Readonly<Record<string, unknown>>;
  readonly update?: Readonly<Record<string, unknown>>;
  readonly set?: Readonly<Record<string, unknown>>;
}

const STATEMENTS: ReadonlySet<PropertyKey> = new Set([
  "create",
  "findOne",
  "findMany",
  "update",
  "updateMany",
  "delete",
  "deleteMany",
  "consumeOne",
  "incrementOne",
  "count",
]);
const ENDS_SESSIONS: ReadonlySet<PropertyKey> = new Set([
  "delete",
  "deleteMany",
  "update",
  "updateMany",
  "consumeOne",
]);
const INSTANTS =
  /^(?:createdAt|updatedAt|expiresAt|accessTokenExpiresAt|refreshTokenExpiresAt|lockedUntil)$/;
const UNIQUE_VIOLATION = "23505";

export interface StorageRules {
  /** The engine knows real time only: its instants are moved as the server's clock is. */
  readonly clock: Clock;
  /** Called after a statement that may have ended sessions. */
  readonly onSessionsEnded: () => Promise<void>;
  /** The error by which the engine hands something up as it is. */
  readonly refusal: (code: "TAKEN" | "FAULT", cause: unknown) => Error;
}

/**
 * Stands between the engine and the database: tokens of sessions are stored as digests, addresses of
 * clients not at all, instants are numbers of the server's clock there and dates of real time here, and
 * a fault of the database is not taken for a refusal.
 */
export function guardStorage<Storage extends object>(
  storage: Storage,
  rules: StorageRules,
): Storage {
  const guarded: Storage = new Proxy(storage, {
    get: (target, key) => {
      // There is no transaction to be had; what is given to the work must be guarded as well.
      if (key === "transaction") return (work: (inner: Storage) => unknown) => work(guarded);
      const method: unknown = Reflect.get(target, key);
      if (!STATEMENTS.has(key) || typeof method !== "function") return method;
      return async (statement: Statement) => {
        const result = await sent(() => method.call(target, prepared(statement, rules)), rules);
        if (statement.model === "session" && ENDS_SESSIONS.has(key)) await rules.onSessionsEnded();
        return asAsked(statement, result, rules);
      };
    },
  });
  return guarded;
}

async function sent(send: () => Promise<unknown>, { refusal }: StorageRules): Promise<unknown> {
  try {
    return await send();
  } catch (error) {
    if (codeOf(error) === UNIQUE_VIOLATION) throw refusal("TAKEN", error);
    if (isDatabaseFault(error)) throw refusal("FAULT", error);
    throw error;
  }
}

function prepared(statement: Statement, rules: StorageRules): Statement {
  const { model, where, data, update, set } = statement;
  return {
    ...statement,
    ...(where && {
      where: where.map((one) => ({ ...one, value: stored(model, one.field, one.value, rules) })),
    }),
    ...(data && { data: storedRow(model, data, rules) }),
    ...(update && { update: storedRow(model, update, rules) }),
    ...(set && { set: storedRow(model, set, rules) }),
  };
}

function storedRow(
  model: string,
  row: Readonly<Record<string, unknown>>,
  rules: StorageRules,
): Record<string, unknown> {
  const { ipAddress: _address, ...kept } = row;
  return Object.fromEntries(
    Object.entries(kept).map(([field, value]) => [field, stored(model, field, value, rules)]),
  );
}

function stored(model: string, field: string, value: unknown, { clock }: StorageRules): unknown {
  if (value instanceof Date) return toRfc3339(value.getTime() + clock.shiftMs);
  if (model !== "session" || field !== "token") return value;
  return Array.isArray(value) ? value.map((one) => digestOf(String(one))) : digestOf(String(value));
}

/** Dates as dates, and a session with the token it was asked for by. */
function asAsked(statement: Statement, result: unknown, rules: StorageRules): unknown {
  const rows = withDates(result, rules);
  const token =
    statement.data?.["token"] ?? statement.where?.find(({ field }) => field === "token")?.value;
  const isOne = typeof rows === "object" && rows !== null && !Array.isArray(rows);
  return statement.model === "session" && isOne && typeof token === "string"
    ? { ...rows, token }
    : rows;
}

function withDates(value: unknown, rules: StorageRules): unknown {
  if (Array.isArray(value)) return value.map((one) => withDates(one, rules));
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      INSTANTS.test(name) && typeof member === "number"
        ? toDate(member - rules.clock.shiftMs)
        : withDates(member, rules),
    ]),
  );
}
