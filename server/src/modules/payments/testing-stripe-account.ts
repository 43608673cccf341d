import type { Clock } from "#platform/clock.ts";
import { newId } from "#platform/id.ts";

// What Stripe keeps of payment intents and refunds, as far as its documentation says: docs.stripe.com/api/payment_intents,
// docs.stripe.com/api/refunds, docs.stripe.com/testing.

/** A form as Stripe takes it: `metadata[attempt_id]` and the like are names. */
export type Form = Readonly<Record<string, string>>;

export interface Answered {
  readonly status: number;
  readonly json: object;
  /** Refused before anything was done. */
  readonly isInvalid: boolean;
}

interface Intent {
  readonly id: string;
  readonly object: "payment_intent";
  readonly amount: number;
  readonly currency: string;
  readonly client_secret: string;
  readonly created: number;
  readonly livemode: false;
  readonly metadata: Readonly<Record<string, string>>;
  readonly capture_method: string;
  readonly payment_method_options: { readonly card: { readonly capture_method: string | null } };
  status: string;
  amount_capturable: number;
  amount_received: number;
  cancellation_reason: string | null;
  last_payment_error: object | null;
}

interface Refund {
  readonly id: string;
  readonly object: "refund";
  readonly amount: number;
  readonly currency: string;
  readonly payment_intent: string;
  readonly metadata: Readonly<Record<string, string>>;
  status: string;
}

export interface StripeAccount {
  /** Does a request like `POST /v1/refunds`. */
  handle(line: string, form: Form): Answered;
  /** What happened since the last call, as the bodies of webhooks. */
  takeEvents(): readonly object[];
  readonly intents: ReadonlyMap<string, Intent>;
  /** The payer confirms in the browser, with a payment method. */
  confirmInBrowser(clientSecret: string, method: string): void;
  /** What was processing has come. */
  finish(metadataAttempt: string): void;
  /** What becomes of refunds that are made from now on. */
  refundStatus: string;
  /** Stripe's search lags: what is made is not found while this is false. */
  isSearchUpToDate: boolean;
}

export function createStripeAccount(clock: Clock): StripeAccount {
  return new Account(clock);
}

const OPEN = ["requires_payment_method", "requires_confirmation", "requires_action"];

class Account implements StripeAccount {
  readonly intents = new Map<string, Intent>();
  readonly #refunds = new Map<string, Refund>();
  #events: object[] = [];
  refundStatus = "succeeded";
  isSearchUpToDate = true;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  handle(line: string, form: Form): Answered {
    const [, method, collection, id, action] =
      /^(\w+) \/v1\/(\w+)(?:\/(\w+))?(?:\/(\w+))?$/.exec(line) ?? [];
    if (collection === "refunds") return method === "POST" ? this.#refund(form) : this.#list(form);
    if (id === undefined) return this.#create(form);
    if (id === "search") return this.#search(form);
    const intent = this.intents.get(id);
    if (intent === undefined) return invalid(404, "resource_missing", `No such intent: '${id}'`);
    if (action === "confirm") return this.#confirm(intent, form["payment_method"] ?? "");
    if (action === "capture") return this.#capture(intent);
    return action === "cancel" ? this.#cancel(intent, form) : good(intent);
  }

  takeEvents(): readonly object[] {
    const taken = this.#events;
    this.#events = [];
    return taken;
  }

  confirmInBrowser(clientSecret: string, method: string): void {
    const intent = [...this.intents.values()].find((one) => one.client_secret === clientSecret);
    if (intent !== undefined) this.#confirm(intent, method);
  }

  finish(metadataAttempt: string): void {
    for (const intent of this.intents.values()) {
      const isIt = intent.metadata["attempt_id"] === metadataAttempt;
      if (isIt && intent.status === "processing") this.#succeed(intent);
    }
  }

  #create(form: Form): Answered {
    const amount = Number(form["amount"]);
    const currency = form["currency"] ?? "";
    if (!Number.isInteger(amount) || amount < 1 || !/^[a-z]{3}$/.test(currency)) {
      return invalid(400, "parameter_invalid_integer", "Invalid integer");
    }
    if (currency === "eur" && amount < 50) {
      return invalid(400, "amount_too_small", "Amount must be at least €0.50 eur");
    }
    const id = `pi_${this.#name()}`;
    const intent: Intent = {
      id,
      object: "payment_intent",
      amount,
      currency,
      client_secret: `${id}_secret_${this.#name()}`,
      created: Math.floor(this.#clock.now() / 1000),
      livemode: false,
      metadata: metadataIn(form),
      capture_method: form["capture_method"] ?? "automatic_async",
      payment_method_options: {
        card: { capture_method: form["payment_method_options[card][capture_method]"] ?? null },
      },
      status: "requires_payment_method",
      amount_capturable: 0,
      amount_received: 0,
      cancellation_reason: null,
      last_payment_error: null,
    };
    this.intents.set(id, intent);
    this.#tell("payment_intent.created", intent);
    return good(intent);
  }

