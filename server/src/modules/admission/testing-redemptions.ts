import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { EventFacts } from "#modules/catalog/index.ts";
import {
  aSale,
  changeRequest,
  createStock,
  type TestSale,
  takePlaces,
} from "#modules/reservations/testing.ts";
import { TestClock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import type { Id } from "#platform/id.ts";
import { testDatabase } from "#test/database.ts";
import { type Judged, redeemBatch } from "./redeem-batch.ts";
import type { Reason, Redemption, Refusal } from "./redemption.ts";
import { assertTallied } from "./testing-tallies.ts";

// Tables of presentations: each line is one, with what the gate is told, so that the contract of admission.redeem_batch
// can be read down the page. Lines between --- are one batch.
//
//   T1..T4         tickets that let in once; F1 lets in three times; V1 is void; Z1 is nobody's; X is no code
//   North          the gate
//   #a             the name of the presentation at that gate
//   -60            it was so many seconds ago
//   let, refused   what a gate without a network did; nothing: it does what it is told
//   out            somebody leaves
//   !wrong_gate    what the caller has found against it
//   -> admitted    what it is told, with its reason; 2x: presented so often before; by South: let in there first;
//                  surplus; again: it is the first answer
//   ---            next batch       +900  the clock moves on by 900 seconds: the slot lets in from 0 to 3600

/** What a table says: its guarantee, whether people may come in again, the presentations. */
export type RedemptionTable = readonly [string, { readonly reEntry: boolean }, string];

const PRESENTER = "01990000-0000-7000-8000-000000000001";
const NOBODYS = "01990000-0000-7000-8000-00000000000f" as Id<"tkt">;
const OPEN_MS = 3_600_000;

/**
 * Runs a table: every gate is told what it says, and after each batch the tallies are what was written down. Once as batches
 * are sent, and once where each looks at once what was told before.
 */
export async function checkRedemptions(t: TestContext, table: RedemptionTable): Promise<void> {
  const database = await testDatabase(t);
  for (const mayBeUsual of [true, false]) await runTable(database, table, mayBeUsual);
}

async function runTable(
  database: Database,
  [, { reEntry }, table]: RedemptionTable,
  mayBeUsual: boolean,
): Promise<void> {
  const clock = new TestClock();
  const { sale, tickets } = await someTickets(database, clock);
  const opensAt = Math.floor(clock.now());
  let batch: string[] = [];
  const run = async () => {
    const asked = batch.map((line) => (line.split("->")[0] as string).trim());
    const judged = asked.map((line) =>
      judgedOf(line.split(/\s+/), {
        sale,
        tickets,
        reEntry,
        opensAt,
        now: Math.floor(clock.now()),
      }),
    );
    const told = judged.length === 0 ? [] : await redeemBatch(database, clock, judged, mayBeUsual);
    assert.deepEqual(
      told.map((redemption, index) => `${asked[index]} -> ${said(redemption)}`),
      batch.map((line) => line.replaceAll(/\s+/g, " ")),
    );
    await assertTallied(database);
    batch = [];
  };
  for (const line of table.trim().split("\n")) {
    const text = line.trim();
    if (text !== "---" && !text.startsWith("+")) batch.push(text);
    else {
      await run();
      if (text.startsWith("+")) clock.advance(Number(text.slice(1)) * 1000);
    }
  }
  await run();
}

/** Tickets of a sale by the names of the table. */
export async function someTickets(
  database: Database,
  clock: TestClock,
): Promise<{ sale: TestSale; tickets: ReadonlyMap<string, Id<"tkt">> }> {
  const sale = await aSale(database, clock, { capacity: 100 });
  const stock = createStock({
    database,
    clock,
    limits: { batchItemsMax: 10, queueItemsMax: 10 },
  });
  const { reservation } = await takePlaces(stock, clock, sale, { quantity: 5, confirmed: true });
  const names = ["T1", "T2", "T3", "T4", "F1"];
  const valid = (reservation?.tickets ?? []).map(
    ({ ticketId }, index) => [names[index] as string, ticketId] as const,
  );
  const void_ = await takePlaces(stock, clock, sale, { confirmed: true });
  await stock.change(
    changeRequest({ action: "cancel", reason: "holder", reservationId: void_.reservationId }),
  );
  const voided = void_.reservation?.tickets[0]?.ticketId as Id<"tkt">;
  return { sale, tickets: new Map([...valid, ["V1", voided], ["Z1", NOBODYS]]) };
}

interface Told {
  readonly sale: TestSale;
  readonly tickets: ReadonlyMap<string, Id<"tkt">>;
  readonly reEntry: boolean;
  readonly opensAt: number;
  readonly now: number;
}

function judgedOf([name = "", gate = "", ...more]: readonly string[], told: Told): Judged {
  const { sale, tickets, reEntry, opensAt, now } = told;
  const found = (shape: RegExp) => more.map((word) => shape.exec(word)?.[1]).find(Boolean) ?? null;
  const ago = found(/^-(-?\d+)$/);
  const nonce = found(/^#(\w+)$/);
  const against = found(/^!(\w+)$/) as Reason | null;
  const refusal: Refusal | null =
    name === "X"
      ? { outcome: "unknown", reason: "malformed" }
      : against === null
        ? null
        : { outcome: against === "key_revoked" ? "void" : "wrong_slot", reason: against };
  return {
    presentation: {
      event: { eventId: sale.eventId, reEntry } as EventFacts,
      code: "",
      gate,
      nonce,
      at: ago === null ? null : now - Number(ago) * 1000,
      direction: more.includes("out") ? "out" : "in",
      slotId: null,
      letThrough: more.includes("let") ? true : more.includes("refused") ? false : null,
      presenterId: PRESENTER,
    },
    code: {
      ticketId: tickets.get(name) ?? null,
      refusal,
      startsAt: opensAt,
      endsAt: opensAt + OPEN_MS,
      opensAt,
      admits: name === "F1" ? 3 : 1,
    },
    nonceId:
      nonce === null ? null : sale.eventId.slice(0, 24) + nonce.padStart(12, "0").slice(0, 12),
  };
}

function said(redemption: Redemption): string {
  const { outcome, reason, presentedBefore, firstAdmitted, isSurplus, isReplayed } = redemption;
  return [
    outcome,
    ...(reason === null || reason === outcome ? [] : [reason]),
    ...(presentedBefore > 0 ? [`${presentedBefore}x`] : []),
    ...(firstAdmitted === null ? [] : [`by ${firstAdmitted.gate}`]),
    ...(isSurplus ? ["surplus"] : []),
    ...(isReplayed ? ["again"] : []),
  ].join(" ");
}
