import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import { credentialsNeeded } from "#platform/http/authentication.ts";
import { userOf } from "#platform/http/identification.ts";
import { idParam } from "#platform/http/ids.ts";
import { notFound, Problem } from "#platform/http/problem.ts";
import { problems } from "#platform/http/schemas.ts";
import { PASSWORD_LIMITS } from "./account-limits.ts";
import { Nothing, PasswordChange, SessionList, UserView } from "./account-schemas.ts";
import {
  deleteSession,
  deleteSessionByToken,
  deleteSessions,
  findUser,
  listSessions,
} from "./account-store.ts";
import { sessionView, userView } from "./account-views.ts";
import { type AccountsContext, engineHeaders } from "./ask-engine.ts";
import { changePassword } from "./change-password.ts";
import { digestOf } from "./session-cookie.ts";

const Params = Type.Object({ id: Type.String() });
const OPEN = { requires: [], cookies: true } as const;
const FOR_USERS = { requires: ["user"], cookies: true } as const;

/** Who one is, the password, and the sessions that there are. */
export function sessionRoutes(context: AccountsContext): FastifyPluginAsyncTypebox {
  const { database, cookie, sessions } = context;
  return async (server) => {
    server.get(
      "/auth/me",
      {
        config: FOR_USERS,
        schema: {
          operationId: "readMe",
          tags: ["Accounts"],
          summary: "Who is logged in",
          response: { 200: UserView, ...problems(401) },
        },
      },
      async (request) => {
        const user = await findUser(database.kysely, userOf(request).userId);
        if (user === null) throw credentialsNeeded();
        return userView(user);
      },
    );
    server.post(
      "/auth/logout",
      {
        config: OPEN,
        schema: {
          operationId: "logOut",
          tags: ["Accounts"],
          summary: "End this session; without one, nothing happens",
          response: { 204: Nothing, ...problems(403) },
        },
      },
      async (request, reply) => {
        const token = cookie.tokenIn(request.headers.cookie ?? "");
        if (token !== null) {
          await deleteSessionByToken(database.kysely, digestOf(token));
          await sessions.ended();
        }
        return reply.header("set-cookie", cookie.cleared).code(204).send();
      },
    );
    server.post(
      "/auth/change-password",
      {
        config: { ...FOR_USERS, limits: PASSWORD_LIMITS },
        schema: {
          operationId: "changePassword",
          tags: ["Accounts"],
          summary: "Change the password; every other session ends",
          body: PasswordChange,
          response: { 204: Nothing, ...problems(401, 403, 422) },
        },
      },
      async (request, reply) => {
        const cookies = await changePassword(context, engineHeaders(request), request.body);
        return reply.header("set-cookie", cookies).code(204).send();
      },
    );
    await server.register(sessionListRoutes(context));
  };
}

function sessionListRoutes({
  database,
  clock,
  cookie,
  sessions,
}: AccountsContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.get(
      "/auth/sessions",
      {
        config: FOR_USERS,
        schema: {
          operationId: "listSessions",
          tags: ["Accounts"],
          summary: "Where one is logged in, the newest first",
          response: { 200: SessionList, ...problems(401) },
        },
      },
      async (request) => {
        const { userId, sessionId } = userOf(request);
        const rows = await listSessions(database.kysely, clock, userId);
        return { data: rows.map((row) => sessionView(row, sessionId)) };
      },
    );
    server.delete(
      "/auth/sessions/:id",
      {
        config: FOR_USERS,
        schema: {
          operationId: "endSession",
          tags: ["Accounts"],
          summary: "End one session",
          params: Params,
          response: { 204: Nothing, ...problems(400, 401, 403, 404) },
        },
      },
      async (request, reply) => {
        const id = idParam("ses", request.params.id);
        if (!(await deleteSession(database.kysely, userOf(request).userId, id))) {
          throw new Problem(notFound, "You have no such session.");
        }
        await sessions.ended();
        return reply.code(204).send();
      },
    );
    server.delete(
      "/auth/sessions",
      {
        config: FOR_USERS,
        schema: {
          operationId: "endSessions",
          tags: ["Accounts"],
          summary: "End all sessions, this one too",
          response: { 204: Nothing, ...problems(401, 403) },
        },
      },
      async (request, reply) => {
        await deleteSessions(database.kysely, userOf(request).userId);
        await sessions.ended();
        return reply.header("set-cookie", cookie.cleared).code(204).send();
      },
    );
  };
}
