import { type RawBuilder, sql } from "kysely";
import type { Clock, EpochMs } from "#platform/clock.ts";
import type { Database, Queryable, Transaction } from "#platform/database/database.ts";
import { databaseNow } from "#platform/database/database-now.ts";
import type { Part } from "#platform/http/pagination.ts";
import type { Id } from "#platform/id.ts";
import { toRfc3339 } from "#platform/time.ts";
import type { Payment, PaymentResult } from "./payment.ts";

// Every statement about payments. Rows in, payments out. A payment changes only from the state that a statement names, so
// that two who work on one at the same moment cannot undo each other.

interface Row {
  readonly payment_id: Id<"pay">;
  readonly reservation_id: Id<"rsv">;
  readonly hold_id: Id<"rsv">;
  readonly event_id: Id<"evt">;
  readonly provider: Payment["provider"];
  readonly method_token: string | null;
  readonly return_url: string | null;
  readonly amount_minor: number;
  readonly currency: string;
  readonly state: Payment["state"];
  readonly made_at: EpochMs;
  readonly wait_ends_at: EpochMs;
  readonly is_given_up: boolean;
  readonly provider_payment_id: string | null;
  readonly next_action: string | null;
  readonly failure_code: NonNullable<Payment["failure"]>["code"] | null;
  readonly failure_message: string | null;
  readonly looks: number;
  readonly offered_until: EpochMs | null;
  readonly outcome: PaymentResult | null;
}

const COLUMN_NAMES = `payment_id, reservation_id, hold_id, event_id, provider, method_token, return_url, amount_minor, currency, state, made_at,
   wait_ends_at, is_given_up, provider_payment_id, encode(next_action, 'hex') as next_action, failure_code, failure_message, looks,
   offered_until, outcome`;
const COLUMNS = sql.raw(COLUMN_NAMES);

function asPayment(row: Row): Payment {
  const { failure_code: code, failure_message: message } = row;
  return {
    paymentId: row.payment_id,
    reservationId: row.reservation_id,
    holdId: row.hold_id,
    eventId: row.event_id,
    provider: row.provider,
    amount: { amountMinor: row.amount_minor, currency: row.currency },
    methodToken: row.method_token,
    returnUrl: row.return_url,
    state: row.state,
    madeAt: row.made_at,
    waitEndsAt: row.wait_ends_at,
    isGivenUp: row.is_given_up,
    providerPaymentId: row.provider_payment_id,
    nextAction: row.next_action === null ? null : Buffer.from(row.next_action, "hex"),
    failure: code === null || message === null ? null : { code, message },
    looks: row.looks,
    offeredUntil: row.offered_until,
    result: row.outcome,
  };
}

/** Keeps a new payment, not begun, unless another one of the reservation is not concluded yet: then null. */
export async function insertPayment(
  transaction: Transaction,
  clock: Clock,
  payment: Pick<
    Payment,
    | "paymentId"
    | "reservationId"
    | "holdId"
    | "eventId"
    | "provider"
    | "amount"
    | "methodToken"
    | "returnUrl"
  > & { readonly waitSeconds: number },
): Promise<Payment | null> {
  const { rows } = await sql<Row>`
    insert into payments.payment (
      payment_id, reservation_id, hold_id, event_id, provider, amount_minor, currency, method_token, return_url, state,
      made_at, wait_ends_at, look_at
    )
    select ${payment.paymentId}, ${payment.reservationId}, ${payment.holdId}, ${payment.eventId}, ${payment.provider},
           ${payment.amount.amountMinor}, ${payment.amount.currency}, ${payment.methodToken}, ${payment.returnUrl}, 'not_started',
           made.at, made.at + make_interval(secs => ${payment.waitSeconds}), made.at
      from (select ${databaseNow(clock)} as at) made
        on conflict (reservation_id) where concluded_at is null do nothing
    returning ${COLUMNS}
  `.execute(transaction);
  const [row] = rows;
  return row === undefined ? null : asPayment(row);
}

/** Asked for again and again by whoever works on it. */
export async function readPayment(
  database: Database,
  paymentId: Id<"pay">,
): Promise<Payment | null> {
  const [row] = await database.prepared<Row>(
    "payment",
    `select ${COLUMN_NAMES} from payments.payment where payment_id = $1`,
    [paymentId],
  );
  return row === undefined ? null : asPayment(row);
}

/** All payments of a reservation, the first one first. */
export function paymentsOf(
  queryable: Queryable,
  reservationId: Id<"rsv">,
): Promise<readonly Payment[]> {
  return select(queryable, sql`where reservation_id = ${reservationId} order by payment_id`);
}

/** The same, locked until the transaction ends: nobody else counts their money meanwhile. */
export function lockPaymentsOf(
  transaction: Transaction,
  reservationId: Id<"rsv">,
): Promise<readonly Payment[]> {
  return select(
    transaction,
    sql`where reservation_id = ${reservationId} order by payment_id for update`,
  );
}

/** The payments of an event, the newest first. */
export function listPayments(
  queryable: Queryable,
  eventId: Id<"evt">,
  { after, limit }: Part<"pay">,
): Promise<readonly Payment[]> {
  return select(
    queryable,
    sql`where event_id = ${eventId}
          and (${after}::uuid is null or payment_id < ${after}::uuid)
        order by payment_id desc
        limit ${limit}`,
  );
}

