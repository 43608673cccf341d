import type { Clock } from "#platform/clock.ts";
import type { Transaction } from "#platform/database/database.ts";
import { type Id, newId } from "#platform/id.ts";
import { apiKeyOf, digestOfApiKey } from "#platform/tokens/api-key.ts";
import { derivedKey } from "#platform/tokens/sealing.ts";
import { API_KEY_DAYS_MAX, type NewApiKeyBody } from "./api-key-schemas.ts";
import { type ApiKeyRow, insertApiKey } from "./api-key-store.ts";
import { refuseTooManyKeys } from "./credential-limits.ts";
import { readExpiry, refuseOver } from "./expiry.ts";
import { SCOPES } from "./roles.ts";

/** Makes keys of their ids, so that a repeated request gets the same key although none is kept. */
export interface ApiKeyMaker {
  keyOf(id: Id<"key">): string;
  /**
   * The key again, by what is shown of it: also one that was made before the server's secret key was
   * rotated. Null when that secret key is no longer there.
   */
  keyAgain(id: Id<"key">, lastFour: string): string | null;
}

export function createApiKeyMaker(secretKeys: readonly Buffer[]): ApiKeyMaker {
  const derived = secretKeys.map((secretKey) => derivedKey(secretKey, "api-keys"));
  const [first] = derived as [Buffer];
  return {
    keyOf: (id) => apiKeyOf(first, id),
    keyAgain: (id, lastFour) =>
      derived.map((secretKey) => apiKeyOf(secretKey, id)).find((key) => key.endsWith(lastFour)) ??
      null,
  };
}

/**
 * Makes an API key. What is kept of it is its digest: it is shown in the answer and nowhere else.
 *
 * @throws `invalid_field` for a time that is over or too far ahead, `too_many_credentials`.
 */
export async function makeApiKey(
  { clock, maker }: { readonly clock: Clock; readonly maker: ApiKeyMaker },
  transaction: Transaction,
  wanted: {
    readonly organizerId: Id<"org">;
    readonly createdBy: Id<"usr">;
    readonly body: NewApiKeyBody;
  },
): Promise<{ readonly row: ApiKeyRow; readonly key: string }> {
  const { organizerId, createdBy, body } = wanted;
  await refuseTooManyKeys(transaction, clock, organizerId);
  const keyId = newId<"key">(clock);
  const key = maker.keyOf(keyId);
  const row = await insertApiKey(transaction, clock, {
    keyId,
    organizerId,
    createdBy,
    name: body.name,
    scopes: SCOPES.filter((scope) => body.scopes.includes(scope)),
    digest: digestOfApiKey(key),
    lastFour: key.slice(-4),
    expiresAt:
      body.expires_at == null ? null : readExpiry(body.expires_at, clock, API_KEY_DAYS_MAX),
  });
  if (row === null) throw refuseOver();
  return { row, key };
}
