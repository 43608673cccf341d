import { assert } from "#platform/assert.ts";
import type { Clock, EpochMs } from "#platform/clock.ts";
import { plainArray, textArray } from "#platform/database/arrays.ts";
import type { Database } from "#platform/database/database.ts";
import { constraintOf, isConflict } from "#platform/database/faults.ts";
import { functionCall } from "#platform/database/function-call.ts";
import { type Id, uuidOfText } from "#platform/id.ts";
import type { JudgedCode } from "./judge-code.ts";
import type { Outcome, Presentation, Reason, Redemption } from "./redemption.ts";

const STATEMENT = functionCall("admission.redeem_batch", 16);

/** A presentation, and what is found about its code. */
export interface Judged {
  readonly presentation: Presentation;
  readonly code: JudgedCode;
  /** What its nonce stands for: of one presenter at one gate. */
  readonly nonceId: string | null;
}

/** An element a presentation; null where all are admitted at their first presentation. */
interface Row {
  readonly outcomes: readonly Outcome[] | null;
  readonly reasons: readonly (Reason | null)[] | null;
  readonly replayed: readonly boolean[] | null;
  readonly numbers: readonly (number | null)[] | null;
  readonly last_at: readonly (EpochMs | null)[] | null;
  readonly surplus: readonly boolean[] | null;
  readonly slot_ids: readonly (Id<"slt"> | null)[];
  readonly ticket_type_ids: readonly (Id<"tty"> | null)[];
  readonly holder_names: readonly (string | null)[];
  readonly first_at: readonly (EpochMs | null)[] | null;
  readonly first_gates: readonly (string | null)[] | null;
}

/** A UUID for the nonce of a presentation; null where it has none. */
export function nonceIdOf({ event, presenterId, gate, nonce }: Presentation): string | null {
  if (nonce === null) return null;
  return uuidOfText(`${event.eventId}\0${presenterId}\0${gate ?? ""}\0${nonce}`);
}

/** What says that a ticket was presented, or a nonce used, before or at the same moment. */
const TAKEN: readonly unknown[] = ["redemption_numbered_once", "redemption_of_nonce"];
/** How often a batch is sent again when another process presented one of its tickets at the same moment. */
const ATTEMPTS_MAX = 100;

/**
 * Sends a batch to admission.redeem_batch, whose header is the contract: one answer a presentation, in order, in
 * one transaction. No ticket and no nonce may be in it twice.
 *
 * @param mayBeUsual false: looks what was told before also where nothing says that there is anything
 */
export async function redeemBatch(
  database: Database,
  clock: Clock,
  batch: readonly Judged[],
  mayBeUsual = true,
): Promise<Redemption[]> {
  let look = !(mayBeUsual && batch.every(isUsual));
  for (let attempt = 1; attempt < ATTEMPTS_MAX; attempt++) {
    try {
      return await sendBatch(database, clock, batch, look);
    } catch (error) {
      // Now it is known what came of the other one.
      if (!TAKEN.includes(constraintOf(error)) && !isConflict(error)) throw error;
      look = true;
    }
  }
  return sendBatch(database, clock, batch, true);
}

async function sendBatch(
  database: Database,
  clock: Clock,
  batch: readonly Judged[],
  look: boolean,
): Promise<Redemption[]> {
  // In the order of tickets: those who lock the same ones wait for each other, and never in a circle.
  const sorted = batch
    .map((judged, index) => ({ judged, index }))
    .sort((a, b) => ((a.judged.code.ticketId ?? "~") < (b.judged.code.ticketId ?? "~") ? -1 : 1));
  const inOrder = sorted.map(({ judged }) => judged);
  const [row] = await database.prepared<Row>(
    "redeem_batch",
    STATEMENT,
    encode(clock, inOrder, look),
  );
  assert(row?.slot_ids.length === batch.length, "one answer a presentation");
  const redemptions: Redemption[] = new Array(batch.length);
  for (const [place, { judged, index }] of sorted.entries()) {
    redemptions[index] = redemptionOf(row, place, judged);
  }
  return redemptions;
}

/** As far as anybody knows, it lets in at once. */
function isUsual({ presentation, code }: Judged): boolean {
  const { direction, at, letThrough } = presentation;
  return (
    code.ticketId !== null &&
    code.refusal === null &&
    direction === "in" &&
    at === null &&
    letThrough === null
  );
}

/** The parameters of the function: an array literal each. */
function encode(clock: Clock, batch: readonly Judged[], look: boolean): (string | number)[] {
  const of = <Value>(value: (judged: Judged) => Value) => batch.map(value);
  return [
    clock.shiftMs,
    String(look),
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

function redemptionOf(row: Row, place: number, { code }: Judged): Redemption {
  const { ticketId, startsAt, endsAt, admits } = code;
  const slotId = row.slot_ids[place] ?? null;
  const ticketTypeId = row.ticket_type_ids[place] ?? null;
  const isTicket = ticketId !== null && slotId !== null && ticketTypeId !== null;
  const number = row.numbers === null ? 1 : (row.numbers[place] ?? null);
  const firstAt = row.first_at?.[place] ?? null;
  const gate = row.first_gates?.[place] ?? "";
  const holderName = row.holder_names[place] ?? null;
  return {
    outcome: row.outcomes?.[place] ?? "admitted",
    reason: row.reasons?.[place] ?? null,
    isReplayed: row.replayed?.[place] ?? false,
    presentedBefore: number === null ? 0 : number - 1,
    lastPresentedAt: row.last_at?.[place] ?? null,
    isSurplus: row.surplus?.[place] ?? false,
    ticket: isTicket
      ? { ticketId, slotId, ticketTypeId, startsAt, endsAt, admits, holderName }
      : null,
    firstAdmitted: firstAt === null ? null : { at: firstAt, gate: gate === "" ? null : gate },
  };
}
