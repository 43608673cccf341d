import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { assert } from "#platform/assert.ts";
import type { Bus } from "#platform/bus/bus.ts";
import type { Clock } from "#platform/clock.ts";
import type { Database, Queryable } from "#platform/database/database.ts";
import type { Id } from "#platform/id.ts";
import { createLater } from "#platform/jobs/later.ts";
import type { Logger } from "#platform/logger.ts";
import type { MailOutbox } from "#platform/mail/mail-outbox.ts";
import { derivedKey } from "#platform/tokens/sealing.ts";
import { accountMail } from "./account-mails.ts";
import { deleteExpired, findUserNames } from "./account-store.ts";
import type { AccountsContext } from "./ask-engine.ts";
import { type Engine, type EngineOptions, loadEngine } from "./engine.ts";
import { loginRoutes } from "./login-routes.ts";
import { passkeyRoutes } from "./passkey-routes.ts";
import { type Passwords, scryptPasswords } from "./passwords.ts";
import { registrationRoutes } from "./registration-routes.ts";
import { secondFactorRoutes } from "./second-factor-routes.ts";
import { createSessionCookie } from "./session-cookie.ts";
import { sessionRoutes } from "./session-routes.ts";
import { createSessions, type Sessions } from "./sessions.ts";

/** Users and their sessions. */
export interface Accounts {
  /** Whose session a request's cookie is. */
  readonly sessions: Pick<Sessions, "read">;
  readonly routes: FastifyPluginAsyncTypebox;
  /** The names of users, by their id. */
  namesOf(
    queryable: Queryable,
    userIds: readonly Id<"usr">[],
  ): Promise<ReadonlyMap<Id<"usr">, string>>;
  /** Deletes sessions and verifications past their time. */
  forgetExpired(): Promise<void>;
  /** Resolves when what was accepted is done. */
  idle(): Promise<void>;
}

export interface AccountsOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly bus: Bus;
  readonly log: Logger;
  readonly outbox: MailOutbox;
  readonly secretKeys: readonly Buffer[];
  /** Where people reach this server; without a slash at the end. */
  readonly publicUrl: string;
  readonly passwords?: Passwords;
}

/** Requests for links that may wait for their turn. */
const LATER_WAITING_MAX = 1_000;

export async function createAccounts(options: AccountsOptions): Promise<Accounts> {
  const { database, clock, bus, log, publicUrl, passwords = scryptPasswords } = options;
  const secrets = options.secretKeys.map((key) => derivedKey(key, "accounts").toString("hex"));
  const [secret] = secrets;
  assert(secret !== undefined, "there is a key to sign with");
  const cookie = createSessionCookie(publicUrl, secret);
  const sessions = await createSessions({ database, clock, bus, cookie });
  const mails = accountMails(options);
  const onSessionsEnded = () => sessions.ended();
  const given = { database, clock, publicUrl, secrets, cookie, passwords, log, mails };
  let loading: Promise<Engine> | undefined;
  const engine = () => {
    loading ??= loadEngine({ ...given, onSessionsEnded }).catch((error: unknown) => {
      loading = undefined; // the next request tries again
      throw error;
    });
    return loading;
  };
  const later = createLater({ waitingMax: LATER_WAITING_MAX, log });
  const context: AccountsContext = {
    database,
    clock,
    engine,
    passwords,
    cookie,
    sessions,
    mails,
    later,
  };
  return {
    sessions,
    routes: async (server) => {
      await server.register(registrationRoutes(context));
      await server.register(loginRoutes(context));
      await server.register(sessionRoutes(context));
      await server.register(secondFactorRoutes(context));
      await server.register(passkeyRoutes(context));
    },
    namesOf: (queryable, userIds) =>
      userIds.length === 0 ? Promise.resolve(new Map()) : findUserNames(queryable, userIds),
    forgetExpired: () => deleteExpired(database.kysely, clock),
    idle: () => later.idle(),
  };
}

/** Links carry their token behind `#`: it reaches no server's log and no other site. */
function accountMails({
  database,
  outbox,
  log,
  publicUrl,
}: AccountsOptions): EngineOptions["mails"] {
  const send = async (...mail: Parameters<typeof accountMail>) => {
    try {
      await outbox.keep(database.kysely, accountMail(...mail));
    } catch (error) {
      // The engine keeps to itself what goes wrong here; the user asks for the mail again.
      log.warn({ error }, "a mail could not be kept");
      throw error;
    }
    outbox.wake();
  };
  return {
    verify: ({ email }, token) => send("verify", email, `${publicUrl}/verify-email#${token}`),
    alreadyRegistered: ({ email }) => send("alreadyRegistered", email, null),
    reset: ({ email }, token) => send("reset", email, `${publicUrl}/reset-password#${token}`),
  };
}
