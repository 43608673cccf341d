import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { Bus } from "#platform/bus/bus.ts";
import type { Clock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import type { IdentityReader } from "#platform/http/identification.ts";
import type { CapabilityTokens } from "#platform/tokens/capability.ts";
import { apiKeyRoutes } from "./api-key-routes.ts";
import { createApiKeys } from "./api-keys.ts";
import { type Audit, createAudit } from "./audit.ts";
import { doorPassRoutes, type EventsPort } from "./door-pass-routes.ts";
import { createDoorPasses } from "./door-passes.ts";
import { createIdentities, type SessionPort } from "./identities.ts";
import { createApiKeyMaker } from "./make-api-key.ts";
import { createMemberships } from "./memberships.ts";

/** Organizers, their members, and who may do what. */
export interface Organizers {
  /** Who asks, for the HTTP server. */
  readonly identities: IdentityReader;
  readonly audit: Audit;
  readonly routes: FastifyPluginAsyncTypebox;
  /** The door passes of events, which stand above this module. */
  doorPassRoutes(events: EventsPort): FastifyPluginAsyncTypebox;
  /** Writes down when API keys were last used. Due every minute in every process, and at its end. */
  noteKeyUses(): Promise<void>;
}

export interface OrganizersOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly bus: Bus;
  readonly sessions: SessionPort;
  readonly tokens: CapabilityTokens;
  readonly secretKeys: readonly Buffer[];
}

export async function createOrganizers(options: OrganizersOptions): Promise<Organizers> {
  const { database, clock, sessions } = options;
  const memberships = await createMemberships(options);
  const keys = await createApiKeys(options);
  const passes = await createDoorPasses(options);
  const audit = createAudit(database, clock);
  const maker = createApiKeyMaker(options.secretKeys);
  return {
    identities: createIdentities({ sessions, memberships, keys, passes }),
    audit,
    routes: async (server) => {
      await server.register(apiKeyRoutes({ ...options, audit, keys, maker }));
    },
    doorPassRoutes: ({ authorize }) => doorPassRoutes({ ...options, audit, passes, authorize }),
    noteKeyUses: () => keys.noteUses(),
  };
}