/** Payments that somebody should look at by now, the longest overdue first. */
export async function paymentsToLookAt(
  queryable: Queryable,
  clock: Clock,
  limit: number,
): Promise<readonly Id<"pay">[]> {
  const { rows } = await sql<{ payment_id: Id<"pay"> }>`
    select payment_id
      from payments.payment
     where concluded_at is null
       and look_at <= ${databaseNow(clock)}
     order by look_at
     limit ${limit}
  `.execute(queryable);
  return rows.map((row) => row.payment_id);
}

/** Its hold waits for it. */
export function markProcessing(
  queryable: Queryable,
  { paymentId }: Payment,
): Promise<Payment | null> {
  return change(queryable, sql`state = 'processing'`, paymentId, ["not_started"]);
}

/** What the provider says of a payment that is not decided; and when it is asked again. */
export function markLookedAt(
  queryable: Queryable,
  clock: Clock,
  { paymentId }: Payment,
  found: {
    readonly providerPaymentId: string | null;
    readonly nextAction: Buffer | null;
    readonly lookInSeconds: number;
  },
): Promise<Payment | null> {
  const nextAction = found.nextAction?.toString("hex") ?? null;
  return change(
    queryable,
    sql`provider_payment_id = coalesce(${found.providerPaymentId}::text, provider_payment_id),
        next_action = decode(${nextAction}::text, 'hex'),
        looks = looks + 1,
        look_at = ${lookAt(clock, found.lookInSeconds)}`,
    paymentId,
    ["processing"],
  );
}

/** The provider could not be asked: again later. */
export async function postponeLook(
  queryable: Queryable,
  clock: Clock,
  paymentId: Id<"pay">,
  seconds: number,
): Promise<void> {
  await change(
    queryable,
    sql`looks = looks + 1, look_at = ${databaseNow(clock)} + make_interval(secs => ${seconds})`,
    paymentId,
    ["not_started", "processing", "succeeded", "failed"],
  );
}

export function markSucceeded(
  queryable: Queryable,
  clock: Clock,
  { paymentId }: Payment,
  providerPaymentId: string | null,
): Promise<Payment | null> {
  return change(
    queryable,
    sql`state = 'succeeded',
        provider_payment_id = coalesce(${providerPaymentId}::text, provider_payment_id),
        next_action = null,
        look_at = ${databaseNow(clock)}`,
    paymentId,
    ["processing"],
  );
}

export function markFailed(
  queryable: Queryable,
  clock: Clock,
  { paymentId }: Payment,
  { code, message }: NonNullable<Payment["failure"]>,
): Promise<Payment | null> {
  return change(
    queryable,
    sql`state = 'failed', failure_code = ${code}, failure_message = ${message}, next_action = null,
        look_at = ${databaseNow(clock)}`,
    paymentId,
    ["not_started", "processing"],
  );
}

/** How often it is looked whether places have come back for who is offered other slots. */
const OFFER_LOOK_SECONDS = 60;

/** Other slots are on offer until then. */
export async function markOffered(
  queryable: Queryable,
  clock: Clock,
  { paymentId }: Payment,
  until: EpochMs,
): Promise<void> {
  const end = sql`${toRfc3339(until)}::timestamptz`;
  const later = sql`${databaseNow(clock)} + make_interval(secs => ${OFFER_LOOK_SECONDS})`;
  await change(
    queryable,
    sql`offered_until = ${end}, look_at = least(${end}, ${later})`,
    paymentId,
    ["succeeded"],
  );
}

/** Places are settled. False: somebody else was first. */
export async function markConcluded(
  transaction: Transaction,
  clock: Clock,
  { paymentId, state }: Payment,
  result: PaymentResult,
): Promise<boolean> {
  const concluded = await change(
    transaction,
    // Nobody charges it any more: what the payer's card was known by is forgotten.
    sql`outcome = ${result}, concluded_at = ${databaseNow(clock)}, look_at = null, method_token = null`,
    paymentId,
    [state],
  );
  return concluded !== null;
}

/** Its wait ends now, so that whoever looks at it next ends it at the provider. */
export function endWait(
  queryable: Queryable,
  clock: Clock,
  paymentId: Id<"pay">,
): Promise<Payment | null> {
  return change(
    queryable,
    sql`is_given_up = true, wait_ends_at = least(wait_ends_at, ${databaseNow(clock)}), look_at = ${databaseNow(clock)}`,
    paymentId,
    ["not_started", "processing"],
  );
}

async function change(
  queryable: Queryable,
  assignments: RawBuilder<unknown>,
  paymentId: Id<"pay">,
  from: readonly Payment["state"][],
): Promise<Payment | null> {
  const { rows } = await sql<Row>`
    update payments.payment
       set ${assignments}
     where payment_id = ${paymentId}
       and state in (${sql.join(from)})
       and concluded_at is null
    returning ${COLUMNS}
  `.execute(queryable);
  const [row] = rows;
  return row === undefined ? null : asPayment(row);
}

async function select(
  queryable: Queryable,
  which: RawBuilder<unknown>,
): Promise<readonly Payment[]> {
  const { rows } = await sql<Row>`select ${COLUMNS} from payments.payment ${which}`.execute(
    queryable,
  );
  return rows.map(asPayment);
}

/** Not after its wait has ended, unless that was before. */
function lookAt(clock: Clock, seconds: number): RawBuilder<unknown> {
  const later = sql`${databaseNow(clock)} + make_interval(secs => ${seconds})`;
  return sql`case when wait_ends_at > ${databaseNow(clock)} then least(wait_ends_at, ${later}) else ${later} end`;
}
