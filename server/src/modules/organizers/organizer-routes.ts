import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import { assert } from "#platform/assert.ts";
import { inReach } from "#platform/database/reach.ts";
import { callerOf, principalOf } from "#platform/http/authentication.ts";
import { userOf } from "#platform/http/identification.ts";
import { PageQuery, type Part, pageById } from "#platform/http/pagination.ts";
import { problems } from "#platform/http/schemas.ts";
import { formatId, type Id } from "#platform/id.ts";
import { createOrganizer } from "./create-organizer.ts";
import { grantOnOrganizer, noSuchOrganizer } from "./decide.ts";
import {
  answerOrganizerEdit,
  type OrganizersContext,
  organizerOf,
  withinReach,
} from "./organizer-requests.ts";
import {
  NewOrganizer,
  OrganizerChange,
  OrganizerPage,
  OrganizerView,
} from "./organizer-schemas.ts";
import { findOrganizer, listOrganizers, renameOrganizer } from "./organizer-store.ts";
import { organizerView } from "./organizer-views.ts";
import { reachOf } from "./reach-of.ts";
import type { Role } from "./roles.ts";

const Params = Type.Object({ id: Type.String() });

/** Organizers: making, finding and renaming them. */
export function organizerRoutes(context: OrganizersContext): FastifyPluginAsyncTypebox {
  const { database, clock } = context;
  return async (server) => {
    server.post(
      "/organizers",
      {
        config: { requires: ["user"] },
        schema: {
          operationId: "createOrganizer",
          tags: ["Organizers"],
          summary: "Make an organizer; whoever makes it owns it",
          body: NewOrganizer,
          response: { 201: OrganizerView, ...problems(400, 401, 403, 409, 422) },
        },
      },
      (request, reply) => {
        const { userId } = userOf(request);
        return answerOrganizerEdit(context, request, reply, 201, async (transaction) => {
          const given = { name: request.body.name, ownerId: userId };
          const organizer = await createOrganizer(clock, transaction, given);
          const body = organizerView(organizer, "owner");
          const organizerId = organizer.organizer_id;
          return { organizerId, body, changed: [userId], subject: body.id };
        });
      },
    );
    server.get(
      "/organizers",
      {
        config: { requires: ["user"] },
        schema: {
          operationId: "listOrganizers",
          tags: ["Organizers"],
          summary: "The organizers that one is in, the oldest first",
          querystring: Type.Object(PageQuery),
          response: { 200: OrganizerPage, ...problems(401, 422) },
        },
      },
      (request) => {
        const { userId } = userOf(request);
        return pageById(request.query, {
          find: (part: Part<"org">) =>
            inReach(database, reachOf(callerOf(request)), (transaction) =>
              listOrganizers(transaction, userId, part),
            ),
          idOf: (organizer) => organizer.organizer_id,
          view: (organizer) => organizerView(organizer, organizer.role),
        });
      },
    );
    await server.register(oneOrganizerRoutes(context));
  };
}

function oneOrganizerRoutes(context: OrganizersContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.get(
      "/organizers/:id",
      {
        config: { requires: ["organizer:read"] },
        schema: {
          operationId: "readOrganizer",
          tags: ["Organizers"],
          summary: "An organizer, and what one is there",
          params: Params,
          response: { 200: OrganizerView, ...problems(400, 401, 403, 404) },
        },
      },
      async (request) => {
        const { organizerId, caller } = organizerOf(request);
        const organizer = await inReach(context.database, reachOf(caller), (transaction) =>
          findOrganizer(transaction, organizerId),
        );
        assert(organizer !== null, "an organizer that somebody may read is there");
        return organizerView(organizer, roleIn(request, organizerId));
      },
    );
    server.patch(
      "/organizers/:id",
      {
        config: { requires: ["organizer:write"] },
        schema: {
          operationId: "changeOrganizer",
          tags: ["Organizers"],
          summary: "Rename an organizer",
          params: Params,
          body: OrganizerChange,
          response: { 200: OrganizerView, ...problems(400, 401, 403, 404, 409, 422) },
        },
      },
      (request, reply) => {
        const { organizerId } = organizerOf(request);
        const rename = withinReach(request, (transaction) =>
          renameOrganizer(transaction, organizerId, request.body.name),
        );
        return answerOrganizerEdit(context, request, reply, 200, async (transaction) => {
          const organizer = await rename(transaction);
          if (organizer === null) throw noSuchOrganizer();
          const body = organizerView(organizer, roleIn(request, organizerId));
          return { organizerId, body, subject: formatId("org", organizerId) };
        });
      },
    );
  };
}

function roleIn(request: object, organizerId: Id<"org">): Role | null {
  const principal = principalOf(request);
  if (principal.kind !== "user") return null;
  return (grantOnOrganizer(principal, organizerId)?.as ?? null) as Role | null;
}
