import { type Static, Type } from "typebox";
import { component, idSchema, Nullable, OneOf, page, Rfc3339 } from "#platform/http/schemas.ts";
import { SCOPES } from "./roles.ts";

/** The longest that a key with a time may live. */
export const API_KEY_DAYS_MAX = 1_827;

const Scopes = Type.Array(OneOf(SCOPES), {
  minItems: 1,
  maxItems: SCOPES.length,
  uniqueItems: true,
  description: "What the key is for.",
  examples: [["read", "write"]],
});

export const NewApiKey = component(
  "NewApiKey",
  Type.Object(
    {
      name: Type.String({ minLength: 1, maxLength: 100, examples: ["website"] }),
      scopes: Scopes,
      expires_at: Type.Optional(
        Type.Unsafe<string | null>({
          ...Nullable(Rfc3339),
          description: `At most ${API_KEY_DAYS_MAX} days ahead. Null or left out: until it is revoked.`,
        }),
      ),
    },
    { additionalProperties: false },
  ),
);

const apiKey = {
  id: idSchema("key"),
  name: Type.String(),
  scopes: Scopes,
  last_four: Type.String({ description: "The last four characters, to tell keys apart." }),
  created_at: Rfc3339,
  expires_at: Nullable(Rfc3339),
  last_used_at: Type.Unsafe<string | null>({
    ...Nullable(Rfc3339),
    description: "Written once a minute.",
  }),
  revoked_at: Nullable(Rfc3339),
};

const ApiKeyView = component("ApiKey", Type.Object(apiKey));
export const ApiKeyPage = component("ApiKeyPage", page(ApiKeyView));
export const CreatedApiKeyView = component(
  "CreatedApiKey",
  Type.Object({
    ...apiKey,
    key: Type.String({
      description: "Sent as `Authorization: Bearer`. Shown this once: keep it.",
    }),
  }),
);

export type NewApiKeyBody = Static<typeof NewApiKey>;
export type ApiKeyBody = Static<typeof ApiKeyView>;
export type CreatedApiKeyBody = Static<typeof CreatedApiKeyView>;
