import assert from "node:assert/strict";
import { type RawBuilder, sql } from "kysely";
import { type ProviderName, unsettledMoney } from "#modules/payments/testing.ts";
import { provePools } from "#modules/reservations/testing.ts";
import type { Id } from "#platform/id.ts";
import { OFFER_SECONDS, OFFLINE_HOLD_HOURS, type PaidSale, type PaidWorld } from "./paid-world.ts";
import { startProcess } from "./payment-process.ts";

/** Where to look: the database, and the providers as the world has them. */
type Accounted = Pick<PaidWorld, "database" | "clock" | "providers">;

/** A reservation beside its money, as our tables have it. */
export interface Account {
  readonly reservation_id: Id<"rsv">;
  readonly state: string;
  /** Its price while it is confirmed, what is kept of it when it is cancelled, else nothing. */
  readonly worth: number;
  readonly places: number;
  readonly valid_tickets: number;
  readonly paid: number;
  readonly given_back: number;
  readonly outcomes: readonly string[];
}

/** Longer than any hold, wait or offer: after so long and a look each nothing is under way. */
const ALL_OVER_SECONDS = Math.max(OFFER_SECONDS, OFFLINE_HOLD_HOURS * 3_600) + 1_200;
const LOOKS = 3;

/** Everything is reachable again, time passes, and whoever has something to do does it. */
export async function settleEverything(world: PaidWorld): Promise<void> {
  Object.assign(world.test.switches, {
    isAway: false,
    losesAnswers: false,
    dropsWebhook: () => false,
    webhookDeliveries: 1,
    reordersWebhooks: false,
    webhookDelayMs: 0,
  });
  const process = startProcess(world);
  for (let look = 0; look < LOOKS; look++) {
    for (const doNext of [process.work, process.hear, process.reconcile, process.expire]) {
      await doNext();
    }
    world.clock.advance(ALL_OVER_SECONDS * 1_000);
  }
  for (const doNext of [process.reconcile, process.expire, process.work]) await doNext();
}

/**
 * What must hold when nothing is under way, of each reservation: what was taken and not given back is what it is worth, as the
 * provider says and as our tables say; its valid tickets are its places, and none is valid without them. And of all
 * together: nothing waits, no money is without outcome, no refund is open, and every pool adds up.
 */
export async function mustBeSettled(
  world: Accounted,
  sales: readonly Pick<PaidSale, "eventId">[],
): Promise<readonly Account[]> {
  const { database, clock } = world;
  const eventIds = sales.map(({ eventId }) => eventId);
  assert.deepEqual(await stuckPayments(world), []);
  assert.deepEqual(await unsettledMoney(database.kysely, clock), {
    withoutOutcome: 0,
    onOffer: 0,
    refusedRefunds: 0,
  });
  assert.deepEqual(await whatWaits(world), { jobs: 0, payments: 0, refunds: 0, webhooks: 0 });
  for (const eventId of eventIds) {
    for (const pool of await provePools(database, eventId)) {
      assert.ok(pool.addsUp && pool.held === 0, JSON.stringify(pool));
    }
  }
  const accounts = await accountsOf(world, sql`r.event_id = any (${`{${eventIds}}`}::uuid[])`);
  const left = await leftAtProviders(world, eventIds);
  for (const account of accounts) mustBalance(account, left.get(account.reservation_id) ?? 0);
  return accounts;
}

function mustBalance(account: Account, leftAtProvider: number): void {
  const said = JSON.stringify(account);
  assert.notEqual(account.state, "held", said);
  assert.equal(account.paid - account.given_back, account.worth, said);
  assert.equal(account.valid_tickets, account.state === "confirmed" ? account.places : 0, said);
  assert.equal(leftAtProvider, account.worth, said);
}

