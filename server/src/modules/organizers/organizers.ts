import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { Bus } from "#platform/bus/bus.ts";
import type { IdentityReader } from "#platform/http/identification.ts";
import { type Audit, createAudit } from "./audit.ts";
import { createIdentities, type SessionPort } from "./identities.ts";
import { invitationRoutes } from "./invitation-routes.ts";
import { deleteExpiredInvitations } from "./invitation-store.ts";
import { memberRoutes } from "./member-routes.ts";
import { createMemberships } from "./memberships.ts";
import type { OrganizersContext } from "./organizer-requests.ts";
import { organizerRoutes } from "./organizer-routes.ts";

/** Organizers, their members, and who may do what. */
export interface Organizers {
  /** Who asks, for the HTTP server. */
  readonly identities: IdentityReader;
  readonly audit: Audit;
  readonly routes: FastifyPluginAsyncTypebox;
  /** Deletes invitations past their time. */
  forgetExpired(): Promise<void>;
}

export interface OrganizersOptions extends Omit<OrganizersContext, "memberships" | "audit"> {
  readonly bus: Bus;
  readonly sessions: SessionPort;
}

export async function createOrganizers(options: OrganizersOptions): Promise<Organizers> {
  const { database, clock, sessions } = options;
  const memberships = await createMemberships(options);
  const audit = createAudit(database, clock);
  const context: OrganizersContext = { ...options, memberships, audit };
  return {
    identities: createIdentities({ sessions, memberships }),
    audit,
    routes: async (server) => {
      await server.register(organizerRoutes(context));
      await server.register(memberRoutes(context));
      await server.register(invitationRoutes(context));
    },
    forgetExpired: () => deleteExpiredInvitations(database.kysely, clock),
  };
}
