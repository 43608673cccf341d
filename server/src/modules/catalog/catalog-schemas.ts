import { type Static, Type } from "typebox";
import {
  component,
  idSchema,
  Language,
  LocalizedTextInput,
  LocalizedTextView,
  MoneySchema,
  Nullable,
  OneOf,
  page,
  Rfc3339,
} from "#platform/http/schemas.ts";
import { RULE_LENGTH_MAX } from "#platform/recurrence-rule.ts";
import {
  ADMITS_MAX,
  EVENT_STATES,
  GATE_LENGTH_MAX,
  GATES_PER_TICKET_TYPE_MAX,
  PRICE_MINOR_MAX,
  SLOT_CAPACITY_MAX,
  SLOT_DURATION_DAYS_MAX,
  SLOTS_PER_EVENT_MAX,
  TICKET_TYPE_CAPACITY_MAX,
  TICKET_TYPES_PER_EVENT_MAX,
  TICKETS_PER_RESERVATION_MAX,
} from "./event.ts";
import { eventSettingsInput, eventSettingsView } from "./event-settings-schemas.ts";
import { SLUG_LENGTH_MAX } from "./slug.ts";

// The wire shapes of the catalogue. What a schema cannot say (times, texts, currencies) is read beside the operations.

const NAME_LENGTH_MAX = 200;
const DESCRIPTION_LENGTH_MAX = 20_000;
const ADDRESS_LENGTH_MAX = 500;
const NOTE_LENGTH_MAX = 500;
/** Slots shown with their event; the rest is paged. */
export const SLOTS_SHOWN_MAX = 100;

const Name = LocalizedTextInput({ lengthMax: NAME_LENGTH_MAX });
const Description = LocalizedTextInput({ lengthMax: DESCRIPTION_LENGTH_MAX });
const Note = LocalizedTextInput({ lengthMax: NOTE_LENGTH_MAX });

const Time = Type.String({
  minLength: 1,
  maxLength: 40,
  description:
    "Wall time in the event's zone (`2027-06-15T19:00`), or with an offset or `Z` an instant. A wall time that the clocks skip is refused; one that exists twice needs its offset.",
  examples: ["2027-06-15T19:00", "2027-06-15T17:00:00Z"],
});

const LocationInput = component(
  "LocationInput",
  Type.Object(
    {
      name: Type.Optional(Nullable(Name)),
      address: Type.Optional(Nullable(LocalizedTextInput({ lengthMax: ADDRESS_LENGTH_MAX }))),
    },
    { additionalProperties: false, description: "Where people go. Replaced as a whole." },
  ),
);

const slotInput = {
  starts_at: Time,
  ends_at: Time,
  capacity: Type.Integer({
    minimum: 0,
    maximum: SLOT_CAPACITY_MAX,
    description: "How many places there are; 0 closes the slot for sale.",
  }),
  note: Type.Optional(Nullable(Note)),
};

export const NewSlot = component(
  "NewSlot",
  Type.Object(slotInput, { additionalProperties: false, description: "A slot of an event." }),
);

const Slots = Type.Array(NewSlot, { maxItems: SLOTS_PER_EVENT_MAX });

export const NewSlots = component(
  "NewSlots",
  Type.Object(
    { slots: Type.Array(NewSlot, { minItems: 1, maxItems: SLOTS_PER_EVENT_MAX }) },
    { additionalProperties: false, description: "Several slots: all of them or none." },
  ),
);

export const NewRecurrence = component(
  "NewRecurrence",
  Type.Object(
    {
      rrule: Type.String({
        minLength: 1,
        maxLength: RULE_LENGTH_MAX,
        description: "A rule of RFC 5545 that ends, by COUNT or UNTIL.",
        examples: ["FREQ=WEEKLY;BYDAY=SA,SU;UNTIL=20271231"],
      }),
      starts_at: Time,
      ends_at: Type.Optional(Time),
      duration_minutes: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: SLOT_DURATION_DAYS_MAX * 24 * 60,
          description: "Instead of `ends_at`.",
        }),
      ),
      capacity: slotInput.capacity,
      note: slotInput.note,
      exdates: Type.Optional(
        Type.Array(Type.String({ minLength: 1, maxLength: 40 }), {
          maxItems: SLOTS_PER_EVENT_MAX,
          description: "Wall times, or whole days (`2027-12-24`), to leave out.",
        }),
      ),
    },
    {
      additionalProperties: false,
      description:
        "Slots by a rule, from `starts_at` on. Each starts and ends at the same wall time as the first.",
    },
  ),
);

export const SlotChange = component(
  "SlotChange",
  Type.Partial(Type.Object(slotInput), {
    additionalProperties: false,
    minProperties: 1,
    description: "What is left out stays as it is.",
  }),
);

