import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { userOf } from "#platform/http/identification.ts";
import { problems } from "#platform/http/schemas.ts";
import { PASSWORD_LIMITS } from "./account-limits.ts";
import { Nothing, PasswordAgain, SecondFactorView, TotpCode } from "./account-schemas.ts";
import { type AccountsContext, engineHeaders } from "./ask-engine.ts";
import { beginSecondFactor, confirmSecondFactor, endSecondFactor } from "./second-factor.ts";

const FOR_USERS = { requires: ["user"], cookies: true } as const;

/** Turning the second factor on and off. */
export function secondFactorRoutes(context: AccountsContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.post(
      "/auth/second-factor",
      {
        config: { ...FOR_USERS, limits: PASSWORD_LIMITS },
        schema: {
          operationId: "beginSecondFactor",
          tags: ["Accounts"],
          summary: "Get a secret for an app and recovery codes; asked for once confirmed",
          body: PasswordAgain,
          response: { 200: SecondFactorView, ...problems(401, 403, 409, 422) },
        },
      },
      async (request) => {
        const given = await beginSecondFactor(
          context,
          engineHeaders(request),
          request.body.password,
        );
        return { ...given, recovery_codes: [...given.recovery_codes] };
      },
    );
    server.post(
      "/auth/second-factor/confirm",
      {
        config: { ...FOR_USERS, limits: PASSWORD_LIMITS },
        schema: {
          operationId: "confirmSecondFactor",
          tags: ["Accounts"],
          summary: "Turn the second factor on by a code of the app",
          body: TotpCode,
          response: { 204: Nothing, ...problems(401, 403, 409, 422) },
        },
      },
      async (request, reply) => {
        const { userId } = userOf(request);
        const { code } = request.body;
        const cookies = await confirmSecondFactor(context, engineHeaders(request), {
          userId,
          code,
        });
        return reply.header("set-cookie", cookies).code(204).send();
      },
    );
    server.post(
      "/auth/second-factor/disable",
      {
        config: { ...FOR_USERS, limits: PASSWORD_LIMITS },
        schema: {
          operationId: "endSecondFactor",
          tags: ["Accounts"],
          summary: "Turn the second factor off",
          body: PasswordAgain,
          response: { 204: Nothing, ...problems(401, 403, 422) },
        },
      },
      async (request, reply) => {
        const { password } = request.body;
        const cookies = await endSecondFactor(context, engineHeaders(request), password);
        return reply.header("set-cookie", cookies).code(204).send();
      },
    );
  };
}
