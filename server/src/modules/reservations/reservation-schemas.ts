import { type Static, Type } from "typebox";
import {
  component,
  idSchema,
  Language,
  MoneySchema,
  Nullable,
  OneOf,
  page,
  Rfc3339,
} from "#platform/http/schemas.ts";
import { LINES_MAX, RESERVATION_STATES } from "./reservation.ts";

const AttendeeInput = component(
  "AttendeeInput",
  Type.Object(
    {
      name: Type.Optional(Nullable(Type.String({ minLength: 1, maxLength: 200 }))),
      email: Type.Optional(Nullable(Type.String({ format: "email", maxLength: 254 }))),
      phone: Type.Optional(Nullable(Type.String({ minLength: 1, maxLength: 60 }))),
    },
    {
      additionalProperties: false,
      description: "Who comes. Every part may be left out and filled in later.",
    },
  ),
);

const LineInput = component(
  "LineInput",
  Type.Object(
    {
      slot_id: idSchema("slt"),
      ticket_type_id: Type.Optional(idSchema("tty")),
      quantity: Type.Integer({ minimum: 1, maximum: 10_000 }),
    },
    {
      additionalProperties: false,
      description:
        "Places of one slot. `ticket_type_id` may be left out where the event has one ticket type.",
    },
  ),
);

const Lines = Type.Array(LineInput, { minItems: 1, maxItems: LINES_MAX });
const HoldSeconds = Type.Integer({ minimum: 1, maximum: 86_400 });

export const NewReservation = component(
  "NewReservation",
  Type.Object(
    {
      lines: Lines,
      attendee: Type.Optional(AttendeeInput),
      language: Type.Optional(Language),
      confirm: Type.Optional(
        Type.Boolean({ description: "Confirm at once; only what is free can be." }),
      ),
      hold_seconds: Type.Optional(HoldSeconds),
    },
    { additionalProperties: false },
  ),
);

export const ReservationChange = component(
  "ReservationChange",
  Type.Object(
    {
      lines: Type.Optional(Lines),
      attendee: Type.Optional(AttendeeInput),
      language: Type.Optional(Language),
    },
    {
      additionalProperties: false,
      minProperties: 1,
      description: "`lines` is the complete new set, `attendee` the complete new attendee.",
    },
  ),
);

export const Extension = component(
  "Extension",
  Type.Object({ hold_seconds: Type.Optional(HoldSeconds) }, { additionalProperties: false }),
);

export const TransferInput = component(
  "TransferInput",
  Type.Object(
    { attendee: AttendeeInput, language: Type.Optional(Language) },
    { additionalProperties: false, description: "The new holder." },
  ),
);

export const AlternativeInput = component(
  "AlternativeInput",
  Type.Object(
    { slot_id: idSchema("slt") },
    { additionalProperties: false, description: "One of the `alternatives` of the reservation." },
  ),
);

const TicketView = component(
  "ReservedTicket",
  Type.Object({
    id: idSchema("tkt"),
    code: Type.String({ description: "What the QR code holds. Empty to whoever may not use it." }),
    slot_id: idSchema("slt"),
    ticket_type_id: idSchema("tty"),
    state: OneOf(["valid", "void"]),
    holder_name: Nullable(Type.String()),
  }),
);

const Places = {
  slot_id: idSchema("slt"),
  ticket_type_id: idSchema("tty"),
  quantity: Type.Integer(),
};

const LineView = Type.Object({ ...Places, unit_price: MoneySchema });

const AwaitingPayment = Type.Object(
  {
    until: { ...Rfc3339, description: "So long it is held for the payment: `expires_at`." },
    otherwise_expires_at: {
      ...Rfc3339,
      description: "When it would end by itself, and ends if the payment fails.",
    },
  },
  {
    description:
      "A payment for what is held is under way: the hold waits for it, and nobody else gets the places. Null where none is.",
  },
);

const Alternatives = Type.Object(
  {
    until: { ...Rfc3339, description: "Afterwards the money goes back." },
    options: Type.Array(
      Type.Object({
        slot_id: {
          ...idSchema("slt"),
          description: "What `POST /v1/reservations/{id}/alternative` is to be told.",
        },
        lines: Type.Array(Type.Object(Places), {
          description: "All that the reservation would then be for, at the price that was paid.",
        }),
      }),
      { description: "What there is now, the nearest in time first. It may be none for a moment." },
    ),
  },
  {
    description:
      "The payment succeeded when the hold had ended and its places were gone: the same ticket types in other slots, for a limited time. Null where nothing is on offer, and always in lists.",
  },
);

const PendingExchange = Type.Object(
  {
    lines: Type.Array(LineView, { description: "The complete new set." }),
    total: MoneySchema,
    to_pay: MoneySchema,
    expires_at: {
      ...Rfc3339,
      description:
        "So long the places that it lacks are held. Not paid by then, it stays as it is.",
    },
  },
  {
    description:
      "What a confirmed reservation becomes once `to_pay` is paid, the difference to what it costs now. Null where nothing waits, and always in lists.",
  },
);

export const ReservationView = component(
  "Reservation",
  Type.Object({
    id: idSchema("rsv"),
    token: Type.Optional(
      Type.String({
        description: "Opens this reservation to whoever holds it; shown to its holder only.",
      }),
    ),
    state: OneOf(RESERVATION_STATES),
    expires_at: Nullable(Rfc3339),
    event_id: idSchema("evt"),
    lines: Type.Array(LineView),
    total: MoneySchema,
    attendee: Type.Object({
      name: Nullable(Type.String()),
      email: Nullable(Type.String()),
      phone: Nullable(Type.String()),
    }),
    language: Nullable(Type.String()),
    tickets: Type.Array(TicketView),
    awaiting_payment: Nullable(AwaitingPayment),
    alternatives: Nullable(Alternatives),
    pending_exchange: Nullable(PendingExchange),
    cancellation_fee: {
      ...Nullable(MoneySchema),
      description:
        "What the organizer keeps of a cancelled one: by the event's rule where its holder cancelled it, nothing where a manager did. Null of any other.",
    },
    created_at: Rfc3339,
  }),
);

export const ReservationPage = component("ReservationPage", page(ReservationView));

export const ReservationQuery = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
  cursor: Type.Optional(Type.String({ maxLength: 500 })),
  state: Type.Optional(OneOf(RESERVATION_STATES)),
  slot: Type.Optional(Type.String({ maxLength: 100 })),
  q: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
});

const PoolProofView = Type.Object({
  id: Type.String({
    description: "The slot's or the ticket type's id, or a UUID for a type within a slot.",
  }),
  capacity: Type.Integer(),
  held: Type.Integer(),
  sold: Type.Integer(),
  free: Type.Integer(),
  ledger: Type.Object({ held: Type.Integer(), sold: Type.Integer() }),
  adds_up: Type.Boolean(),
});

export const ProofView = component("Proof", Type.Object({ pools: Type.Array(PoolProofView) }));

export const AvailabilityViewSchema = component(
  "Availability",
  Type.Object({
    slots: Type.Array(
      Type.Object({
        id: idSchema("slt"),
        capacity: Type.Integer(),
        available: Type.Integer(),
        ticket_types: Type.Array(Type.Object({ id: idSchema("tty"), available: Type.Integer() })),
      }),
    ),
  }),
);

export type LinesInput = Static<typeof Lines>;
export type AttendeeBody = Static<typeof AttendeeInput>;
export type ReservationBody = Static<typeof ReservationView>;
