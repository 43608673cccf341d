import type { Clock } from "#platform/clock.ts";
import { type KeptPayment, shown } from "./kept-payment.ts";
import { createKeptPayments } from "./kept-payments.ts";
import {
  type Attempt,
  PAYMENT_ERROR_MESSAGE,
  type PaymentProvider,
  type ProviderPayment,
} from "./provider.ts";
import { createMapStore, type RecordStore } from "./record-store.ts";

/** Money that is paid at the till or by bank transfer, where nobody but a person sees it come. */
export interface OfflineProvider extends PaymentProvider {
  /**
   * What a manager says of a payment that is `processing`. Said once; of any other it changes nothing, and the
   * answer shows it as it is. Null when there is no such payment.
   */
  settle(attempt: Attempt, came: "received" | "not_received"): Promise<ProviderPayment | null>;
}

/** Keeps what managers said in the store. Any amount will do; refunds are noted, to be made by hand. */
export function createOfflineProvider({
  clock,
  payments = createMapStore(),
}: {
  readonly clock: Clock;
  readonly payments?: RecordStore<KeptPayment>;
}): OfflineProvider {
  const kept = createKeptPayments(payments, clock);
  const begin = async (attempt: Attempt, state: "processing" | "cancelled") =>
    kept.begin({ attempt, outcome: { state }, succeedsAt: null, refunds: [] });
  return {
    name: "offline",
    refusalOf: () => null,
    create: async (attempt) => shown(await begin(attempt, "processing")),
    confirm: async (attempt) => shownOrNull(await kept.read(attempt)),
    async cancel(attempt) {
      const begun = await begin(attempt, "cancelled");
      return shown((await kept.move(attempt, { state: "cancelled" }, ["processing"])) ?? begun);
    },
    lookUp: async (attempt) => shownOrNull(await kept.read(attempt)),
    refund: (request) => kept.refund(request, "by_hand"),
    readWebhook: async () => ({ kind: "refused", reason: "unsigned" }),
    settle: async (attempt, came) =>
      shownOrNull(
        await kept.move(
          attempt,
          came === "received"
            ? { state: "succeeded" }
            : { state: "failed", reason: "payment_error", message: PAYMENT_ERROR_MESSAGE },
          ["processing"],
        ),
      ),
  };
}

const shownOrNull = (payment: KeptPayment | null) => (payment === null ? null : shown(payment));
