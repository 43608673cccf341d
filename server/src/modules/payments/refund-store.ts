import { type RawBuilder, sql } from "kysely";
import type { Clock, EpochMs } from "#platform/clock.ts";
import type { Queryable, Transaction } from "#platform/database/database.ts";
import { databaseNow } from "#platform/database/database-now.ts";
import type { Part } from "#platform/http/pagination.ts";
import type { Id } from "#platform/id.ts";
import type { Refund } from "./payment.ts";

// Every statement about refunds.

interface Row {
  readonly refund_id: Id<"rfd">;
  readonly payment_id: Id<"pay">;
  readonly reservation_id: Id<"rsv">;
  readonly event_id: Id<"evt">;
  readonly amount_minor: number;
  readonly currency: string;
  readonly reason: Refund["reason"];
  readonly state: Refund["state"];
  readonly asked_as: Id<"rfd">;
  readonly made_at: EpochMs;
  readonly failure_message: string | null;
  readonly looks: number;
}

const COLUMNS = sql.raw(
  `refund_id, payment_id, reservation_id, event_id, amount_minor, currency, reason, state, asked_as, made_at,
   failure_message, looks`,
);

function asRefund(row: Row): Refund {
  return {
    refundId: row.refund_id,
    paymentId: row.payment_id,
    reservationId: row.reservation_id,
    eventId: row.event_id,
    amount: { amountMinor: row.amount_minor, currency: row.currency },
    reason: row.reason,
    state: row.state,
    askedAs: row.asked_as,
    madeAt: row.made_at,
    failureMessage: row.failure_message,
    looks: row.looks,
  };
}

/** Keeps a refund that is to be given; one of `outside` was given already. */
export async function insertRefund(
  transaction: Transaction,
  clock: Clock,
  refund: Pick<
    Refund,
    "refundId" | "paymentId" | "reservationId" | "eventId" | "amount" | "reason"
  >,
): Promise<Refund> {
  const isGiven = refund.reason === "outside";
  const { rows } = await sql<Row>`
    insert into payments.refund (
      refund_id, payment_id, reservation_id, event_id, amount_minor, currency, reason, state, asked_as, made_at, look_at, settled_at
    )
    select ${refund.refundId}, ${refund.paymentId}, ${refund.reservationId}, ${refund.eventId},
           ${refund.amount.amountMinor}, ${refund.amount.currency}, ${refund.reason},
           ${isGiven ? "succeeded" : "pending"}, ${refund.refundId}, made.at,
           case when ${isGiven}::boolean then null else made.at end,
           case when ${isGiven}::boolean then made.at end
      from (select ${databaseNow(clock)} as at) made
    returning ${COLUMNS}
  `.execute(transaction);
  return asRefund(rows[0] as Row);
}

export async function readRefund(
  queryable: Queryable,
  refundId: Id<"rfd">,
): Promise<Refund | null> {
  const [refund] = await select(queryable, sql`where refund_id = ${refundId}`);
  return refund ?? null;
}

/** Those of some payments, the first one first. */
export async function refundsOf(
  queryable: Queryable,
  paymentIds: readonly Id<"pay">[],
): Promise<readonly Refund[]> {
  if (paymentIds.length === 0) return [];
  return select(queryable, sql`where payment_id in (${sql.join(paymentIds)}) order by refund_id`);
}

/** The refunds of an event, the newest first. */
export function listRefunds(
  queryable: Queryable,
  eventId: Id<"evt">,
  { after, limit }: Part<"rfd">,
): Promise<readonly Refund[]> {
  return select(
    queryable,
    sql`where event_id = ${eventId}
          and (${after}::uuid is null or refund_id < ${after}::uuid)
        order by refund_id desc
        limit ${limit}`,
  );
}

/** How far giving money back has come, by state: how many refunds, and how much. */
export async function refundProgress(
  queryable: Queryable,
  eventId: Id<"evt">,
): Promise<ReadonlyMap<Refund["state"], { readonly count: number; readonly amountMinor: number }>> {
  const { rows } = await sql<{
    state: Refund["state"];
    count: number;
    amount_minor: number;
  }>`
    select state, count(*) as count, sum(amount_minor)::bigint as amount_minor
      from payments.refund
     where event_id = ${eventId}
     group by state
  `.execute(queryable);
  return new Map(
    rows.map((row) => [row.state, { count: row.count, amountMinor: row.amount_minor }]),
  );
}

/** Refunds that somebody should look at by now. */
export async function refundsToLookAt(
  queryable: Queryable,
  clock: Clock,
  limit: number,
): Promise<readonly Id<"rfd">[]> {
  const { rows } = await sql<{ refund_id: Id<"rfd"> }>`
    select refund_id
      from payments.refund
     where state = 'pending'
       and look_at <= ${databaseNow(clock)}
     order by look_at
     limit ${limit}
  `.execute(queryable);
  return rows.map((row) => row.refund_id);
}

/** What came of a try: only as long as it is the present one. */
export async function settleRefund(
  queryable: Queryable,
  clock: Clock,
  { refundId, askedAs }: Refund,
  outcome:
    | { readonly state: "succeeded" | "by_hand" }
    | { readonly state: "failed"; readonly message: string },
): Promise<void> {
  const message = outcome.state === "failed" ? outcome.message : null;
  await sql`
    update payments.refund
       set state = ${outcome.state}, failure_message = ${message}, look_at = null, settled_at = ${databaseNow(clock)}
     where refund_id = ${refundId}
       and asked_as = ${askedAs}
       and state = 'pending'
  `.execute(queryable);
}

export async function postponeRefund(
  queryable: Queryable,
  clock: Clock,
  refundId: Id<"rfd">,
  seconds: number,
): Promise<void> {
  await sql`
    update payments.refund
       set looks = looks + 1, look_at = ${databaseNow(clock)} + make_interval(secs => ${seconds})
     where refund_id = ${refundId}
       and state = 'pending'
  `.execute(queryable);
}

/** A refused one is to be tried again, under another id. Null: it is not refused. */
export function reopenRefund(
  queryable: Queryable,
  clock: Clock,
  refundId: Id<"rfd">,
  askedAs: Id<"rfd">,
): Promise<Refund | null> {
  return changeRefused(
    queryable,
    refundId,
    sql`state = 'pending', settled_at = null, looks = 0, asked_as = ${askedAs}, look_at = ${databaseNow(clock)}`,
  );
}

/** A refused one was given in another way. Null: it is not refused. */
export function settleByHand(
  queryable: Queryable,
  clock: Clock,
  refundId: Id<"rfd">,
): Promise<Refund | null> {
  return changeRefused(
    queryable,
    refundId,
    sql`state = 'by_hand', settled_at = ${databaseNow(clock)}`,
  );
}

async function changeRefused(
  queryable: Queryable,
  refundId: Id<"rfd">,
  assignments: RawBuilder<unknown>,
): Promise<Refund | null> {
  const { rows } = await sql<Row>`
    update payments.refund
       set ${assignments}, failure_message = null
     where refund_id = ${refundId}
       and state = 'failed'
    returning ${COLUMNS}
  `.execute(queryable);
  const [row] = rows;
  return row === undefined ? null : asRefund(row);
}

async function select(
  queryable: Queryable,
  which: RawBuilder<unknown>,
): Promise<readonly Refund[]> {
  const { rows } = await sql<Row>`select ${COLUMNS} from payments.refund ${which}`.execute(
    queryable,
  );
  return rows.map(asRefund);
}
