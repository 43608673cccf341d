import { type Static, Type } from "typebox";
import { component, idSchema, Nullable, OneOf, Rfc3339 } from "#platform/http/schemas.ts";

/** The wallets of phones that tickets may be had for. */
export const WALLETS = ["apple", "google"] as const;
export type Wallet = (typeof WALLETS)[number];

const LocalTime = Type.String({
  description: "What the clocks of the event's zone show then.",
  examples: ["2027-06-15T19:00:00"],
});

export const TicketView = component(
  "Ticket",
  Type.Object({
    id: idSchema("tkt"),
    reservation_id: idSchema("rsv"),
    event_id: idSchema("evt"),
    code: Type.String({
      description: "What the QR code holds. Empty to whoever may not use it, and where it is void.",
    }),
    state: OneOf(["valid", "void"]),
    holder_name: Nullable(Type.String()),
    ticket_type: Type.Object({ id: idSchema("tty"), name: Type.String() }),
    slot: Type.Object({
      id: idSchema("slt"),
      starts_at: Rfc3339,
      ends_at: Rfc3339,
      starts_at_local: LocalTime,
      ends_at_local: LocalTime,
    }),
    admits: Type.Integer({ description: "How many people it lets in." }),
    wallets: Type.Array(OneOf(WALLETS), {
      description:
        "The wallets that it can be had for: `pass.pkpass`, `google-wallet`. Empty to whoever may not use it, and where it is void.",
    }),
  }),
);

export const CalendarLinks = component(
  "CalendarLinks",
  Type.Object(
    {
      url: Type.String({ description: "To give to a calendar that asks for an address." }),
      webcal_url: Type.String({ description: "The same, for a link that opens a calendar." }),
    },
    {
      description:
        "Whoever has the address sees when and where, and nothing else: no names, no codes. Handing the reservation over ends it.",
    },
  ),
);

export type TicketBody = Static<typeof TicketView>;
export type CalendarLinksBody = Static<typeof CalendarLinks>;