/** What providers took and did not give back, by reservation; and that they and we agree on what succeeded. */
async function leftAtProviders(
  world: Accounted,
  eventIds: readonly Id<"evt">[],
): Promise<ReadonlyMap<Id<"rsv">, number>> {
  const { rows } = await sql<{
    payment_id: Id<"pay">;
    reservation_id: Id<"rsv">;
    provider: ProviderName;
    amount_minor: number;
    state: string;
    made_at: number;
  }>`
    select payment_id, reservation_id, provider, amount_minor, state, made_at
      from payments.payment
     where event_id = any (${`{${eventIds}}`}::uuid[])
  `.execute(world.database.kysely);
  const left = new Map<Id<"rsv">, number>();
  for (const row of rows) {
    const found = await world.providers.get(row.provider)?.lookUp({
      attemptId: row.payment_id,
      madeAt: row.made_at,
      amount: { amountMinor: row.amount_minor, currency: "EUR" },
      methodToken: null,
      providerPaymentId: null,
    });
    const hasSucceeded = found?.outcome.state === "succeeded";
    assert.equal(hasSucceeded, row.state === "succeeded", JSON.stringify({ row, found }));
    const kept = (found?.captured.amountMinor ?? 0) - (found?.refunded.amountMinor ?? 0);
    left.set(row.reservation_id, (left.get(row.reservation_id) ?? 0) + kept);
  }
  return left;
}

/** Reservations that somebody sees: not those that only hold what an exchange needs. */
async function accountsOf({ database }: Accounted, which: RawBuilder<unknown>) {
  const { rows } = await sql<Account>`
    select r.reservation_id, r.state,
           case r.state when 'confirmed' then l.total when 'cancelled' then r.kept_minor else 0 end::bigint as worth,
           l.places::integer, t.valid_tickets::integer, coalesce(p.paid, 0)::bigint as paid,
           coalesce(f.given_back, 0)::bigint as given_back,
           coalesce(p.outcomes, '{}') as outcomes
      from reservations.reservation r
      join reservations.entry e on e.reservation_id = r.reservation_id and e.version = r.version
     cross join lateral (
       select sum(line.quantity * line.price) as total, sum(line.quantity) as places
         from unnest(e.line_quantities, e.line_unit_price_minor) line (quantity, price)) l
     cross join lateral (
       select count(*) as valid_tickets from reservations.ticket t
        where t.reservation_id = r.reservation_id and t.voided_version is null) t
     cross join lateral (
       select sum(p.amount_minor) filter (where p.state = 'succeeded') as paid,
              array_agg(p.outcome order by p.payment_id) as outcomes
         from payments.payment p where p.reservation_id = r.reservation_id) p
     cross join lateral (
       select sum(f.amount_minor) as given_back from payments.refund f
        where f.reservation_id = r.reservation_id and f.state in ('succeeded', 'by_hand')) f
     where r.exchange_of is null and ${which}
     order by r.reservation_id
  `.execute(database.kysely);
  return rows;
}

/** Payments that came to nothing, with what they are for, for whoever looks why. */
async function stuckPayments({ database }: Accounted): Promise<readonly object[]> {
  const { rows } = await sql<object>`
    select p.state, p.provider, p.method_token, p.amount_minor, p.failure_code, p.looks, p.offered_until,
           r.state as reservation, r.total_minor, r.exchange_id, h.state as hold, h.exchange_of, s.state as sale
      from payments.payment p
      join reservations.reservation r on r.reservation_id = p.reservation_id
      join reservations.reservation h on h.reservation_id = p.hold_id
      join reservations.sale s on s.event_id = r.event_id
     where p.concluded_at is null
     limit 10
  `.execute(database.kysely);
  return rows;
}

async function whatWaits({ database }: Accounted) {
  const { rows } = await sql<Record<"jobs" | "payments" | "refunds" | "webhooks", number>>`
    select (select count(*) from platform.outbox) as jobs,
           (select count(*) from payments.payment where concluded_at is null) as payments,
           (select count(*) from payments.refund where state = 'pending') as refunds,
           (select count(*) from payments.webhook where applied_at is null) as webhooks
  `.execute(database.kysely);
  return rows[0];
}
