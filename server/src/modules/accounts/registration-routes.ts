import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyRequest } from "fastify";
import { problems } from "#platform/http/schemas.ts";
import { acceptedLanguages } from "#platform/text.ts";
import { GUESS_LIMITS, MAIL_LIMITS, REGISTER_LIMITS } from "./account-limits.ts";
import { inLanguage } from "./account-mails.ts";
import {
  EmailAddress,
  EmailToken,
  NewPasswordByToken,
  Nothing,
  Registration,
} from "./account-schemas.ts";
import type { AccountsContext } from "./ask-engine.ts";
import { register } from "./register.ts";
import { requestReset, resetPassword } from "./reset-password.ts";
import { resendVerification, verifyEmail } from "./verify-email.ts";

const OPEN = { requires: [], cookies: true } as const;

/** What somebody without a session asks for: an account, and links by mail. */
export function registrationRoutes(context: AccountsContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.post(
      "/auth/register",
      {
        config: { ...OPEN, limits: REGISTER_LIMITS },
        schema: {
          operationId: "register",
          tags: ["Accounts"],
          summary: "Make an account; a link by mail verifies the address",
          description: "Answered the same whether or not the address has an account already.",
          body: Registration,
          response: { 202: Nothing, ...problems(403, 409, 422) },
        },
      },
      async (request, reply) => {
        await inLanguage(languagesOf(request), () => register(context, request.body));
        return reply.code(202).send();
      },
    );
    server.post(
      "/auth/verify-email",
      {
        config: { ...OPEN, limits: GUESS_LIMITS },
        schema: {
          operationId: "verifyEmail",
          tags: ["Accounts"],
          summary: "Verify an address by the token of the link",
          body: EmailToken,
          response: { 204: Nothing, ...problems(403, 410, 422) },
        },
      },
      async (request, reply) => {
        await verifyEmail(context, request.body.token);
        return reply.code(204).send();
      },
    );
    await server.register(resetRoutes(context));
  };
}

/** Links that are sent again or anew: always accepted, done after the answer. */
function resetRoutes(context: AccountsContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.post(
      "/auth/resend-verification",
      {
        config: { ...OPEN, limits: MAIL_LIMITS },
        schema: {
          operationId: "resendVerification",
          tags: ["Accounts"],
          summary: "Send the link that verifies an address again, if there is need",
          body: EmailAddress,
          response: { 202: Nothing, ...problems(403, 422, 503) },
        },
      },
      (request, reply) => {
        const languages = languagesOf(request);
        const { email } = request.body;
        context.later.run(() => inLanguage(languages, () => resendVerification(context, email)));
        return reply.code(202).send();
      },
    );
    server.post(
      "/auth/request-reset",
      {
        config: { ...OPEN, limits: MAIL_LIMITS },
        schema: {
          operationId: "requestPasswordReset",
          tags: ["Accounts"],
          summary: "Send a link to set a new password, if the address has an account",
          body: EmailAddress,
          response: { 202: Nothing, ...problems(403, 422, 503) },
        },
      },
      (request, reply) => {
        const languages = languagesOf(request);
        const { email } = request.body;
        context.later.run(() => inLanguage(languages, () => requestReset(context, email)));
        return reply.code(202).send();
      },
    );
    server.post(
      "/auth/reset",
      {
        config: { ...OPEN, limits: GUESS_LIMITS },
        schema: {
          operationId: "resetPassword",
          tags: ["Accounts"],
          summary: "Set a new password by the token of the link; all sessions end",
          body: NewPasswordByToken,
          response: { 204: Nothing, ...problems(403, 410, 422) },
        },
      },
      async (request, reply) => {
        await resetPassword(context, request.body);
        return reply.code(204).send();
      },
    );
  };
}

function languagesOf({ headers }: FastifyRequest): readonly string[] {
  return acceptedLanguages(headers["accept-language"]);
}
