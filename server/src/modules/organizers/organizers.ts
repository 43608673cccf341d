import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { Bus } from "#platform/bus/bus.ts";
import type { IdentityReader } from "#platform/http/identification.ts";
import type { CapabilityTokens } from "#platform/tokens/capability.ts";
import { apiKeyRoutes } from "./api-key-routes.ts";
import { createApiKeys } from "./api-keys.ts";
import { type Audit, createAudit } from "./audit.ts";
import { auditRoutes } from "./audit-routes.ts";
import { doorPassQrRoutes } from "./door-pass-qr-routes.ts";
import { doorPassRoutes, type EventsPort } from "./door-pass-routes.ts";
import { createDoorPasses } from "./door-passes.ts";
import { createIdentities, type SessionPort } from "./identities.ts";
import { invitationRoutes } from "./invitation-routes.ts";
import { deleteExpiredInvitations } from "./invitation-store.ts";
import { createApiKeyMaker } from "./make-api-key.ts";
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
  /** Door passes and the record of acts of events, which stand above this module. */
  eventRoutes(events: EventsPort): FastifyPluginAsyncTypebox;
  /** Writes down when API keys were last used. Due every minute in every process, and at its end. */
  noteKeyUses(): Promise<void>;
}

export interface OrganizersOptions extends Omit<OrganizersContext, "memberships" | "audit"> {
  readonly bus: Bus;
  readonly sessions: SessionPort;
  readonly tokens: CapabilityTokens;
  readonly secretKeys: readonly Buffer[];
}

export async function createOrganizers(options: OrganizersOptions): Promise<Organizers> {
  const { database, clock, sessions } = options;
  const memberships = await createMemberships(options);
  const audit = createAudit(database, clock);
  const keys = await createApiKeys(options);
  const passes = await createDoorPasses(options);
  const maker = createApiKeyMaker(options.secretKeys);
  const context: OrganizersContext = { ...options, memberships, audit };
  return {
    identities: createIdentities({ sessions, memberships, keys, passes }),
    audit,
    routes: async (server) => {
      await server.register(organizerRoutes(context));
      await server.register(memberRoutes(context));
      await server.register(invitationRoutes(context));
      await server.register(apiKeyRoutes({ ...options, audit, keys, maker }));
    },
    eventRoutes:
      ({ authorize }) =>
      async (server) => {
        await server.register(doorPassRoutes({ ...options, audit, passes, authorize }));
        await server.register(doorPassQrRoutes({ ...options, authorize }));
        await server.register(auditRoutes({ ...options, authorize }));
      },
    noteKeyUses: () => keys.noteUses(),
    forgetExpired: () => deleteExpiredInvitations(database.kysely, clock),
  };
}
