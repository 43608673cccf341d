import {
  paymentsOf,
  readPayment,
  refundsOf,
  retryRefund,
  settleOfflinePayment,
} from "#modules/payments/testing.ts";
import { settleCancelledEvent } from "#modules/reservations/testing.ts";
import { inTransaction } from "#platform/database/database.ts";
import { Problem } from "#platform/http/problem.ts";
import type { Id } from "#platform/id.ts";
import {
  acceptAlternative,
  aKey,
  awaitExchange,
  cancel,
  exchange,
  hold,
  keepPayment,
  pay,
} from "./holder.ts";
import { CHILD_MINOR, type PaidSale, type PaidWorld, WAIT_SECONDS } from "./paid-world.ts";
import { type PaymentProcess, startProcess } from "./payment-process.ts";

// The ways that money and places go together, each as acts of the world: what a holder asks, what a process does by itself, what
// providers do. Whoever asked a process that was killed asks again, by the same key.

/** A journey under way. The process is another one after the first was killed. */
export interface Traveller {
  readonly world: PaidWorld;
  readonly sale: PaidSale;
  process: PaymentProcess;
  reservationId: Id<"rsv">;
  readonly keys: ReadonlyMap<string, ReturnType<typeof aKey>>;
}

type Act = (traveller: Traveller) => Promise<unknown>;

export interface Journey {
  readonly name: string;
  readonly slots: number;
  readonly acts: readonly Act[];
  /** The state of the reservation and what its payments came to: where nobody is killed, then what else is right. */
  readonly ends: readonly [string, ...string[]];
}

const keyOf = ({ keys }: Traveller, name: string) => {
  const key = keys.get(name);
  if (key === undefined) throw new Error(`no key ${name}`);
  return key;
};

export function aTraveller(world: PaidWorld, sale: PaidSale, process: PaymentProcess): Traveller {
  const keys = new Map(["hold", "cancel", "exchange"].map((name) => [name, aKey()]));
  return { world, sale, process, keys, reservationId: "" as Id<"rsv"> };
}

function wanted({ sale }: Traveller, type: "adult" | "child", quantity: number) {
  return [{ slotId: sale.slotIds[0] as Id<"slt">, ticketTypeId: sale[type], quantity }];
}

const holds =
  (type: "adult" | "child" = "adult", quantity = 2): Act =>
  async (traveller) => {
    const { process } = traveller;
    const held = await hold(process, wanted(traveller, type, quantity), keyOf(traveller, "hold"));
    if (held === null) throw new Error("there are places");
    traveller.reservationId = held;
  };

/** A repeat by the same key finds the payment kept. */
const pays =
  (token: string | null): Act =>
  ({ process, reservationId }) =>
    unlessKept(pay(process, reservationId, token));

const beginsToPay: Act = ({ process, reservationId }) =>
  unlessKept(keepPayment(process, reservationId, "ok"));

async function unlessKept(work: Promise<unknown>): Promise<void> {
  await work.catch((error) => {
    const isKept = error instanceof Problem && error.type.code === "payment_in_progress";
    if (!isKept) throw error;
  });
}

const works: Act = ({ process }) => process.work();
const hears: Act = ({ process }) => process.hear();
const looks: Act = ({ process }) => process.reconcile();
const tidies: Act = ({ process }) => process.expire();
const passes =
  (seconds: number): Act =>
  async ({ world }) =>
    world.clock.advance(seconds * 1_000);
const providerIs =
  (isAway: "away" | "back"): Act =>
  async ({ world }) => {
    world.test.switches.isAway = isAway === "away";
  };
const refundsAre =
  (are: "refused" | "given"): Act =>
  async ({ world }) => {
    world.refunds.areRefused = are === "refused";
  };
const cancels: Act = (traveller) =>
  cancel(traveller.process, traveller.reservationId, CHILD_MINOR, keyOf(traveller, "cancel"));
const wantsDearer: Act = (traveller) =>
  awaitExchange(
    traveller.process,
    traveller.reservationId,
    wanted(traveller, "adult", 2),
    keyOf(traveller, "exchange"),
  );
const othersTakeOne: Act = async (traveller) => {
  const { world, sale } = traveller;
  const others = startProcess(world);
  const [slotId] = sale.slotIds as [Id<"slt">];
  await hold(others, [{ slotId, ticketTypeId: sale.child, quantity: 1 }]);
};
const accepts: Act = ({ process, reservationId }) => acceptAlternative(process, reservationId);
const moneyCame: Act = async ({ process, reservationId }) => {
  const [payment] = await paymentsOf(process.database.kysely, reservationId);
  if (payment === undefined) throw new Error("it is kept");
  const present = await readPayment(process.database, payment.paymentId);
  if (present?.state !== "processing") return; // Asked again, and it is settled.
  await settleOfflinePayment(process.parts, payment, "received").catch((error) => {
    if (!(error instanceof Problem)) throw error;
  });
};
const triesRefundAgain: Act = async ({ process, reservationId }) => {
  const { database } = process;
  const payments = await paymentsOf(database.kysely, reservationId);
  const refunds = await refundsOf(
    database.kysely,
    payments.map(({ paymentId }) => paymentId),
  );
  for (const refund of refunds.filter(({ state }) => state === "failed")) {
    await inTransaction(database, (transaction) => retryRefund(process.parts, transaction, refund));
  }
};
const eventIsCancelled: Act = async ({ world, sale, process }) => {
  const facts = await world.factsOfSlot(sale.slotIds[0] as Id<"slt">);
  if (facts?.state !== "cancelled") await world.cancel(sale);
  await settleCancelledEvent(process, sale.eventId);
};
const takesMore: Act = (traveller) =>
  exchange(traveller.process, traveller.reservationId, wanted(traveller, "adult", 2));

