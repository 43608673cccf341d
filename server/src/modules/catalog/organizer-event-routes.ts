import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import { decideOnOrganizer, reachOf } from "#modules/organizers/index.ts";
import { callerOf } from "#platform/http/authentication.ts";
import { idParam } from "#platform/http/ids.ts";
import { problems } from "#platform/http/schemas.ts";
import type { CapabilityTokens } from "#platform/tokens/capability.ts";
import { answerEdit, type CatalogRoutesContext, readerOf } from "./catalog-requests.ts";
import { EventClaim, EventView } from "./catalog-schemas.ts";
import { eventView } from "./catalog-views.ts";
import { claimEvent, eventOfToken } from "./claim-event.ts";
import { readContent } from "./read-event.ts";

const Params = Type.Object({ id: Type.String() });

export interface OrganizerEventRoutesContext extends CatalogRoutesContext {
  readonly tokens: CapabilityTokens;
}

/** What an organizer does about events as a whole. */
export function organizerEventRoutes(
  context: OrganizerEventRoutesContext,
): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.post(
      "/organizers/:id/claim-event",
      {
        config: { requires: ["event:write"] },
        schema: {
          operationId: "claimEvent",
          tags: ["Organizers"],
          summary: "Make an anonymous event the organizer's; its token stops working",
          params: Params,
          body: EventClaim,
          response: { 200: EventView, ...problems(400, 401, 403, 404, 409, 422) },
        },
      },
      async (request, reply) => {
        const organizerId = idParam("org", request.params.id);
        decideOnOrganizer(callerOf(request), organizerId);
        const claimed = eventOfToken(context.tokens, request.body.event_token);
        const availability = await context.sales.availabilityOf(claimed.eventId);
        return answerEdit(context, request, reply, {
          status: 200,
          reach: { ...reachOf(callerOf(request)), events: [claimed.eventId] },
          work: async (transaction) => {
            const { event } = await claimEvent(context, transaction, { ...claimed, organizerId });
            const content = await readContent(transaction, event);
            const reader = readerOf(context, request, reply, event);
            return { event, body: eventView(content, availability, reader) };
          },
        });
      },
    );
  };
}
