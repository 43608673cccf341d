import { sql } from "kysely";
import { readPayment, settleOfflinePayment } from "#modules/payments/testing.ts";
import { settleCancelledEvent } from "#modules/reservations/testing.ts";
import { databaseNow } from "#platform/database/database-now.ts";
import { Problem } from "#platform/http/problem.ts";
import type { Id } from "#platform/id.ts";
import {
  acceptAlternative,
  aKey,
  awaitExchange,
  cancel,
  dropExchange,
  endPayment,
  exchange,
  hold,
  keepPayment,
  pay,
  release,
} from "#test/payments/holder.ts";
import { Killed, Life } from "#test/payments/mortal.ts";
import {
  ADULT_MINOR,
  CHILD_MINOR,
  type PaidSale,
  type PaidWorld,
} from "#test/payments/paid-world.ts";
import { type PaymentProcess, startProcess } from "#test/payments/payment-process.ts";
import { type Random, randomOf } from "#test/seeded-random.ts";

// A random history of many holders, their money, two processes that are killed now and then, and a provider in changing
// weather. What anybody does is drawn from the seed alone; how the statements of one round meet is the database's.

/** How often a holder does something before they leave things as they are. */
const ACTS_MAX = 9;
const PROCESSES = 2;

interface Holder {
  readonly random: Random;
  readonly sale: PaidSale;
  lines: ReturnType<typeof linesOf>;
  key: ReturnType<typeof aKey>;
  reservationId: Id<"rsv"> | null;
  acts: number;
}

/** How a reservation and its last payment stand when a round begins. */
interface Standing {
  readonly reservation_id: Id<"rsv">;
  readonly state: string;
  readonly is_over: boolean;
  readonly is_offered: boolean;
  readonly exchange_id: string | null;
  readonly total_minor: number;
  readonly places: number;
  readonly payment_id: Id<"pay"> | null;
  readonly provider: string | null;
  readonly is_open: boolean;
}

export interface HistoryOptions {
  readonly seed: number;
  readonly reservations: number;
  readonly rounds: number;
  readonly sales: number;
  /** The places of each slot. */
  readonly capacities: readonly number[];
}

/** What happened, by name, so that a run can be seen to have done what it is for. */
export type Happened = Map<string, number>;

export async function playHistory(
  world: PaidWorld,
  options: HistoryOptions,
): Promise<{ readonly sales: readonly PaidSale[]; readonly happened: Happened }> {
  const random = randomOf(options.seed);
  const sales: PaidSale[] = [];
  for (let count = 0; count < options.sales; count++)
    sales.push(await world.sell(options.capacities));
  const holders = Array.from({ length: options.reservations }, (_, index) =>
    aHolder(options.seed * 100_003 + index, sales),
  );
  const happened: Happened = new Map();
  const processes = Array.from({ length: PROCESSES }, () => startProcess(world));
  const perRound = Math.ceil(options.reservations / (options.rounds * 0.75));
  const settlers: (PaidSale | null)[] = [];
  for (let round = 0; round < options.rounds; round++) {
    if (round % 4 === 0) changeWeather(world, random);
    for (const index of processes.keys()) {
      // Most live on; one in six dies somewhere in this round.
      const stepsMax = random(6) === 0 ? 1 + random(600) : Number.POSITIVE_INFINITY;
      processes[index] = startProcess(world, new Life({ stepsMax, counts: "all" }));
    }
    const cancelled = round > options.rounds / 2 && round % 8 === 0 ? sales[settlers.length] : null;
    if (cancelled != null) {
      await world.cancel(cancelled);
      settlers.push(cancelled);
      note(happened, "an event is cancelled");
    }
    const acting = holders.slice(0, (round + 1) * perRound).filter(({ acts }) => acts < ACTS_MAX);
    const standings = await readStandings(world);
    const work = [
      ...acting.map((holder, index) => {
        const process = processes[index % PROCESSES] as PaymentProcess;
        const standing = standings.get(holder.reservationId as Id<"rsv">) ?? null;
        return attempt(happened, () => act(world, process, { holder, standing }));
      }),
      ...processes.map((process) => attempt(happened, () => tidy(process, random, settlers))),
    ];
    for (const result of await Promise.allSettled(work)) {
      if (result.status === "rejected") throw result.reason;
    }
    world.clock.advance(secondsOf(world, random) * 1_000);
  }
  // Those that were killed while they settled a cancelled event leave it to the next one.
  const last = startProcess(world);
  for (const sale of settlers) if (sale !== null) await settleCancelledEvent(last, sale.eventId);
  return { sales, happened };
}