const count = (maximum: number, minimum = 1) => Type.Integer({ minimum, maximum });

const GATES = "The gates that let it in, as their door passes name them; null: all do.";

const ticketTypeInput = {
  name: Name,
  description: Type.Optional(Nullable(Description)),
  price: Type.Optional(MoneySchema),
  capacity: Type.Optional(
    Type.Unsafe<number | null>({
      ...Nullable(count(TICKET_TYPE_CAPACITY_MAX, 0)),
      description: "Over all slots; null: only the slots limit it.",
    }),
  ),
  capacity_per_slot: Type.Optional(
    Type.Unsafe<number | null>({
      ...Nullable(count(SLOT_CAPACITY_MAX, 0)),
      description: "In each slot; null: only the slot limits it.",
    }),
  ),
  min_per_reservation: Type.Optional(count(TICKETS_PER_RESERVATION_MAX)),
  max_per_reservation: Type.Optional(Nullable(count(TICKETS_PER_RESERVATION_MAX))),
  sales_start_at: Type.Optional(Nullable(Time)),
  sales_end_at: Type.Optional(Nullable(Time)),
  admits: Type.Optional(count(ADMITS_MAX)),
  gates: Type.Optional(
    Type.Unsafe<string[] | null>({
      ...Nullable(
        Type.Array(Type.String({ minLength: 1, maxLength: GATE_LENGTH_MAX }), {
          minItems: 1,
          maxItems: GATES_PER_TICKET_TYPE_MAX,
        }),
      ),
      description: GATES,
      examples: [["North door"]],
    }),
  ),
  hidden: Type.Optional(
    Type.Boolean({ description: "Sold to whoever knows its id, shown to nobody." }),
  ),
};

export const NewTicketType = component(
  "NewTicketType",
  Type.Object(ticketTypeInput, {
    additionalProperties: false,
    description: `A ticket type. Without a price it is free. A price is at most ${PRICE_MINOR_MAX}.`,
  }),
);

export const TicketTypeChange = component(
  "TicketTypeChange",
  Type.Partial(Type.Object(ticketTypeInput), {
    additionalProperties: false,
    minProperties: 1,
    description: "What is left out stays as it is.",
  }),
);

const eventInput = {
  name: Name,
  slug: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: SLUG_LENGTH_MAX,
      description: "Small letters, digits and hyphens. Left out: made from the name.",
      examples: ["night-2027"],
    }),
  ),
  description: Type.Optional(Nullable(Description)),
  location: Type.Optional(Type.Union([LocationInput, Type.Null()])),
  time_zone: Type.Optional(
    Type.String({ minLength: 1, maxLength: 64, examples: ["Europe/Prague"], description: "IANA." }),
  ),
  currency: Type.Optional(
    Type.String({ pattern: "^[A-Z]{3}$", examples: ["EUR"], description: "ISO 4217." }),
  ),
  default_language: Type.Optional(Language),
  ...eventSettingsInput,
};

export const NewEvent = component(
  "NewEvent",
  Type.Object(
    {
      ...eventInput,
      organizer_id: Type.Optional(
        Type.Unsafe<string>({
          ...idSchema("org"),
          description:
            "Whose event it is. Left out with an API key: of the key's organizer; else it is an anonymous event.",
        }),
      ),
      publish: Type.Optional(Type.Boolean({ description: "Put it on sale at once." })),
      slots: Slots,
      ticket_types: Type.Optional(
        Type.Array(NewTicketType, { maxItems: TICKET_TYPES_PER_EVENT_MAX }),
      ),
    },
    {
      additionalProperties: false,
      description: "An event. Without ticket types it gets one that is free.",
    },
  ),
);

export const EventClaim = component(
  "EventClaim",
  Type.Object(
    { event_token: Type.String({ minLength: 1, maxLength: 100 }) },
    { additionalProperties: false },
  ),
);

export const EventChange = component(
  "EventChange",
  Type.Partial(Type.Object(eventInput), {
    additionalProperties: false,
    minProperties: 1,
    description:
      "What is left out stays as it is. A plain string changes a text in the default language, a map is the complete new text.",
  }),
);

const Shown = Type.String({
  description: "In the language that suits best of those the reader accepts and the text is in.",
});

/** All languages of the texts beside it, for managers only. In a shape that a change takes. */
const AllTexts = Type.Union([LocalizedTextView, Type.Null()]);
const texts = { description: "The texts in all languages; shown to managers." };

