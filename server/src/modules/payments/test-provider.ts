import type { Clock, EpochMs } from "#platform/clock.ts";
import { formatId, newId, parseId } from "#platform/id.ts";
import { type KeptPayment, shown } from "./kept-payment.ts";
import { createKeptPayments } from "./kept-payments.ts";
import {
  type Attempt,
  PAYMENT_ERROR_MESSAGE,
  type PaymentOutcome,
  type PaymentProvider,
  ProviderAway,
  type RefundResult,
  type WebhookDelivery,
  type WebhookReading,
} from "./provider.ts";
import {
  createMapQueue,
  createMapStore,
  type RecordQueue,
  type RecordStore,
} from "./record-store.ts";
import { signWebhook, verifyWebhook } from "./standard-webhooks.ts";

/** How long a payment with the token `slow` takes. */
export const SLOW_MS = 30_000;

/** What the test provider does wrong, to be switched while it runs. */
export interface TestSwitches {
  /** Refuses to be reached; what was asked is not done. */
  isAway: boolean;
  /** Does what it is asked, and its answers are lost. */
  losesAnswers: boolean;
  /** Which of its webhooks are lost. */
  dropsWebhook: (eventId: string) => boolean;
  /** How often each webhook is delivered, each time signed anew: the last at this moment, those before it a second apart. */
  webhookDeliveries: number;
  /** The last webhook comes first. */
  reordersWebhooks: boolean;
  webhookDelayMs: number;
  /** Gives no money back; says so. */
  refusesRefunds: boolean;
}

export interface TestProvider extends PaymentProvider {
  readonly switches: TestSwitches;
  /**
   * The webhooks that are due, as the switches have it, signed at this moment. Each is handed out here only, and of
   * many at most `TAKEN_AT_ONCE_MAX` events by one call. They do not pile up where nobody takes them.
   */
  takeWebhooks(): Promise<readonly WebhookDelivery[]>;
}

/** What happened to a payment and is to be told. */
export interface QueuedWebhook {
  readonly eventId: string;
  readonly attempt: Attempt["attemptId"];
  readonly at: EpochMs;
}

export interface TestProviderParts {
  readonly clock: Clock;
  /** The first signs; all are accepted. */
  readonly secrets: readonly [string, ...string[]];
  /** What must survive a restart is kept in stores that do. */
  readonly payments?: RecordStore<KeptPayment>;
  readonly webhooks?: RecordQueue<QueuedWebhook>;
}

/**
 * Pays as its tokens say: `ok` is authorized and taken by `confirm`; `slow` succeeds by itself after `SLOW_MS` of the
 * clock; `never` stays processing; `card_error`, `payment_error` and any other token fail.
 */
export function createTestProvider(parts: TestProviderParts): TestProvider {
  const { clock, secrets } = parts;
  const kept = createKeptPayments(parts.payments ?? createMapStore(), clock);
  const queue = createQueue(parts);
  const { switches } = queue;
  const asked = async <Answer>(act: () => Promise<Answer>): Promise<Answer> => {
    if (switches.isAway) throw new ProviderAway("unreachable");
    const answer = await act();
    if (switches.losesAnswers) throw new ProviderAway("timed_out");
    return answer;
  };
  const begin = async (attempt: Attempt, outcome: PaymentOutcome, succeedsAt: EpochMs | null) => {
    const payment = await kept.begin({ attempt, outcome, succeedsAt, refunds: [] });
    await queue.add(attempt, succeedsAt ?? clock.now());
    return payment;
  };
  const look = async (attempt: Attempt) => {
    const payment = await kept.read(attempt);
    return payment === null ? null : shown(payment);
  };
  return {
    name: "test",
    switches,
    refusalOf: () => null,
    create: (attempt) =>
      asked(async () => {
        const succeedsAt = attempt.methodToken === "slow" ? clock.now() + SLOW_MS : null;
        return shown(await begin(attempt, outcomeOf(attempt.methodToken), succeedsAt));
      }),
    confirm: (attempt) =>
      asked(async () => {
        const payment = await kept.move(attempt, { state: "succeeded" }, ["authorized"]);
        await queue.add(attempt, clock.now());
        return payment === null ? null : shown(payment);
      }),
    cancel: (attempt) =>
      asked(async () => {
        const begun = await begin(attempt, { state: "cancelled" }, null);
        const open = ["authorized", "processing"] as const;
        return shown((await kept.move(attempt, { state: "cancelled" }, open)) ?? begun);
      }),
    lookUp: (attempt) => asked(() => look(attempt)),
    refund: (request) =>
      asked(async () => {
        if (switches.refusesRefunds) return REFUSED;
        const result = await kept.refund(request, "succeeded");
        await queue.add(request.attempt, clock.now());
        return result;
      }),
    readWebhook: async (delivery) => read(delivery, secrets, clock),
    takeWebhooks: queue.take,
  };
}

const REFUSED: RefundResult = {
  refused: "by_provider",
  message: "The account that the money came from is closed.",
};

function outcomeOf(token: string | null): PaymentOutcome {
  if (token === "ok") return { state: "authorized" };
  if (token === "slow" || token === "never") return { state: "processing" };
  return token === "card_error"
    ? { state: "failed", reason: "card_error", message: "The card was declined." }
    : { state: "failed", reason: "payment_error", message: PAYMENT_ERROR_MESSAGE };
}

function createQueue({ clock, secrets, webhooks = createMapQueue() }: TestProviderParts) {
  const switches: TestSwitches = {
    isAway: false,
    losesAnswers: false,
    dropsWebhook: () => false,
    webhookDeliveries: 1,
    reordersWebhooks: false,
    webhookDelayMs: 0,
    refusesRefunds: false,
  };
  return {
    switches,
    async add({ attemptId }: Attempt, at: EpochMs) {
      const event = { eventId: `evt_${newId(clock)}`, attempt: attemptId, at };
      await webhooks.add(event.eventId, event);
    },
    async take(): Promise<readonly WebhookDelivery[]> {
      const due = await webhooks.take(clock.now() - switches.webhookDelayMs);
      const told = due.filter(({ eventId }) => !switches.dropsWebhook(eventId));
      const ordered = switches.reordersWebhooks ? told.toReversed() : told;
      const nowSeconds = Math.floor(clock.now() / 1000);
      return ordered.flatMap(({ eventId, attempt }) =>
        Array.from({ length: switches.webhookDeliveries }, (_, index) =>
          signWebhook({
            id: eventId,
            atSeconds: nowSeconds - (switches.webhookDeliveries - 1 - index),
            body: Buffer.from(JSON.stringify({ payment: formatId("pay", attempt) })),
            secret: secrets[0],
          }),
        ),
      );
    },
  };
}

function read(delivery: WebhookDelivery, secrets: readonly string[], clock: Clock): WebhookReading {
  const verified = verifyWebhook(delivery, { secrets, clock });
  if ("refused" in verified) return { kind: "refused", reason: verified.refused };
  const attemptId = paymentIn(delivery.body);
  if (attemptId === null) return { kind: "refused", reason: "malformed" };
  return {
    kind: "event",
    eventId: verified.id,
    attemptId,
    providerPaymentId: attemptId,
    signedAtSeconds: verified.atSeconds,
  };
}

function paymentIn(body: Buffer): Attempt["attemptId"] | null {
  try {
    const said: unknown = JSON.parse(body.toString());
    const isNamed = typeof said === "object" && said !== null && "payment" in said;
    return isNamed && typeof said.payment === "string" ? parseId("pay", said.payment) : null;
  } catch {
    return null;
  }
}
