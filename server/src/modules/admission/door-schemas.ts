import { type Static, Type } from "typebox";
import { component, idSchema, Nullable, OneOf, Rfc3339 } from "#platform/http/schemas.ts";

const people = (description: string) => Type.Integer({ description });

const presented = {
  admitted: people("Admissions that tickets have."),
  inside: people("Admitted or let in beyond that, and not scanned out."),
  refused: people("Presentations that were not let through."),
  surplus: people("Let in beyond what their tickets admit, by gates that could not know."),
  presented: people("All presentations."),
};

const counts = {
  expected: people("Valid tickets times how many people each lets in. Some seconds old."),
  ...presented,
};

const Counts = component("DoorCounts", Type.Object(counts, { description: "In people." }));

export const EventCountsView = component(
  "EventDoorCounts",
  Type.Object({
    event_id: idSchema("evt"),
    total: Counts,
    slots: Type.Array(Type.Object({ id: idSchema("slt"), ...counts })),
    ticket_types: Type.Array(Type.Object({ id: idSchema("tty"), ...counts })),
    gates: Type.Array(Type.Object({ gate: Nullable(Type.String()), ...presented })),
  }),
);

const DoorSettings = Type.Object({
  re_entry: Type.Boolean({
    description: "Whether a ticket lets in again whoever was scanned out.",
  }),
  entry_opens_minutes: Type.Integer({
    description: "A ticket is let in from so many minutes before its slot starts.",
  }),
});

const DoorKey = Type.Object({
  number: Type.Integer({ description: "As codes name it." }),
  public_key: Type.String({ description: "Of Ed25519: 32 bytes as base64url." }),
  revoked_at: Type.Unsafe<string | null>({
    ...Nullable(Rfc3339),
    description: "Since when no code of it is good.",
  }),
});

const DoorTicketType = Type.Object({
  id: idSchema("tty"),
  name: Type.String(),
  admits: Type.Integer(),
  gates: Type.Unsafe<string[] | null>({
    ...Nullable(Type.Array(Type.String())),
    description: "The gates that let it in; null: all do.",
  }),
});

const AdmittedTicket = Type.Object({
  ticket_id: idSchema("tkt"),
  times: people("How many admissions it has; 0: the last one was undone."),
  inside: people("How many of those have not been scanned out."),
  at: Type.Unsafe<string | null>({
    ...Nullable(Rfc3339),
    description: "When it was let in first.",
  }),
  gate: Type.Unsafe<string | null>({
    ...Nullable(Type.String()),
    description: "Where; null where nobody said.",
  }),
});

export const DoorDataView = component(
  "DoorData",
  Type.Object(
    {
      event_id: idSchema("evt"),
      cursor: Type.String({ description: "Sent as `after` next time. Opaque." }),
      complete: Type.Boolean({
        description: "Whether there is no more at this moment: if not, ask at once.",
      }),
      state: OneOf(["draft", "published", "cancelled"] as const),
      time_zone: Type.String(),
      settings: DoorSettings,
      keys: Type.Array(DoorKey),
      slots: Type.Array(Type.Object({ id: idSchema("slt"), starts_at: Rfc3339, ends_at: Rfc3339 })),
      ticket_types: Type.Array(DoorTicketType),
      revoked: Type.Array(idSchema("tkt"), {
        description: "Tickets that became void since `after`; one may come twice.",
      }),
      admitted: Type.Array(AdmittedTicket, {
        description:
          "How tickets stand whose admissions changed since `after`; one may come twice.",
      }),
      counts: Counts,
    },
    {
      description:
        "What a gate needs to go on without a network. `revoked` and `admitted` hold what is new since `after`, all else is always whole. No names of people.",
    },
  ),
);

export type CountsBody = Static<typeof Counts>;
export type PresentedBody = Omit<CountsBody, "expected">;
export type EventCountsBody = Static<typeof EventCountsView>;
export type DoorDataBody = Static<typeof DoorDataView>;