export const SlotView = component(
  "Slot",
  Type.Object({
    id: idSchema("slt"),
    starts_at: Rfc3339,
    ends_at: Rfc3339,
    starts_at_local: Type.String({ examples: ["2027-06-15T19:00:00"] }),
    ends_at_local: Type.String({ examples: ["2027-06-15T19:30:00"] }),
    capacity: Type.Integer(),
    available: Type.Integer({ description: "Left to reserve at this moment." }),
    note: Nullable(Shown),
    texts: Type.Optional(Type.Object({ note: AllTexts }, texts)),
  }),
);

export const TicketTypeView = component(
  "TicketType",
  Type.Object({
    id: idSchema("tty"),
    name: Shown,
    description: Nullable(Shown),
    price: MoneySchema,
    capacity: Nullable(Type.Integer()),
    capacity_per_slot: Nullable(Type.Integer()),
    min_per_reservation: Type.Integer(),
    max_per_reservation: Type.Integer(),
    sales_start_at: Nullable(Rfc3339),
    sales_end_at: Nullable(Rfc3339),
    admits: Type.Integer(),
    gates: Type.Unsafe<string[] | null>({
      ...Nullable(Type.Array(Type.String())),
      description: GATES,
    }),
    hidden: Type.Boolean(),
    texts: Type.Optional(Type.Object({ name: LocalizedTextView, description: AllTexts }, texts)),
  }),
);

const eventSummary = {
  id: idSchema("evt"),
  organizer_id: Type.Unsafe<string | null>({
    ...Nullable(idSchema("org")),
    description: "Null: an anonymous event, which its token manages.",
  }),
  slug: Type.String(),
  url: Type.String({ format: "uri", description: "The event's public page." }),
  state: OneOf(EVENT_STATES),
  name: Shown,
  description: Nullable(Shown),
  location: Type.Union([
    Type.Object({ name: Nullable(Shown), address: Nullable(Shown) }),
    Type.Null(),
  ]),
  language: Type.String({ description: "The language that was negotiated." }),
  languages: Type.Array(Type.String(), { description: "The languages it has texts in." }),
  default_language: Type.String(),
  time_zone: Type.String(),
  currency: Type.String(),
  first_slot_at: Nullable(Rfc3339),
  last_slot_at: Nullable(Rfc3339),
};

export const EventSummary = component("EventSummary", Type.Object(eventSummary));
export const EventPage = component("EventPage", page(EventSummary));

const eventView = {
  ...eventSummary,
  ...eventSettingsView,
  revision: Type.Integer({ description: "Raised by every edit." }),
  created_at: Rfc3339,
  published_at: Nullable(Rfc3339),
  cancelled_at: Nullable(Rfc3339),
  ticket_types: Type.Array(TicketTypeView),
  slot_count: Type.Integer(),
  slots: Type.Array(SlotView, {
    description: `The first ${SLOTS_SHOWN_MAX}; the others are at \`/slots\`.`,
  }),
  texts: Type.Optional(
    Type.Object(
      {
        name: LocalizedTextView,
        description: AllTexts,
        location: Type.Union([Type.Object({ name: AllTexts, address: AllTexts }), Type.Null()]),
      },
      texts,
    ),
  ),
};

export const EventView = component("Event", Type.Object(eventView));

export const CreatedEventView = component(
  "CreatedEvent",
  Type.Object({
    ...eventView,
    event_token: Type.Optional(
      Type.String({
        description:
          "Manages the event, as `Authorization: Bearer`. Shown this once: keep it. Only an anonymous event has one.",
      }),
    ),
  }),
);

export const SlotPage = component("SlotPage", page(SlotView));
export const AddedSlotsView = component("AddedSlots", Type.Object({ slots: Type.Array(SlotView) }));

/** What was sent is read and not changed. */
type Sent<Body> = Body extends object
  ? { readonly [Member in keyof Body]: Sent<Body[Member]> }
  : Body;

export type NewEventBody = Sent<Static<typeof NewEvent>>;
export type EventChangeBody = Sent<Static<typeof EventChange>>;
export type NewSlotBody = Sent<Static<typeof NewSlot>>;
export type NewSlotsBody = Sent<Static<typeof NewSlots>>;
export type NewRecurrenceBody = Sent<Static<typeof NewRecurrence>>;
export type SlotChangeBody = Sent<Static<typeof SlotChange>>;
export type NewTicketTypeBody = Sent<Static<typeof NewTicketType>>;
export type TicketTypeChangeBody = Sent<Static<typeof TicketTypeChange>>;
export type LocationBody = Sent<Static<typeof LocationInput>>;
export type SlotBody = Static<typeof SlotView>;
export type TicketTypeBody = Static<typeof TicketTypeView>;
export type EventSummaryBody = Static<typeof EventSummary>;
export type EventBody = Static<typeof EventView>;
export type CreatedEventBody = Static<typeof CreatedEventView>;
