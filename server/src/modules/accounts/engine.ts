import { hash } from "node:crypto";
import { assert } from "#platform/assert.ts";
import type { Clock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import { newId } from "#platform/id.ts";
import type { Logger } from "#platform/logger.ts";
import { markVerified } from "./account-store.ts";
import { guardStorage } from "./engine-storage.ts";
import type { Passwords } from "./passwords.ts";
import type { SessionCookie } from "./session-cookie.ts";

/** What better-auth is told when it is built. */
export interface EngineOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly publicUrl: string;
  /** Made of the server's secret keys, the signing one first. */
  readonly secrets: readonly string[];
  readonly cookie: SessionCookie;
  readonly passwords: Passwords;
  readonly log: Logger;
  readonly onSessionsEnded: () => Promise<void>;
  readonly mails: {
    verify(user: { email: string }, token: string): Promise<void>;
    alreadyRegistered(user: { email: string; name: string }): Promise<void>;
    reset(user: { email: string }, token: string): Promise<void>;
  };
}

export const PASSWORD_LENGTH_MIN = 10;
export const PASSWORD_LENGTH_MAX = 128;
export const LINK_GOOD_SECONDS = 3600;
const SESSION_DAYS = 30;
const DAY_SECONDS = 86_400;

export type Engine = Awaited<ReturnType<typeof loadEngine>>;

/**
 * better-auth over our tables, cookies, passwords and mails. It and all it needs are loaded here,
 * which takes some hundred milliseconds: nothing but the first request about accounts calls this.
 * Source: docs/decisions/0013-accounts-on-better-auth.md
 */
export async function loadEngine(options: EngineOptions) {
  const [{ betterAuth }, { APIError, createEmailVerificationToken }, { kyselyAdapter }, plugins] =
    await Promise.all([
      import("better-auth"),
      import("better-auth/api"),
      import("@better-auth/kysely-adapter"),
      loadPlugins(options),
    ]);
  const { database, clock, cookie, publicUrl, mails } = options;
  const [secret] = options.secrets;
  assert(secret !== undefined, "there is a key to sign with");
  const storage = kyselyAdapter(database.kysely.withSchema("accounts"), { type: "postgres" });
  const auth = betterAuth({
    appName: "Tessera",
    baseURL: publicUrl,
    secrets: options.secrets.map((value) => ({ version: versionOf(value), value })),
    database: (given: Parameters<typeof storage>[0]) =>
      guardStorage(storage(given), {
        clock,
        onSessionsEnded: options.onSessionsEnded,
        refusal: (code, cause) =>
          Object.assign(new APIError("SERVICE_UNAVAILABLE", { code, message: code }), { cause }),
      }),
    advanced: {
      cookiePrefix: cookie.prefix,
      useSecureCookies: false,
      defaultCookieAttributes: { secure: cookie.isSecure, httpOnly: true, sameSite: "lax" },
      // Its own handler is not reachable; who may send what is decided at our edge (platform/http/identification.ts).
      disableCSRFCheck: true,
      disableOriginCheck: true,
      ipAddress: { disableIpTracking: true },
      database: { generateId: () => newId(clock) },
    },
    emailAndPassword: {
      enabled: true,
      autoSignIn: false,
      requireEmailVerification: true,
      minPasswordLength: PASSWORD_LENGTH_MIN,
      maxPasswordLength: PASSWORD_LENGTH_MAX,
      password: options.passwords,
      resetPasswordTokenExpiresIn: LINK_GOOD_SECONDS,
      revokeSessionsOnPasswordReset: true,
      sendResetPassword: ({ user, token }) => mails.reset(user, token),
      onExistingUserSignUp: ({ user }) => mails.alreadyRegistered(user),
      onPasswordReset: ({ user }) => markVerified(database.kysely, user.id),
    },
    emailVerification: {
      expiresIn: LINK_GOOD_SECONDS,
      sendVerificationEmail: ({ user, token }) => mails.verify(user, token),
    },
    session: {
      modelName: "session",
      expiresIn: SESSION_DAYS * DAY_SECONDS,
      disableSessionRefresh: true,
      freshAge: DAY_SECONDS,
      fields: { userId: "user_id", userAgent: "user_agent", expiresAt: "expires_at", ...TIMES },
    },
    user: { modelName: "registered_user", fields: { emailVerified: "email_verified", ...TIMES } },
    account: { modelName: "credential", fields: CREDENTIAL_FIELDS },
    verification: {
      storeIdentifier: "hashed",
      fields: { expiresAt: "expires_at", ...TIMES },
    },
    plugins,
    telemetry: { enabled: false },
    logger: { level: "error", log: (_level, _message, ...about) => tell(options.log, about) },
  });
  return {
    api: auth.api,
    verificationToken: (email: string) =>
      createEmailVerificationToken(secret, email, undefined, LINK_GOOD_SECONDS),
  };
}

