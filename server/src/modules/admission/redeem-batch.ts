import { hash } from "node:crypto";
import { assert } from "#platform/assert.ts";
import type { Clock, EpochMs } from "#platform/clock.ts";
import { plainArray, textArray } from "#platform/database/arrays.ts";
import type { Database } from "#platform/database/database.ts";
import { functionCall } from "#platform/database/function-call.ts";
import type { Id } from "#platform/id.ts";
import type { JudgedCode } from "./judge-code.ts";
import type { Outcome, Presentation, Reason, Redemption } from "./redemption.ts";

const STATEMENT = functionCall("admission.redeem_batch", 15);

/** A presentation, and what is found about its code. */
export interface Judged {
  readonly presentation: Presentation;
  readonly code: JudgedCode;
  /** What its nonce stands for: of one presenter at one gate. */
  readonly nonceId: string | null;
}

interface Row {
  readonly outcome: Outcome;
  readonly reason: Reason | null;
  readonly is_replayed: boolean;
  readonly number: number | null;
  readonly last_at: EpochMs | null;
  readonly is_surplus: boolean;
  readonly slot_id: Id<"slt"> | null;
  readonly ticket_type_id: Id<"tty"> | null;
  readonly holder_name: string | null;
  readonly first_at: EpochMs | null;
  readonly first_gate: string | null;
}

/** A UUID for the nonce of a presentation; null where it has none. */
export function nonceIdOf({ event, presenterId, gate, nonce }: Presentation): string | null {
  if (nonce === null) return null;
  const hex = hash("sha256", `${event.eventId}\0${presenterId}\0${gate ?? ""}\0${nonce}`, "hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/**
 * Sends a batch to admission.redeem_batch, whose header is the contract: one answer a presentation, in order, in
 * one transaction. No ticket and no nonce may be in it twice.
 */
export async function redeemBatch(
  database: Database,
  clock: Clock,
  batch: readonly Judged[],
): Promise<Redemption[]> {
  const rows = await database.prepared<Row>("redeem_batch", STATEMENT, encode(clock, batch));
  assert(rows.length === batch.length, "one answer a presentation");
  return rows.map((row, index) => redemptionOf(row, batch[index] as Judged));
}

/** The parameters of the function: an array literal each. */
function encode(clock: Clock, batch: readonly Judged[]): (string | number)[] {
  const of = <Value>(value: (judged: Judged) => Value) => batch.map(value);
  return [
    clock.shiftMs,
    plainArray(of(({ presentation }) => presentation.event.eventId)),
    plainArray(of(({ code }) => code.ticketId)),
    plainArray(of(({ nonceId }) => nonceId)),
    textArray(of(({ presentation }) => presentation.gate ?? "")),
    plainArray(of(({ presentation }) => presentation.presenterId)),
    plainArray(of(({ presentation }) => presentation.direction)),
    plainArray(of(({ presentation }) => presentation.at)),
    plainArray(of(({ presentation }) => presentation.letThrough)),
    plainArray(of(({ code }) => code.refusal?.outcome)),
    plainArray(of(({ code }) => code.refusal?.reason)),
    plainArray(of(({ code }) => code.opensAt)),
    plainArray(of(({ code }) => code.endsAt)),
    plainArray(of(({ code }) => code.admits)),
    plainArray(of(({ presentation }) => presentation.event.reEntry)),
  ];
}

function redemptionOf(row: Row, { code }: Judged): Redemption {
  const { ticketId, startsAt, endsAt, admits } = code;
  const { slot_id: slotId, ticket_type_id: ticketTypeId } = row;
  const isTicket = ticketId !== null && slotId !== null && ticketTypeId !== null;
  return {
    outcome: row.outcome,
    reason: row.reason,
    isReplayed: row.is_replayed,
    presentedBefore: row.number === null ? 0 : row.number - 1,
    lastPresentedAt: row.last_at,
    isSurplus: row.is_surplus,
    ticket: isTicket
      ? { ticketId, slotId, ticketTypeId, startsAt, endsAt, admits, holderName: row.holder_name }
      : null,
    firstAdmitted:
      row.first_at === null
        ? null
        : { at: row.first_at, gate: row.first_gate === "" ? null : row.first_gate },
  };
}
