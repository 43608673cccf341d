import assert from "node:assert/strict";
import type { BodyOf, DataOf } from "@tessera/sdk";
import { sql } from "kysely";
import type { TestProvider } from "#modules/payments/index.ts";
import { unsettledMoney } from "#modules/payments/testing.ts";
import type { Config } from "#src/config.ts";
import type { TestServer } from "#test/server.ts";
import { type AnEvent, anEvent } from "./an-event.ts";

export type Held = DataOf<"reserve">;
export type Payment = DataOf<"readPayment">;

/** What is set about payments: holds wait half an hour. */
export const PAYMENTS: Config["payments"] = {
  stripe: null,
  isTest: true,
  waitSeconds: 1_800,
  offerHours: 24,
};
/** The longest wait, and the time there is to end a payment at its provider. */
export const WAIT_AND_GRACE_SECONDS = 1_800 + 300;

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

/** Adults in the first slot, held. */
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

/** What is wrong with the test provider, to be switched. */
export function switchesOf({ app }: TestServer): TestProvider["switches"] {
  assert.ok(app.testPayments !== null);
  return app.testPayments.switches;
}

/** How many payments the test provider was ever asked for. */
export async function chargesOf({ app }: TestServer): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from payments.provider_record where provider = 'test'
  `.execute(app.database.kysely);
  return rows[0]?.count ?? 0;
}

/** Two adults, paid for and confirmed. */
export async function paidFor(
  server: TestServer,
  event: { readonly first: string; readonly adult: string },
): Promise<{ readonly held: Held; readonly payment: Payment }> {
  const held = await hold(server, event);
  const begun = await pay(server, held, { provider: "test", method_token: "ok" });
  const payment = await settled(server, held, begun);
  assert.deepEqual([payment.state, payment.outcome], ["succeeded", "confirmed"]);
  return { held, payment };
}

/** The state of a reservation as its holder sees it. */
export async function stateOf({ client }: TestServer, { id, token }: Pick<Held, "id" | "token">) {
  return (await client.reservations.read(id, { token })).state;
}
