import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import type { Transaction } from "#platform/database/database.ts";
import { inReach } from "#platform/database/reach.ts";
import { idParam } from "#platform/http/ids.ts";
import { PageQuery, type Part, pageById } from "#platform/http/pagination.ts";
import { notFound, Problem } from "#platform/http/problem.ts";
import { problems } from "#platform/http/schemas.ts";
import { formatId } from "#platform/id.ts";
import { changeMember, removeMember, transferOrganizer } from "./change-member.ts";
import {
  answerOrganizerEdit,
  type OrganizersContext,
  organizerOf,
  withinReach,
} from "./organizer-requests.ts";
import { MemberChange, MemberPage, MemberView, Nothing, Transfer } from "./organizer-schemas.ts";
import { listMembers, type MemberRow } from "./organizer-store.ts";
import { memberView } from "./organizer-views.ts";
import { reachOf } from "./reach-of.ts";

const Params = Type.Object({ id: Type.String() });
const MemberParams = Type.Object({ id: Type.String(), user_id: Type.String() });

/** Who is in an organizer, and as what. */
export function memberRoutes(context: OrganizersContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.get(
      "/organizers/:id/members",
      {
        config: { requires: ["member:read"] },
        schema: {
          operationId: "listMembers",
          tags: ["Organizers"],
          summary: "The members of an organizer",
          params: Params,
          querystring: Type.Object(PageQuery),
          response: { 200: MemberPage, ...problems(400, 401, 403, 404, 422) },
        },
      },
      (request) => {
        const { organizerId, caller } = organizerOf(request);
        const find = async (part: Part<"usr">) => {
          const members = await inReach(context.database, reachOf(caller), (transaction) =>
            listMembers(transaction, organizerId, part),
          );
          const userIds = members.map((member) => member.user_id);
          const names = await context.users.namesOf(context.database.kysely, userIds);
          return members.map((member) => ({ member, name: names.get(member.user_id) ?? "" }));
        };
        return pageById(request.query, {
          find,
          idOf: ({ member }) => member.user_id,
          view: ({ member, name }) => memberView(member, name),
        });
      },
    );
    await server.register(oneMemberRoutes(context));
    await server.register(ownRoutes(context));
  };
}

function oneMemberRoutes(context: OrganizersContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.patch(
      "/organizers/:id/members/:user_id",
      {
        config: { requires: ["member:write"] },
        schema: {
          operationId: "changeMember",
          tags: ["Organizers"],
          summary: "Give a member another role",
          params: MemberParams,
          body: MemberChange,
          response: { 200: MemberView, ...problems(400, 401, 403, 404, 409, 422) },
        },
      },
      (request, reply) => {
        const { organizerId } = organizerOf(request);
        const userId = idParam("usr", request.params.user_id);
        const { role } = request.body;
        const change = withinReach(request, (transaction) =>
          changeMember(transaction, { organizerId, userId, role }),
        );
        return answerOrganizerEdit(context, request, reply, 200, async (transaction) => {
          const member = await change(transaction);
          const subject = formatId("usr", userId);
          const body = await viewOf(context, transaction, member);
          return { organizerId, body, changed: [userId], subject, details: { role } };
        });
      },
    );
    server.delete(
      "/organizers/:id/members/:user_id",
      {
        config: { requires: ["member:write"] },
        schema: {
          operationId: "removeMember",
          tags: ["Organizers"],
          summary: "Take a member out of an organizer",
          params: MemberParams,
          response: { 204: Nothing, ...problems(400, 401, 403, 404, 409) },
        },
      },
      (request, reply) => {
        const { organizerId } = organizerOf(request);
        const userId = idParam("usr", request.params.user_id);
        const remove = withinReach(request, (transaction) =>
          removeMember(transaction, { organizerId, userId }),
        );
        return answerOrganizerEdit(context, request, reply, 204, async (transaction) => {
          await remove(transaction);
          const subject = formatId("usr", userId);
          return { organizerId, body: null, changed: [userId], subject };
        });
      },
    );
  };
}

/** What one does about one's own place: hand over what one owns, or leave. */
function ownRoutes(context: OrganizersContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.post(
      "/organizers/:id/transfer",
      {
        config: { requires: ["organizer:write", "member:write"] },
        schema: {
          operationId: "transferOrganizer",
          tags: ["Organizers"],
          summary: "Make another member the owner; who was it is a manager then",
          params: Params,
          body: Transfer,
          response: { 200: MemberView, ...problems(400, 401, 403, 404, 409, 422) },
        },
      },
      (request, reply) => {
        const { organizerId, caller } = organizerOf(request);
        const userId = idParam("usr", request.body.user_id);
        const transfer = withinReach(request, (transaction) =>
          transferOrganizer(transaction, { organizerId, userId }),
        );
        return answerOrganizerEdit(context, request, reply, 200, async (transaction) => {
          const member = await transfer(transaction);
          const former = caller.principal.kind === "user" ? [caller.principal.userId] : [];
          const body = await viewOf(context, transaction, member);
          const subject = formatId("usr", userId);
          return { organizerId, body, changed: [userId, ...former], subject };
        });
      },
    );
    server.post(
      "/organizers/:id/leave",
      {
        config: { requires: ["organizer:read"] },
        schema: {
          operationId: "leaveOrganizer",
          tags: ["Organizers"],
          summary: "Be no member any more; the owner hands the organizer over first",
          params: Params,
          response: { 204: Nothing, ...problems(400, 401, 403, 404, 409) },
        },
      },
      (request, reply) => {
        const { organizerId, caller } = organizerOf(request);
        const { principal } = caller;
        if (principal.kind !== "user") throw new Problem(notFound, "An API key is no member.");
        const { userId } = principal;
        const remove = withinReach(request, (transaction) =>
          removeMember(transaction, { organizerId, userId }),
        );
        return answerOrganizerEdit(context, request, reply, 204, async (transaction) => {
          await remove(transaction);
          const subject = formatId("usr", userId);
          return { organizerId, body: null, changed: [userId], subject };
        });
      },
    );
  };
}

async function viewOf({ users }: OrganizersContext, transaction: Transaction, member: MemberRow) {
  const names = await users.namesOf(transaction, [member.user_id]);
  return memberView(member, names.get(member.user_id) ?? "");
}
