import { type Static, Type } from "typebox";
import { component, idSchema, Nullable, Rfc3339 } from "#platform/http/schemas.ts";

export const RotationInput = component(
  "TicketKeyRotation",
  Type.Object(
    {
      revoke: Type.Optional(
        Type.Boolean({
          description:
            "Whether every code from before is void from now on: for when a key may be known to somebody. Holders find new codes at their reservations; what is printed is worth nothing.",
        }),
      ),
    },
    { additionalProperties: false },
  ),
);

const TicketKeyView = component(
  "TicketKey",
  Type.Object({
    number: Type.Integer({ description: "As codes name it." }),
    public_key: Type.String({
      pattern: "^[A-Za-z0-9_-]{43}$",
      description: "Of Ed25519 (RFC 8032): 32 bytes as base64url.",
    }),
    created_at: Rfc3339,
    retired_at: {
      ...Nullable(Rfc3339),
      description:
        "Since when another one signs in its place. What it signed stays good. Null: it was not replaced.",
    },
    revoked_at: {
      ...Nullable(Rfc3339),
      description: "Since when no code of it is good.",
    },
  }),
);

export const TicketKeysView = component(
  "TicketKeys",
  Type.Object({
    event_id: idSchema("evt"),
    keys: Type.Array(TicketKeyView, { description: "The latest first." }),
  }),
);

export type RotationBody = Static<typeof RotationInput>;
export type TicketKeysBody = Static<typeof TicketKeysView>;
