import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyReply } from "fastify";
import { problems } from "#platform/http/schemas.ts";
import type { Id } from "#platform/id.ts";
import { GUESS_LIMITS, LOGIN_LIMITS } from "./account-limits.ts";
import {
  Login,
  LoginView,
  PasskeyLogin,
  SecondFactor,
  WebAuthnOptions,
} from "./account-schemas.ts";
import { findUser } from "./account-store.ts";
import { userView } from "./account-views.ts";
import { type AccountsContext, engineHeaders } from "./ask-engine.ts";
import { giveSecondFactor, logIn, type Step } from "./log-in.ts";
import { beginPasskeyLogin, logInByPasskey } from "./passkeys.ts";

const OPEN = { requires: [], cookies: true } as const;

/** The ways to a session. */
export function loginRoutes(context: AccountsContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.post(
      "/auth/login",
      {
        config: { ...OPEN, limits: LOGIN_LIMITS },
        schema: {
          operationId: "logIn",
          tags: ["Accounts"],
          summary: "Log in by user name or address and password",
          body: Login,
          response: { 200: LoginView, ...problems(401, 403, 422) },
        },
      },
      async (request, reply) =>
        answer(context, reply, await logIn(context, engineHeaders(request), request.body)),
    );
    server.post(
      "/auth/login/second-factor",
      {
        config: { ...OPEN, limits: GUESS_LIMITS },
        schema: {
          operationId: "giveSecondFactor",
          tags: ["Accounts"],
          summary: "Go on logging in by a code of the app, or a recovery code",
          body: SecondFactor,
          response: { 200: LoginView, ...problems(401, 403, 422, 429) },
        },
      },
      async (request, reply) =>
        answer(
          context,
          reply,
          await giveSecondFactor(context, engineHeaders(request), request.body),
        ),
    );
    server.post(
      "/auth/login/passkey-options",
      {
        config: { ...OPEN, limits: GUESS_LIMITS },
        schema: {
          operationId: "beginPasskeyLogin",
          tags: ["Accounts"],
          summary: "Begin to log in by a passkey",
          response: { 200: WebAuthnOptions, ...problems(403) },
        },
      },
      async (request, reply) => {
        const { options, cookies } = await beginPasskeyLogin(context, engineHeaders(request));
        reply.header("set-cookie", cookies);
        return options;
      },
    );
    server.post(
      "/auth/login/passkey",
      {
        config: { ...OPEN, limits: GUESS_LIMITS },
        schema: {
          operationId: "logInByPasskey",
          tags: ["Accounts"],
          summary: "Log in by what the passkey answered",
          body: PasskeyLogin,
          response: { 200: LoginView, ...problems(403, 422) },
        },
      },
      async (request, reply) => {
        const headers = engineHeaders(request);
        return answer(
          context,
          reply,
          await logInByPasskey(context, headers, request.body.response),
        );
      },
    );
  };
}

async function answer({ database }: AccountsContext, reply: FastifyReply, step: Step) {
  reply.header("set-cookie", step.cookies);
  if (step.userId === null) return { user: null, second_factor_needed: true };
  const user = await findUser(database.kysely, step.userId as Id<"usr">);
  return { user: user && userView(user), second_factor_needed: false };
}
