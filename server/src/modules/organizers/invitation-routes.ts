import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import { assert } from "#platform/assert.ts";
import { inReach } from "#platform/database/reach.ts";
import { userOf } from "#platform/http/identification.ts";
import { idParam } from "#platform/http/ids.ts";
import { PageQuery, type Part, pageById } from "#platform/http/pagination.ts";
import { notFound, Problem } from "#platform/http/problem.ts";
import { addressOf, type RouteLimit } from "#platform/http/rate-limits.ts";
import { problems } from "#platform/http/schemas.ts";
import { formatId } from "#platform/id.ts";
import { acceptedLanguages } from "#platform/text.ts";
import { deleteInvitation, listInvitations } from "./invitation-store.ts";
import { acceptInvitation, invite } from "./invite.ts";
import {
  answerOrganizerEdit,
  type OrganizersContext,
  organizerOf,
  withinReach,
} from "./organizer-requests.ts";
import {
  AcceptedInvitation,
  InvitationPage,
  InvitationToken,
  InvitationView,
  NewInvitation,
  Nothing,
} from "./organizer-schemas.ts";
import { invitationView } from "./organizer-views.ts";
import { reachOf } from "./reach-of.ts";

const Params = Type.Object({ id: Type.String() });
const InvitationParams = Type.Object({ id: Type.String(), invitation_id: Type.String() });

/** Mails that an organizer can have sent to anybody. */
const MAIL_LIMITS: readonly RouteLimit[] = [
  {
    name: "invitations",
    requests: 100,
    seconds: 3600,
    of: (request) => (request.params as { id: string }).id,
  },
  {
    name: "invitation-mail",
    requests: 5,
    seconds: 3600,
    of: (request) => (request.body as { email: string }).email.toLowerCase(),
  },
];

const GUESS_LIMITS: readonly RouteLimit[] = [
  { name: "guess", requests: 30, seconds: 900, of: addressOf },
];

/** Inviting people by mail, and accepting it. */
export function invitationRoutes(context: OrganizersContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.post(
      "/organizers/:id/invitations",
      {
        config: { requires: ["member:write"], limits: MAIL_LIMITS },
        schema: {
          operationId: "invite",
          tags: ["Organizers"],
          summary: "Invite somebody by mail; inviting again replaces what was sent before",
          params: Params,
          body: NewInvitation,
          response: { 201: InvitationView, ...problems(400, 401, 403, 404, 409, 422) },
        },
      },
      async (request, reply) => {
        const { organizerId, caller } = organizerOf(request);
        assert(caller.principal.kind === "user", "only users may change members");
        const invitedBy = caller.principal.userId;
        const languages = acceptedLanguages(request.headers["accept-language"]);
        const { email, role } = request.body;
        const given = { organizerId, email, role, invitedBy, languages };
        const body = await answerOrganizerEdit(
          context,
          request,
          reply,
          201,
          async (transaction) => {
            const invitation = invitationView(await invite(context, transaction, given));
            return { organizerId, body: invitation, subject: invitation.id, details: { role } };
          },
        );
        context.outbox.wake();
        return body;
      },
    );
    server.get(
      "/organizers/:id/invitations",
      {
        config: { requires: ["member:write"] },
        schema: {
          operationId: "listInvitations",
          tags: ["Organizers"],
          summary: "The invitations that can be accepted",
          params: Params,
          querystring: Type.Object(PageQuery),
          response: { 200: InvitationPage, ...problems(400, 401, 403, 404, 422) },
        },
      },
      (request) => {
        const { organizerId, caller } = organizerOf(request);
        const { database, clock } = context;
        return pageById(request.query, {
          find: (part: Part<"inv">) =>
            inReach(database, reachOf(caller), (transaction) =>
              listInvitations(transaction, clock, organizerId, part),
            ),
          idOf: (invitation) => invitation.invitation_id,
          view: invitationView,
        });
      },
    );
    await server.register(oneInvitationRoutes(context));
  };
}

function oneInvitationRoutes(context: OrganizersContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.delete(
      "/organizers/:id/invitations/:invitation_id",
      {
        config: { requires: ["member:write"] },
        schema: {
          operationId: "takeInvitationBack",
          tags: ["Organizers"],
          summary: "Take an invitation back: its link is dead",
          params: InvitationParams,
          response: { 204: Nothing, ...problems(400, 401, 403, 404) },
        },
      },
      (request, reply) => {
        const { organizerId } = organizerOf(request);
        const invitationId = idParam("inv", request.params.invitation_id);
        const takeBack = withinReach(request, (transaction) =>
          deleteInvitation(transaction, organizerId, invitationId),
        );
        return answerOrganizerEdit(context, request, reply, 204, async (transaction) => {
          if (!(await takeBack(transaction))) {
            throw new Problem(notFound, "This organizer has no such invitation.");
          }
          return { organizerId, body: null, subject: formatId("inv", invitationId) };
        });
      },
    );
    server.post(
      "/invitations/accept",
      {
        config: { requires: ["user"], limits: GUESS_LIMITS },
        schema: {
          operationId: "acceptInvitation",
          tags: ["Organizers"],
          summary: "Become a member, by the token of the link in the mail",
          body: InvitationToken,
          response: { 200: AcceptedInvitation, ...problems(400, 401, 403, 409, 410, 422) },
        },
      },
      (request, reply) => {
        const { userId } = userOf(request);
        const { token } = request.body;
        return answerOrganizerEdit(context, request, reply, 200, async (transaction) => {
          const accepted = await acceptInvitation(context.clock, transaction, { token, userId });
          const { organizer, role } = accepted;
          const organizerId = organizer.organizer_id;
          const body = {
            organizer: { id: formatId("org", organizerId), name: organizer.name },
            role,
          };
          const subject = formatId("usr", userId);
          return { organizerId, body, changed: [userId], subject, details: { role } };
        });
      },
    );
  };
}
