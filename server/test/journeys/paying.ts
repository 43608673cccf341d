import assert from "node:assert/strict";
import type { BodyOf, DataOf } from "@tessera/sdk";
import { unsettledMoney } from "#modules/payments/testing.ts";
import type { TestServer } from "#test/server.ts";
import { type AnEvent, anEvent } from "./an-event.ts";

export type Held = DataOf<"reserve">;
export type Payment = DataOf<"readPayment">;

/** A published event that costs money: two slots of ten places, an adult for 20 euros and a child for 5. */
export async function aPaidEvent(
  { client }: TestServer,
  overrides: Partial<BodyOf<"createEvent">> = {},
): Promise<AnEvent & { readonly adult: string; readonly child: string }> {
  const event = await anEvent(client, {
    currency: "EUR",
    ticket_types: [
      { name: "Adult", price: { amount_minor: 2000, currency: "EUR" } },
      { name: "Child", price: { amount_minor: 500, currency: "EUR" } },
    ],
    ...overrides,
  });
  const { ticket_types: types } = await client.events.read(event.id, { token: event.token });
  const [adult, child] = types.map(({ id }) => id);
  assert.ok(adult !== undefined && child !== undefined);
  return { ...event, adult, child };
}

/** Two adults in the first slot, held. */
export function hold(
  { client }: TestServer,
  event: { readonly first: string; readonly adult: string },
  quantity = 2,
): Promise<Held> {
  return client.reservations.create({
    lines: [{ slot_id: event.first, ticket_type_id: event.adult, quantity }],
  });
}

/** Begins a payment, as the reservation's holder. */
export function pay(
  { client }: TestServer,
  { id, token }: Pick<Held, "id" | "token">,
  body: BodyOf<"createPayment">,
): Promise<Payment> {
  return client.payments.create(id, body, { token });
}

/** Does all that is to be done by now: jobs, webhooks, and what the reconciler finds. */
export async function settle({ app }: TestServer): Promise<void> {
  for (const task of ["jobs.work", "payments.test-webhooks", "jobs.work", "payments.reconcile"]) {
    await app.tasks.get(task)?.runNow();
  }
  await app.jobs.work();
}

/** The payment after all that is to be done by now. */
export async function settled(
  server: TestServer,
  { token }: Pick<Held, "token">,
  { id }: Pick<Payment, "id">,
): Promise<Payment> {
  await settle(server);
  return server.client.payments.read(id, { token });
}

/** Every payment came to something, and no refund was refused. */
export async function nothingIsOpen({ app }: TestServer): Promise<void> {
  const { withoutOutcome, refusedRefunds } = await unsettledMoney(app.database.kysely, app.clock);
  assert.deepEqual({ withoutOutcome, refusedRefunds }, { withoutOutcome: 0, refusedRefunds: 0 });
}
