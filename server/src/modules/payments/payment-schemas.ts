import { type Static, Type } from "typebox";
import {
  component,
  idSchema,
  MoneySchema,
  Nullable,
  OneOf,
  page,
  Rfc3339,
} from "#platform/http/schemas.ts";
import { OUTCOMES, REFUND_REASONS, REFUND_STATES } from "./payment.ts";
import { PROVIDER_NAMES } from "./provider.ts";

const Provider = OneOf(PROVIDER_NAMES, {
  description:
    "`stripe`; `offline`, at the till or by bank transfer; `test`, without money, where the server is for trying things out.",
});

export const NewPayment = component(
  "NewPayment",
  Type.Object(
    {
      provider: Provider,
      method_token: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 255,
          description:
            "The way to pay that the payer's client got from the provider. Left out: the provider asks the payer, see `next_action`. " +
            "Of `test`: ok, card_error, payment_error, slow or never.",
        }),
      ),
      return_url: Type.Optional(
        Type.String({
          format: "uri",
          maxLength: 2_000,
          pattern: "^https?://",
          description: "Where the payer comes back to, if the provider sends them elsewhere.",
        }),
      ),
      amount: Type.Optional(MoneySchema),
    },
    {
      additionalProperties: false,
      description:
        "The price is the reservation's own. `amount` may say what the payer was shown: another one is refused.",
    },
  ),
);

const RefundView = component(
  "Refund",
  Type.Object({
    id: idSchema("rfd"),
    payment_id: idSchema("pay"),
    reservation_id: idSchema("rsv"),
    amount: MoneySchema,
    state: OneOf(REFUND_STATES, {
      description:
        "`by_hand`: somebody has to give it back in person. `failed`: the provider refused; it can be tried again.",
    }),
    reason: OneOf(REFUND_REASONS),
    error: Nullable(Type.Object({ message: Type.String() })),
    created_at: Rfc3339,
  }),
);

export const PaymentView = component(
  "Payment",
  Type.Object({
    id: idSchema("pay"),
    reservation_id: idSchema("rsv"),
    provider: Provider,
    state: OneOf(["not_started", "processing", "succeeded", "failed", "refunded"], {
      description: "`refunded`: all of it was given back; in part, see `refunded`.",
    }),
    amount: Nullable(MoneySchema),
    refunded: MoneySchema,
    error: Nullable(
      Type.Object({
        code: Type.String({
          description:
            "card_error, payment_error, timed_out, cancelled, price_changed or hold_ended.",
        }),
        message: Type.String({ description: "For the payer." }),
      }),
    ),
    next_action: Nullable(
      Type.Object(
        {
          kind: OneOf(["confirm_in_browser"]),
          client_secret: Type.String({
            description: "For the provider's library in the payer's browser.",
          }),
        },
        { description: "What the payer has to do. Shown to the reservation's holder only." },
      ),
    ),
    outcome: Nullable(
      OneOf(OUTCOMES, {
        description:
          "What it came to: the reservation was confirmed or exchanged; there were no places and the money is `returned`; `none` was taken. " +
          "Null: not decided yet.",
      }),
    ),
    wait_ends_at: Rfc3339,
    refunds: Type.Array(RefundView),
    created_at: Rfc3339,
  }),
);

export const PaymentList = component("PaymentList", Type.Object({ data: Type.Array(PaymentView) }));

export const PaymentPage = component("PaymentPage", page(PaymentView));

export const NewRefund = component(
  "NewRefund",
  Type.Object(
    {
      amount: Type.Optional(MoneySchema),
    },
    {
      additionalProperties: false,
      description: "Without `amount`: all that is left of the payment.",
    },
  ),
);

export const Settlement = component(
  "Settlement",
  Type.Object(
    { received: Type.Boolean({ description: "Whether the money came." }) },
    { additionalProperties: false },
  ),
);

export const SingleRefund = RefundView;

const Count = Type.Object({ count: Type.Integer(), amount: MoneySchema });

export const RefundsOfEvent = component(
  "RefundsOfEvent",
  Type.Object({
    progress: Type.Object(
      { pending: Count, succeeded: Count, by_hand: Count, failed: Count },
      { description: "All refunds of the event by their state, whatever page is shown." },
    ),
    data: Type.Array(RefundView),
    next_cursor: Nullable(Type.String()),
  }),
);

export const PaymentOptions = component(
  "PaymentOptions",
  Type.Object({
    data: Type.Array(
      Type.Object({
        provider: Provider,
        publishable_key: Nullable(
          Type.String({ description: "Of Stripe: for its library in the payer's browser." }),
        ),
        hold_seconds: Type.Integer({
          description: "How long a hold waits for such a payment at most.",
        }),
      }),
    ),
  }),
);

export type PaymentBody = Static<typeof PaymentView>;
export type RefundBody = Static<typeof RefundView>;
