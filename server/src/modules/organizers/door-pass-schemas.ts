import { type Static, Type } from "typebox";
import { component, idSchema, Nullable, page, Rfc3339 } from "#platform/http/schemas.ts";

/** The longest that a door pass may be good: a season and a bit. */
export const DOOR_PASS_DAYS_MAX = 366;

export const NewDoorPass = component(
  "NewDoorPass",
  Type.Object(
    {
      gate: Type.String({
        minLength: 1,
        maxLength: 100,
        description: "Where it is used.",
        examples: ["North door"],
      }),
      expires_at: Type.Unsafe<string>({
        ...Rfc3339,
        description: `Until when it opens. At most ${DOOR_PASS_DAYS_MAX} days ahead.`,
      }),
    },
    { additionalProperties: false },
  ),
);

const doorPass = {
  id: idSchema("dps"),
  event_id: idSchema("evt"),
  gate: Type.String(),
  created_at: Rfc3339,
  expires_at: Rfc3339,
  revoked_at: Nullable(Rfc3339),
};

const DoorPassView = component("DoorPass", Type.Object(doorPass));
export const DoorPassPage = component("DoorPassPage", page(DoorPassView));
export const CreatedDoorPassView = component(
  "CreatedDoorPass",
  Type.Object({
    ...doorPass,
    token: Type.String({
      description:
        "Sent as `Authorization: Bearer` by whoever lets people in. Shown this once: keep it.",
    }),
  }),
);
export const OpenedByPassView = component(
  "OpenedByDoorPass",
  Type.Object({ event_id: idSchema("evt"), gate: Type.String(), expires_at: Rfc3339 }),
);

export type NewDoorPassBody = Static<typeof NewDoorPass>;
export type DoorPassBody = Static<typeof DoorPassView>;
export type CreatedDoorPassBody = Static<typeof CreatedDoorPassView>;
export type OpenedByPassBody = Static<typeof OpenedByPassView>;
