import { type Static, Type } from "typebox";
import { component, idSchema, Nullable, OneOf, Rfc3339 } from "#platform/http/schemas.ts";
import { OUTCOMES, REASONS } from "./redemption.ts";

/** Codes are 177 characters; a scanner may read anything. */
const CODE_LENGTH_MAX = 8_000;
const NAME_LENGTH_MAX = 255;
const GATE_LENGTH_MAX = 100;
/** Scans that one call may report. */
export const SCANS_MAX = 10_000;
/** As much as so many take, with long names and codes that are none. */
export const SCANS_BODY_BYTES_MAX = 16 * 1024 * 1024;

const Gate = Type.String({
  minLength: 1,
  maxLength: GATE_LENGTH_MAX,
  description: "Where it is presented. A door pass has a gate: left out, it is that one.",
  examples: ["North door"],
});
const Direction = OneOf(["in", "out"] as const, {
  description: "`out`: somebody leaves. Left out: `in`.",
});
const Code = Type.String({
  "x-multiline": true,
  maxLength: CODE_LENGTH_MAX,
  description: "What was scanned, as it was read.",
});
const SlotId = Type.Unsafe<string>({
  ...idSchema("slt"),
  description: "The one slot that this gate lets in now. Left out: whichever is due.",
});
const EventId = Type.Unsafe<string>({
  ...idSchema("evt"),
  description: "At which event it is presented. A door pass is for one: left out, it is that one.",
});

export const NewRedemption = component(
  "NewRedemption",
  Type.Object(
    {
      code: Code,
      event_id: Type.Optional(EventId),
      gate: Type.Optional(Gate),
      nonce: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: NAME_LENGTH_MAX,
          description:
            "Names this presentation among those of the gate: sent again, it is the same one, and gets the first answer. Best a UUID.",
        }),
      ),
      at: Type.Optional(
        Type.Unsafe<string>({
          ...Rfc3339,
          description: "When it was presented, if not now. Later than now counts as now.",
        }),
      ),
      direction: Type.Optional(Direction),
      slot_id: Type.Optional(SlotId),
    },
    { additionalProperties: false, description: "A code that is presented at a gate." },
  ),
);

export const NewRedemptions = component(
  "NewRedemptions",
  Type.Object(
    {
      event_id: Type.Optional(EventId),
      gate: Type.Optional(Gate),
      scans: Type.Array(
        Type.Object(
          {
            id: Type.String({
              minLength: 1,
              maxLength: NAME_LENGTH_MAX,
              description:
                "Names the scan among those of its gate, as `nonce` does where it is told at once.",
            }),
            code: Code,
            at: Type.Unsafe<string>({
              ...Rfc3339,
              description: "When it was scanned. Later than now counts as now.",
            }),
            gate: Type.Optional(Gate),
            direction: Type.Optional(Direction),
            slot_id: Type.Optional(SlotId),
            let_through: Type.Optional(
              Type.Boolean({
                description: "Whether the gate let somebody through. Left out: it did.",
              }),
            ),
          },
          { additionalProperties: false },
        ),
        { minItems: 1, maxItems: SCANS_MAX },
      ),
    },
    {
      additionalProperties: false,
      description: "What a gate scanned without a network, in any order, as often as it likes.",
    },
  ),
);

const outcome = OneOf(OUTCOMES, {
  description: "`left` and `not_inside` are for who leaves.",
});
const presented = {
  presented_before: Type.Integer({
    minimum: 0,
    description: "How often the ticket was presented before this.",
  }),
  last_presented_at: Nullable(Rfc3339),
  reasons: Type.Array(
    Type.Object(
      {
        code: OneOf(REASONS),
        message: Type.String({ description: "For people, in the language asked for." }),
        opens_at: Type.Optional(
          Type.Unsafe<string>({ ...Rfc3339, description: "`too_early`: when it will be let in." }),
        ),
      },
      { additionalProperties: false },
    ),
    { description: "Why nobody goes through; empty where somebody does." },
  ),
  first_admitted: {
    ...Nullable(Type.Object({ at: Rfc3339, gate: Nullable(Type.String()) })),
    description: "The admission that stands in its way.",
  },
};

const PresentedTicketView = component(
  "PresentedTicket",
  Type.Object({
    id: idSchema("tkt"),
    ticket_type: Type.Object({ id: idSchema("tty"), name: Nullable(Type.String()) }),
    slot: Type.Object({
      id: idSchema("slt"),
      starts_at: Rfc3339,
      ends_at: Rfc3339,
      starts_at_local: Type.String({ examples: ["2027-06-15T19:00:00"] }),
    }),
    admits: Type.Integer({ description: "How many people it lets in." }),
    holder_initials: { ...Nullable(Type.String()), examples: ["AL"] },
  }),
);

export const RedemptionView = component(
  "Redemption",
  Type.Object({
    outcome,
    ...presented,
    ticket: Type.Union([PresentedTicketView, Type.Null()], {
      description: "Null where it is no ticket of the event.",
    }),
  }),
);

export const RedemptionsView = component(
  "Redemptions",
  Type.Object({
    results: Type.Array(
      Type.Object({
        id: Type.String(),
        outcome,
        ...presented,
        ticket_id: Nullable(idSchema("tkt")),
        surplus: Type.Boolean({
          description:
            "It was let in although the ticket is void, or has its admission elsewhere: `first_admitted` says where.",
        }),
      }),
      { description: "Of each scan, in the order sent." },
    ),
    surplus: Type.Integer({ description: "How many of them are surplus." }),
  }),
);

export type NewRedemptionBody = Static<typeof NewRedemption>;
export type NewRedemptionsBody = Static<typeof NewRedemptions>;
export type RedemptionBody = Static<typeof RedemptionView>;
export type RedemptionsBody = Static<typeof RedemptionsView>;