async function loadPlugins({ publicUrl }: EngineOptions) {
  const [{ username }, { twoFactor }, { passkey }, { APIError }] = await Promise.all([
    import("better-auth/plugins/username"),
    import("better-auth/plugins/two-factor"),
    import("@better-auth/passkey"),
    import("better-auth/api"),
  ]);
  // A passkey stands for password and second factor: the device must have asked who holds it.
  const refuseUnverifiedUser = (isVerified: boolean | undefined) => {
    if (isVerified !== true) throw new APIError("UNAUTHORIZED", { code: "AUTHENTICATION_FAILED" });
  };
  return together(
    username({ displayUsername: false }),
    twoFactor({
      issuer: "Tessera",
      schema: {
        user: { fields: { twoFactorEnabled: "two_factor_enabled" } },
        twoFactor: { modelName: "second_factor", fields: SECOND_FACTOR_FIELDS },
      },
    }),
    passkey({
      rpID: new URL(publicUrl).hostname,
      rpName: "Tessera",
      origin: publicUrl,
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
      advanced: { webAuthnChallengeCookie: "passkey" },
      registration: {
        afterVerification: ({ verification }) =>
          refuseUnverifiedUser(verification.registrationInfo?.userVerified),
      },
      authentication: {
        afterVerification: ({ verification }) =>
          refuseUnverifiedUser(verification.authenticationInfo.userVerified),
      },
      schema: { passkey: { modelName: "passkey", fields: PASSKEY_FIELDS } },
    }),
  );
}

/** A list that keeps the type of each, which is how the engine's calls get theirs. */
function together<Plugins extends unknown[]>(...plugins: Plugins): Plugins {
  return plugins;
}

const TIMES = { createdAt: "created_at", updatedAt: "updated_at" } as const;
const CREDENTIAL_FIELDS = {
  userId: "user_id",
  accountId: "account_id",
  providerId: "provider_id",
  accessToken: "access_token",
  refreshToken: "refresh_token",
  idToken: "id_token",
  accessTokenExpiresAt: "access_token_expires_at",
  refreshTokenExpiresAt: "refresh_token_expires_at",
  ...TIMES,
} as const;
const SECOND_FACTOR_FIELDS = {
  userId: "user_id",
  backupCodes: "backup_codes",
  failedVerificationCount: "failed_verification_count",
  lockedUntil: "locked_until",
};
const PASSKEY_FIELDS = {
  userId: "user_id",
  publicKey: "public_key",
  credentialID: "credential_id",
  deviceType: "device_type",
  backedUp: "backed_up",
  createdAt: "created_at",
};

/** What was encrypted names the key it needs by a number, which must not change when keys are put before it. */
function versionOf(secret: string): number {
  return Number.parseInt(hash("sha256", secret, "hex").slice(0, 7), 16);
}

/**
 * What it calls an error is mostly what somebody sent; what matters it throws as well. Its messages hold
 * addresses and challenges, and a stack begins with the message: only the kind of error and its place are said.
 */
function tell(log: Logger, about: readonly unknown[]): void {
  const error = about.find((one) => one instanceof Error);
  const place = /^ +at .*/m.exec(error?.stack ?? "")?.[0].trim();
  log.debug({ kind: error?.name, place }, "better-auth reports an error");
}
