import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import { assert } from "#platform/assert.ts";
import { userOf } from "#platform/http/identification.ts";
import { idParam } from "#platform/http/ids.ts";
import { notFound, Problem } from "#platform/http/problem.ts";
import { problems } from "#platform/http/schemas.ts";
import {
  NewPasskey,
  Nothing,
  PasskeyChange,
  PasskeyList,
  PasskeyView,
  WebAuthnOptions,
} from "./account-schemas.ts";
import { deletePasskey, listPasskeys, renamePasskey } from "./account-store.ts";
import { passkeyView } from "./account-views.ts";
import { type AccountsContext, engineHeaders } from "./ask-engine.ts";
import { addPasskey, beginPasskey } from "./passkeys.ts";

const Params = Type.Object({ id: Type.String() });
const FOR_USERS = { requires: ["user"], cookies: true } as const;

/** The passkeys of whoever is logged in. */
export function passkeyRoutes(context: AccountsContext): FastifyPluginAsyncTypebox {
  const { database } = context;
  return async (server) => {
    server.post(
      "/auth/passkeys/options",
      {
        config: FOR_USERS,
        schema: {
          operationId: "beginPasskey",
          tags: ["Accounts"],
          summary: "Begin to add a passkey",
          response: { 200: WebAuthnOptions, ...problems(401, 403) },
        },
      },
      async (request, reply) => {
        const { options, cookies } = await beginPasskey(context, engineHeaders(request));
        reply.header("set-cookie", cookies);
        return options;
      },
    );
    server.post(
      "/auth/passkeys",
      {
        config: FOR_USERS,
        schema: {
          operationId: "addPasskey",
          tags: ["Accounts"],
          summary: "Add a passkey by what the browser made",
          body: NewPasskey,
          response: { 201: PasskeyView, ...problems(401, 403, 422) },
        },
      },
      async (request, reply) => {
        const added = await addPasskey(context, engineHeaders(request), request.body);
        const passkeys = await listPasskeys(database.kysely, userOf(request).userId);
        const passkey = passkeys.find(({ id }) => id === added);
        assert(passkey !== undefined, "a passkey that was added is there");
        return reply.code(201).send(passkeyView(passkey));
      },
    );
    await server.register(keptPasskeyRoutes(context));
  };
}

function keptPasskeyRoutes({ database }: AccountsContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.get(
      "/auth/passkeys",
      {
        config: FOR_USERS,
        schema: {
          operationId: "listPasskeys",
          tags: ["Accounts"],
          summary: "The passkeys one has",
          response: { 200: PasskeyList, ...problems(401) },
        },
      },
      async (request) => {
        const rows = await listPasskeys(database.kysely, userOf(request).userId);
        return { data: rows.map(passkeyView) };
      },
    );
    server.patch(
      "/auth/passkeys/:id",
      {
        config: FOR_USERS,
        schema: {
          operationId: "renamePasskey",
          tags: ["Accounts"],
          summary: "Give a passkey another name",
          params: Params,
          body: PasskeyChange,
          response: { 200: PasskeyView, ...problems(400, 401, 403, 404, 422) },
        },
      },
      async (request) => {
        const id = idParam("psk", request.params.id);
        const { userId } = userOf(request);
        const passkey = await renamePasskey(database.kysely, userId, id, request.body.name);
        if (passkey === null) throw noSuchPasskey();
        return passkeyView(passkey);
      },
    );
    server.delete(
      "/auth/passkeys/:id",
      {
        config: FOR_USERS,
        schema: {
          operationId: "deletePasskey",
          tags: ["Accounts"],
          summary: "Delete a passkey",
          params: Params,
          response: { 204: Nothing, ...problems(400, 401, 403, 404) },
        },
      },
      async (request, reply) => {
        const id = idParam("psk", request.params.id);
        if (!(await deletePasskey(database.kysely, userOf(request).userId, id))) {
          throw noSuchPasskey();
        }
        return reply.code(204).send();
      },
    );
  };
}

function noSuchPasskey(): Problem {
  return new Problem(notFound, "You have no such passkey.");
}