/** Killed processes answer nobody, refusals are answers; all else is a failure of the run. */
async function attempt(happened: Happened, work: () => Promise<string>): Promise<void> {
  try {
    note(happened, await work());
  } catch (error) {
    if (error instanceof Killed) note(happened, "killed");
    else if (error instanceof Problem) note(happened, error.type.code);
    else throw error;
  }
}

function note(happened: Happened, what: string): void {
  happened.set(what, (happened.get(what) ?? 0) + 1);
}

function aHolder(seed: number, sales: readonly PaidSale[]): Holder {
  const random = randomOf(seed);
  const sale = sales[random(sales.length)] as PaidSale;
  return { random, sale, lines: linesOf(sale, random), key: aKey(), reservationId: null, acts: 0 };
}

function linesOf({ slotIds, adult, child }: PaidSale, random: Random) {
  // Most want the first: it is sold out while there are places in the others.
  const slotId = slotIds[random(3) < 2 ? 0 : random(slotIds.length)] as Id<"slt">;
  const ticketTypeId = random(4) === 0 ? child : adult;
  return [{ slotId, ticketTypeId, quantity: 1 + random(3) }];
}

/** How long a round lasts. A provider that cannot be reached stays so for longer than holds wait. */
function secondsOf({ test: { switches } }: PaidWorld, random: Random): number {
  if (switches.isAway || switches.losesAnswers) return 380 + random(200);
  return [5, 20, 60, 200, 400][random(5)] as number;
}

/** What a provider does wrong, for some rounds. */
function changeWeather({ test: { switches } }: PaidWorld, random: Random): void {
  const isBad = (oneIn: number) => random(oneIn) === 0;
  switches.isAway = isBad(3);
  switches.losesAnswers = !switches.isAway && isBad(3);
  // Half of all webhooks, told apart by their ids, are lost at any time.
  switches.dropsWebhook = (eventId) => eventId.charCodeAt(eventId.length - 1) % 2 === 0;
  switches.webhookDeliveries = 1 + random(3);
  switches.reordersWebhooks = isBad(2);
  switches.webhookDelayMs = isBad(3) ? 100_000 : 0;
}

/** What a process does beside requests, with some of it left undone. */
async function tidy(
  process: PaymentProcess,
  random: Random,
  cancelled: readonly (PaidSale | null)[],
): Promise<string> {
  const wanted = Array.from({ length: 4 }, () => random(10));
  if ((wanted[0] ?? 0) < 8) await process.work();
  if ((wanted[1] ?? 0) < 6) await process.hear();
  if ((wanted[2] ?? 0) < 6) await process.reconcile();
  if ((wanted[3] ?? 0) < 5) await process.expire();
  for (const sale of cancelled) {
    if (sale !== null) await settleCancelledEvent(process, sale.eventId);
  }
  return "tidied";
}

async function act(
  world: PaidWorld,
  process: PaymentProcess,
  { holder, standing }: { readonly holder: Holder; readonly standing: Standing | null },
): Promise<string> {
  const { random } = holder;
  holder.acts++;
  if (standing === null) {
    holder.reservationId = await hold(process, holder.lines, holder.key);
    if (holder.reservationId === null) {
      holder.lines = linesOf(holder.sale, random);
      holder.key = aKey();
      return "sold out";
    }
    if (random(2) === 0) return "held";
    const token = someToken(random);
    await pay(process, holder.reservationId, token);
    return `pays ${token ?? "off line"} at once`;
  }
  const one = { world, process, standing, random, holder };
  if (standing.state === "confirmed") return actConfirmed(one);
  if (standing.state === "held" && !standing.is_over) {
    return standing.is_open ? actPaying(one) : actHeld(one);
  }
  if (standing.is_offered && random(2) === 0) {
    const status = await acceptAlternative(process, standing.reservation_id, random(3));
    return `accept: ${status}`;
  }
  if (standing.is_open) return "waits";
  holder.acts = ACTS_MAX;
  return `ended ${standing.state}`;
}

