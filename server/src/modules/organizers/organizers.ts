import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { Bus } from "#platform/bus/bus.ts";
import type { Clock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import type { IdentityReader } from "#platform/http/identification.ts";
import { type Audit, createAudit } from "./audit.ts";
import { createIdentities, type SessionPort } from "./identities.ts";
import { createMemberships } from "./memberships.ts";

/** Organizers, their members, and who may do what. */
export interface Organizers {
  /** Who asks, for the HTTP server. */
  readonly identities: IdentityReader;
  readonly audit: Audit;
  readonly routes: FastifyPluginAsyncTypebox;
}

export interface OrganizersOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly bus: Bus;
  readonly sessions: SessionPort;
}

export async function createOrganizers(options: OrganizersOptions): Promise<Organizers> {
  const { database, clock, sessions } = options;
  const memberships = await createMemberships(options);
  return {
    identities: createIdentities({ sessions, memberships }),
    audit: createAudit(database, clock),
    routes: async () => {},
  };
}
