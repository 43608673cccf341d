import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { TestClock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import type { Id } from "#platform/id.ts";
import { testDatabase } from "#test/database.ts";
import { changeBatch } from "./change-batch.ts";
import { type ChangeRequest, changeRequest } from "./change-request.ts";
import type { ChangeResult } from "./change-result.ts";
import { holdBatch } from "./hold-batch.ts";
import type { HoldRequest } from "./hold-request.ts";
import { createReservationReader } from "./read-reservation.ts";
import { ticketId } from "./ticket-id.ts";

// Tables of batches: each block is one batch, each line a request and the status it must get, so that the contract of
// reservations.hold_batch and reservations.change_batch can be read down the page: where holds and changes
// alternate, a batch a run. Batches follow one another on the same pools.
//
//   P1=2         pool P1 has two places
//   R1..R9       reservations; K1..K9 idempotency keys
//   P1:2,P2:1    two places of P1 and one of P2
//   free / paid  what it costs; !: confirmed at once, or money is settled
//   @R2          the reservation that holds what an exchange needs
//   S60          for 60 seconds instead of 600; V3: as it stands after its third entry
//   T1           return_tickets: the first of the tickets that its second entry issued
//   manager, payment   on whose behalf; else its holder's
//   ---          next batch       +900  the clock moves on by 900 seconds
//   used R1 T1   between batches: that ticket lets somebody in; unused R1 T1: that is undone

/** What a table says: its guarantee, the places of each pool, the batches. */
export type BatchTable = readonly [string, Readonly<Record<string, number>>, string];

/** Runs a table: every status is as it says, and after each batch everything adds up. */
export async function checkBatches(t: TestContext, [, pools, table]: BatchTable): Promise<void> {
  const database = await testDatabase(t);
  const clock = new TestClock();
  await openPools(database, pools);
  let batch: string[][] = [];
  const run = async () => {
    const results = await applyRuns(database, clock, batch);
    const got = batch.map((words, index) =>
      [...words.slice(0, -1), results[index]?.status].join(" "),
    );
    assert.deepEqual(
      got,
      batch.map((words) => words.join(" ")),
    );
    await proveAll(database);
    batch = [];
  };
  for (const line of table
    .trim()
    .split("\n")
    .map((text) => text.trim())) {
    if (line === "---" || /^(\+|used|unused)/.test(line)) {
      await run();
      if (line.startsWith("+")) clock.advance(Number(line.slice(1)) * 1000);
      else if (line !== "---") await useTicket(database, line.split(/\s+/));
    } else batch.push(line.split(/\s+/));
  }
  await run();
}

/** Holds go in batches of their own: each run of holds, and each run of changes, is one. */
async function applyRuns(
  database: Database,
  clock: TestClock,
  batch: readonly string[][],
): Promise<ChangeResult[]> {
  const [first] = batch;
  if (first === undefined) return [];
  const isHold = first[0] === "hold";
  const other = batch.findIndex(([action]) => (action === "hold") !== isHold);
  const run = batch.slice(0, other === -1 ? batch.length : other);
  const results = isHold
    ? await holdBatch(database, clock, run.map(parseHold))
    : await changeBatch(database, clock, run.map(parseChange));
  await mustBeAsStored(database, clock, results);
  return [...results, ...(await applyRuns(database, clock, batch.slice(run.length)))];
}

/** A reservation that a batch tells of is the one that is read. */
async function mustBeAsStored(
  database: Database,
  clock: TestClock,
  results: readonly ChangeResult[],
): Promise<void> {
  const reader = createReservationReader({
    database,
    clock,
    batchItemsMax: 100,
    queueItemsMax: 100,
  });
  for (const { reservation } of results) {
    if (reservation === null) continue;
    const { reservationId, version } = reservation;
    assert.deepEqual(reservation, await reader.read(reservationId, version));
  }
}

function parseHold(words: string[]): HoldRequest {
  const { reservationId, requestKey, priced, confirmed } = parse(words);
  return {
    reservationId,
    eventId: id("E1") as Id<"evt">,
    requestKey,
    refusal: null,
    confirmed,
    holdSeconds: 600,
    lifeSeconds: 900,
    priced,
    attendee: { name: "Ada", email: null, phone: null },
    language: null,
  };
}

function parseChange(words: string[]): ChangeRequest {
  const { action, as, generation, confirmed, seconds, version, companion, ...parsed } =
    parse(words);
  return changeRequest({
    ...parsed,
    action: action as ChangeRequest["action"],
    reason: as ?? "holder",
    generation: generation === undefined ? null : Number(generation),
    version: version === undefined ? null : Number(version),
    paidMinor: confirmed ? 1_000 : null,
    companionId: companion === undefined ? null : (id(companion) as Id<"rsv">),
    holdSeconds: seconds,
    attendee: action === "transfer" ? { name: "Ada", email: null, phone: null } : null,
  });
}

function parse(words: string[]) {
  const [action = "", reservation = "", ...rest] = words.slice(0, -1);
  const draws = rest
    .filter((word) => word.startsWith("P"))
    .flatMap((word) => word.split(","))
    .map((draw) => ({ poolId: id(draw.slice(0, 2)), quantity: Number(draw.slice(3)) }));
  const key = rest.find((word) => word.startsWith("K"));
  const price = rest.includes("paid") ? 100 : 0;
  return {
    action,
    as: (["manager", "payment"] as const).find((reason) => rest.includes(reason)),
    generation: rest.find((word) => word.startsWith("G"))?.slice(1),
    reservationId: id(reservation) as Id<"rsv">,
    requestKey:
      key === undefined
        ? null
        : { key: id(key.slice(0, 2)), fingerprint: id(key.endsWith("'") ? "F2" : "F1") },
    confirmed: rest.includes("!"),
    seconds: Number(rest.find((word) => word.startsWith("S"))?.slice(1) ?? 600),
    returnedIds: rest
      .filter((word) => /^T\d$/.test(word))
      .map((word) => ticketOf(reservation, word)),
    version: rest.find((word) => word.startsWith("V"))?.slice(1),
    companion: rest.find((word) => word.startsWith("@"))?.slice(1),
    priced:
      draws.length === 0
        ? null
        : {
            lines: draws.map((draw) => ({
              slotId: draw.poolId as Id<"slt">,
              ticketTypeId: id("T1") as Id<"tty">,
              quantity: draw.quantity,
              unitPriceMinor: price,
            })),
            draws,
            poolsOfLine: draws.map((draw) => [draw.poolId]),
            totalMinor: draws.reduce((total, draw) => total + draw.quantity * price, 0),
            currency: "EUR",
            revision: 1,
          },
  };
}

/** The n-th of the tickets that a reservation's second entry issued. */
function ticketOf(reservation: string, word: string): Id<"tkt"> {
  return ticketId(id(reservation) as Id<"rsv">, 2, Number(word.slice(1)));
}

async function useTicket(database: Database, [word, ...words]: string[]): Promise<void> {
  const [reservation = "", ticket = ""] = words;
  await database.prepared(
    "use_ticket",
    `update reservations.ticket
        set used_at = case when $2::text = 'true' then clock_timestamp() end
      where ticket_id = $1`,
    [ticketOf(reservation, ticket), String(word === "used")],
  );
}

async function openPools(
  database: Database,
  pools: Readonly<Record<string, number>>,
): Promise<void> {
  await database.script(`
    insert into reservations.sale (event_id, revision, state, settled) values ('${id("E1")}', 1, 'published', true);
    ${Object.entries(pools)
      .map(
        ([name, capacity]) =>
          `insert into reservations.pool (pool_id, event_id, slot_id, capacity)
           values ('${id(name)}', '${id("E1")}', '${id(name)}', ${capacity});`,
      )
      .join("\n")}`);
}

/** Counters equal the ledger, and there are as many valid tickets as places sold. */
async function proveAll(database: Database): Promise<void> {
  const rows = await database.prepared<Record<string, number>>(
    "prove_all",
    `select held, sold, ledger_held, ledger_sold, drawn_held, drawn_sold from reservations.proof($1::text::uuid)`,
    [id("E1")],
  );
  for (const row of rows) {
    assert.deepEqual([row["ledger_held"], row["ledger_sold"]], [row["held"], row["sold"]]);
    assert.deepEqual([row["drawn_held"], row["drawn_sold"]], [row["held"], row["sold"]]);
  }
  const [count] = await database.prepared<{ valid: number; sold: number }>(
    "count_tickets",
    `select (select count(*) from reservations.ticket where voided_version is null) as valid,
            (select coalesce(sum(sold), 0) from reservations.pool) as sold`,
    [],
  );
  assert.equal(Number(count?.valid), Number(count?.sold));
}

/** R1, P1, K1 and so on become the same UUID on every run. */
function id(name: string): string {
  const kind = { E: "e", P: "a", R: "b", T: "f", K: "c", F: "d" }[name[0] ?? ""] ?? "0";
  return `00000000-0000-7000-8000-00000000${kind}00${name.slice(1, 2)}`;
}