const WAIT_AND_GRACE_SECONDS = WAIT_SECONDS + 301;

/** Paid, but nobody can be reached until the hold has ended. */
const lateFor: readonly Act[] = [
  holds(),
  pays("slow"),
  works,
  providerIs("away"),
  passes(WAIT_AND_GRACE_SECONDS),
  tidies,
];
const seenLater: readonly Act[] = [providerIs("back"), looks, works];
const bought = (type: "adult" | "child" = "adult", quantity = 2): readonly Act[] => [
  holds(type, quantity),
  pays("ok"),
  works,
];

export const JOURNEYS: readonly Journey[] = [
  {
    name: "paid with a card",
    slots: 1,
    acts: [...bought(), hears, works],
    ends: ["confirmed: confirmed"],
  },
  {
    name: "a card is declined and another is not",
    slots: 1,
    acts: [holds(), pays("card_error"), works, pays("ok"), works],
    ends: ["confirmed: none, confirmed"],
  },
  {
    name: "a payment takes long, and a webhook tells that it succeeded",
    slots: 1,
    acts: [holds(), pays("slow"), works, passes(31), hears, works],
    ends: ["confirmed: confirmed"],
  },
  {
    name: "money comes when the hold has ended, and the places are there",
    slots: 1,
    acts: [...lateFor, ...seenLater],
    ends: ["confirmed: confirmed"],
  },
  {
    name: "money comes when the places are gone, and another slot is chosen",
    slots: 2,
    acts: [...lateFor, othersTakeOne, ...seenLater, accepts, works],
    ends: ["confirmed: confirmed"],
  },
  {
    name: "money comes when the places are gone, and another slot is offered in vain",
    slots: 2,
    acts: [...lateFor, othersTakeOne, ...seenLater],
    // Others let their places go: they are had again if it is only looked at then.
    ends: ["cancelled: returned", "confirmed: confirmed"],
  },
  {
    name: "money comes when all places are gone, and goes back",
    slots: 1,
    acts: [...lateFor, othersTakeOne, ...seenLater, works],
    ends: ["cancelled: returned"],
  },
  {
    name: "what was paid for is cancelled, and part of the money goes back",
    slots: 1,
    acts: [...bought(), cancels, works, hears, works],
    ends: ["cancelled: confirmed"],
  },
  {
    name: "what was paid for is exchanged for something dearer",
    slots: 1,
    acts: [...bought("child", 1), wantsDearer, pays("ok"), works, hears, works],
    ends: ["confirmed: confirmed, exchanged"],
  },
  {
    name: "the difference comes when the places are gone",
    slots: 1,
    acts: [
      ...bought("child", 1),
      wantsDearer,
      pays("slow"),
      works,
      providerIs("away"),
      passes(WAIT_AND_GRACE_SECONDS),
      tidies,
      othersTakeOne,
      ...seenLater,
      works,
    ],
    ends: ["confirmed: confirmed, returned"],
  },
  {
    name: "the event is cancelled while a difference is under way",
    slots: 1,
    acts: [
      ...bought("child", 1),
      wantsDearer,
      pays("slow"),
      works,
      eventIsCancelled,
      passes(31),
      looks,
      works,
    ],
    ends: ["cancelled: confirmed, returned", "cancelled: confirmed, none"],
  },
  {
    name: "a hold is exchanged for something dearer before its payment begins",
    slots: 1,
    acts: [holds("adult", 1), beginsToPay, takesMore, works, pays("ok"), works],
    ends: ["confirmed: none, confirmed"],
  },
  {
    name: "money comes by bank transfer",
    slots: 1,
    acts: [holds(), pays(null), works, moneyCame, passes(300), looks],
    ends: ["confirmed: confirmed"],
  },
  {
    name: "a refund is refused and tried again",
    slots: 1,
    acts: [
      ...bought(),
      refundsAre("refused"),
      cancels,
      works,
      refundsAre("given"),
      triesRefundAgain,
      works,
    ],
    ends: ["cancelled: confirmed"],
  },
  {
    name: "the wait is over",
    slots: 1,
    acts: [holds(), pays("never"), works, passes(WAIT_SECONDS + 1), looks, tidies],
    ends: ["expired: none"],
  },
];
