// Creates an event that costs money, pays for tickets after a declined card, and cancels: the money goes back.
// Needs a server with TEST_PAYMENTS=on.
//   TESSERA_URL=http://localhost:8080 node sdk/examples/pay.ts

import { setTimeout as wait } from "node:timers/promises";
import { createTessera, type DataOf } from "@tessera/sdk";

const tessera = createTessera({ baseUrl: process.env["TESSERA_URL"] ?? "http://localhost:8080" });

const event = await tessera.events.create({
  name: "Night at the museum",
  time_zone: "Europe/Prague",
  currency: "EUR",
  publish: true,
  slots: [{ starts_at: "2090-06-15T19:00", ends_at: "2090-06-15T19:30", capacity: 4 }],
  ticket_types: [{ name: "Adult", price: { amount_minor: 2000, currency: "EUR" } }],
});
const [slot] = event.slots;
if (slot === undefined) throw new Error("the event has no slot");

const { id, token, total } = await tessera.reservations.create({
  lines: [{ slot_id: slot.id, quantity: 2 }],
});
console.log(`held, for ${total.amount_minor / 100} ${total.currency}`);

/** Pays, and waits until it is known how that ended. The places stay held meanwhile. */
async function pay(methodToken: string): Promise<DataOf<"readPayment">> {
  const begun = await tessera.payments.create(
    id,
    // `amount` is what the payer was shown: another price is refused, not charged.
    { provider: "test", method_token: methodToken, amount: total },
    { token },
  );
  return until(begun.id, ({ outcome }) => outcome !== null);
}

async function until(paymentId: string, isSo: (payment: DataOf<"readPayment">) => boolean) {
  for (let look = 1; look <= 60; look++) {
    const payment = await tessera.payments.read(paymentId, { token });
    if (isSo(payment)) return payment;
    await wait(500);
  }
  throw new Error("it takes too long");
}

const declined = await pay("card_error");
console.log(`${declined.state}: ${declined.error?.message}`);

// The hold is still there: another card.
const paid = await pay("ok");
const { tickets } = await tessera.reservations.read(id, { token });
console.log(`${paid.state}, ${paid.outcome}: ${tickets.length} tickets`);

await tessera.reservations.cancel(id, { token });
const { refunded } = await until(paid.id, ({ state }) => state === "refunded");
console.log(`cancelled, ${refunded.amount_minor / 100} ${refunded.currency} went back`);
console.log("done");