interface Acting {
  readonly world: PaidWorld;
  readonly process: PaymentProcess;
  readonly standing: Standing;
  readonly random: Random;
  readonly holder: Holder;
}

const TOKENS = ["ok", "ok", "ok", "slow", "slow", "slow", "card_error", "payment_error", "never"];

/** A way to pay: off line now and then. */
function someToken(random: Random): string | null {
  return random(10) === 0 ? null : (TOKENS[random(TOKENS.length)] as string);
}

async function actHeld({ process, standing, random, holder }: Acting): Promise<string> {
  const id = standing.reservation_id;
  const chance = random(20);
  if (chance < 1) return `release: ${await release(process, id)}`;
  if (chance < 3) {
    return `exchange of a hold: ${await exchange(process, id, linesOf(holder.sale, random))}`;
  }
  if (chance < 4) return "thinks";
  const token = someToken(random);
  if (chance < 6) {
    // A job begins it later: until then the hold does not wait, and may be changed.
    await keepPayment(process, id, token);
    if (random(2) === 0) {
      return `exchange before the wait: ${await exchange(process, id, linesOf(holder.sale, random))}`;
    }
    return "pays later";
  }
  await pay(process, id, token);
  return `pays ${token ?? "off line"}`;
}

async function actPaying({ world, process, standing, random, holder }: Acting): Promise<string> {
  const { reservation_id: id, payment_id: paymentId, provider } = standing;
  const chance = random(20);
  if (chance < 2 && paymentId !== null) {
    await endPayment(process, paymentId);
    return "ends a payment";
  }
  if (chance < 3)
    return `exchange while paying: ${await exchange(process, id, linesOf(holder.sale, random))}`;
  if (provider === "offline" && paymentId !== null && chance < 14) {
    return settleOffline({ world, process, standing, random, holder });
  }
  return "waits";
}

async function settleOffline({ process, standing, random }: Acting): Promise<string> {
  if (standing.payment_id === null) return "waits";
  const payment = await readPayment(process.database, standing.payment_id);
  if (payment === null) return "waits";
  const came = random(4) === 0 ? "not_received" : "received";
  await settleOfflinePayment(process.parts, payment, came);
  return came;
}

async function actConfirmed({ process, standing, random, holder }: Acting): Promise<string> {
  const {
    reservation_id: id,
    exchange_id: companion,
    total_minor: total,
    is_open: isPaying,
  } = standing;
  const chance = random(20);
  if (chance < 2) {
    const kept = random(2) === 0 ? 0 : Math.floor(total / 2);
    return `cancel: ${await cancel(process, id, kept)}`;
  }
  if (companion !== null) {
    if (isPaying) return "waits";
    if (chance < 4) return `drop: ${await dropExchange(process, id)}`;
    await pay(process, id, someToken(random));
    return "pays a difference";
  }
  if (chance >= 9) return "is content";
  const lines = linesOf(holder.sale, random);
  const price = lines.reduce((sum, { ticketTypeId, quantity }) => {
    return sum + quantity * (ticketTypeId === holder.sale.adult ? ADULT_MINOR : CHILD_MINOR);
  }, 0);
  return price <= total
    ? `cheaper: ${await exchange(process, id, lines)}`
    : `dearer: ${await awaitExchange(process, id, lines)}`;
}

async function readStandings(world: PaidWorld): Promise<ReadonlyMap<Id<"rsv">, Standing>> {
  const { rows } = await sql<Standing>`
    select r.reservation_id, r.state, r.expires_at <= now.at as is_over, coalesce(r.offer_ends_at > now.at, false) as is_offered,
           r.exchange_id, r.total_minor, p.payment_id, p.provider, coalesce(p.concluded_at is null and p.payment_id is not null, false) as is_open
      from reservations.reservation r
     cross join (select ${databaseNow(world.clock)} as at) now
      left join lateral (
        select * from payments.payment p
         where p.reservation_id = r.reservation_id
         order by p.payment_id desc limit 1) p on true
     where r.exchange_of is null
  `.execute(world.database.kysely);
  return new Map(rows.map((row) => [row.reservation_id, row]));
}