  #confirm(intent: Intent, method: string): Answered {
    if (!OPEN.includes(intent.status)) return unexpected(intent, "confirm");
    switch (method) {
      case "pm_card_visa":
        if (intent.payment_method_options.card.capture_method !== "manual") {
          return this.#succeed(intent);
        }
        intent.status = "requires_capture";
        intent.amount_capturable = intent.amount;
        this.#tell("payment_intent.amount_capturable_updated", intent);
        return good(intent);
      case "pm_card_authenticationRequired":
        intent.status = "requires_action";
        this.#tell("payment_intent.requires_action", intent);
        return good(intent);
      case "pm_usBankAccount":
        intent.status = "processing";
        this.#tell("payment_intent.processing", intent);
        return good(intent);
      case "pm_card_visa_chargeDeclined":
        return this.#decline(intent);
      default:
        return invalid(404, "resource_missing", `No such PaymentMethod: '${method}'`);
    }
  }

  #decline(intent: Intent): Answered {
    const error = {
      type: "card_error",
      code: "card_declined",
      decline_code: "generic_decline",
      message: "Your card was declined.",
    };
    intent.status = "requires_payment_method";
    intent.last_payment_error = error;
    this.#tell("payment_intent.payment_failed", intent);
    const json = { error: { ...error, payment_intent: { ...intent } } };
    return { status: 402, json, isInvalid: false };
  }

  #capture(intent: Intent): Answered {
    if (intent.status !== "requires_capture") return unexpected(intent, "capture");
    return this.#succeed(intent);
  }

  #succeed(intent: Intent): Answered {
    intent.status = "succeeded";
    intent.amount_capturable = 0;
    intent.amount_received = intent.amount;
    this.#tell("payment_intent.succeeded", intent);
    return good(intent);
  }

  #cancel(intent: Intent, form: Form): Answered {
    const mayBe = OPEN.includes(intent.status) || intent.status === "requires_capture";
    if (!mayBe) return unexpected(intent, "cancel");
    intent.status = "canceled";
    intent.amount_capturable = 0;
    intent.cancellation_reason = form["cancellation_reason"] ?? null;
    this.#tell("payment_intent.canceled", intent);
    return good(intent);
  }

  #search(form: Form): Answered {
    const [, name, value] = /^metadata\["(\w+)"\]:"(\w+)"$/.exec(form["query"] ?? "") ?? [];
    if (name === undefined) return invalid(400, "parameter_invalid", "Invalid query");
    const data = [...this.intents.values()].filter(({ metadata }) => metadata[name] === value);
    const found = this.isSearchUpToDate ? data.slice(0, Number(form["limit"] ?? 10)) : [];
    return good({ object: "search_result", data: found, has_more: false, next_page: null });
  }

  #refund(form: Form): Answered {
    const intent = this.intents.get(form["payment_intent"] ?? "");
    if (intent === undefined) return invalid(404, "resource_missing", "No such payment_intent");
    const amount = Number(form["amount"]);
    const given = this.#refundsOf(intent.id)
      .filter(({ status }) => status !== "failed" && status !== "canceled")
      .reduce((total, refund) => total + refund.amount, 0);
    if (amount > intent.amount_received - given) {
      const message = "Refund amount is greater than unrefunded amount on charge";
      return { ...invalid(400, "amount_too_large", message), isInvalid: false };
    }
    const refund: Refund = {
      id: `re_${this.#name()}`,
      object: "refund",
      amount,
      currency: intent.currency,
      payment_intent: intent.id,
      metadata: metadataIn(form),
      status: this.refundStatus,
    };
    this.#refunds.set(refund.id, refund);
    this.#tell("refund.created", refund);
    return good(refund);
  }

  #list(form: Form): Answered {
    const data = this.#refundsOf(form["payment_intent"] ?? "").toReversed();
    return good({ object: "list", data, has_more: false, url: "/v1/refunds" });
  }

  #refundsOf(intentId: string): Refund[] {
    return [...this.#refunds.values()].filter((refund) => refund.payment_intent === intentId);
  }

  #tell(type: string, object: Intent | Refund): void {
    const created = Math.floor(this.#clock.now() / 1000);
    const id = `evt_${this.#name()}`;
    // A snapshot: the state at that moment, which is old when the event comes late.
    this.#events.push({ id, object: "event", type, created, data: { object: { ...object } } });
  }

  #name(): string {
    return newId(this.#clock).replaceAll("-", "");
  }
}

function metadataIn(form: Form): Record<string, string> {
  return Object.fromEntries(
    Object.entries(form).flatMap(([name, value]) => {
      const [, member] = /^metadata\[(\w+)\]$/.exec(name) ?? [];
      return member === undefined ? [] : [[member, value]];
    }),
  );
}

function good(json: object): Answered {
  // A copy: an answer that is kept with its key stays as it was.
  return { status: 200, json: structuredClone(json), isInvalid: false };
}

function invalid(status: number, code: string, message: string): Answered {
  const json = { error: { type: "invalid_request_error", code, message } };
  return { status, json, isInvalid: true };
}

function unexpected(intent: Intent, action: string): Answered {
  const message = `You cannot ${action} this PaymentIntent because it has a status of ${intent.status}.`;
  const answered = invalid(400, "payment_intent_unexpected_state", message);
  return { ...answered, isInvalid: false };
}
