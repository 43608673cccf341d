import type { Bus } from "#platform/bus/bus.ts";
import type { Clock, EpochMs } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import type { KeyPrincipal } from "#platform/http/authentication.ts";
import type { Id } from "#platform/id.ts";
import { findApiKey, noteLastUses } from "./api-key-store.ts";
import { type Credential, createCredentialCache } from "./credential-cache.ts";
import { grantOfScopes } from "./roles.ts";

/** API keys as they are used. */
export interface ApiKeys {
  /** Who has the key with this digest, if it is good; remembers that it was used. */
  use(digest: string): Promise<KeyPrincipal | null>;
  /** To be called when a key was revoked. */
  revoked(digest: string): Promise<void>;
  /** Writes down when keys were last used: one statement for all of them. */
  noteUses(): Promise<void>;
}

interface KnownKey extends Credential {
  readonly principal: KeyPrincipal;
}

const CHANNEL = "api-keys";

export async function createApiKeys({
  database,
  clock,
  bus,
}: {
  readonly database: Database;
  readonly clock: Clock;
  readonly bus: Bus;
}): Promise<ApiKeys> {
  const known = await createCredentialCache<string, KnownKey>({
    channel: CHANNEL,
    find: (digest) => findKey(database, digest),
    clock,
    bus,
  });
  let uses = new Map<Id<"key">, EpochMs>();
  return {
    use: async (digest) => {
      const key = await known.read(digest);
      if (key === null) return null;
      uses.set(key.principal.keyId, clock.now());
      return key.principal;
    },
    revoked: (digest) => known.revoked(digest),
    noteUses: async () => {
      if (uses.size === 0) return;
      const noted = uses;
      uses = new Map();
      try {
        await noteLastUses(database.kysely, noted);
      } catch (error) {
        // For the next time, unless a key was used since.
        uses = new Map([...noted, ...uses]);
        throw error;
      }
    },
  };
}

async function findKey(database: Database, digest: string): Promise<KnownKey | null> {
  const row = await findApiKey(database, digest);
  if (row === null) return null;
  const { key_id: keyId, organizer_id: organizerId, expires_at: expiresAt } = row;
  return {
    principal: { kind: "key", keyId, organizerId, grant: grantOfScopes(row.scopes) },
    expiresAt,
  };
}
