import assert from "node:assert/strict";
import { test } from "node:test";
import { assertTallied, createRedeem, type Redeem } from "#modules/admission/testing.ts";
import type { EventFacts } from "#modules/catalog/index.ts";
import { aSale, takePlaces } from "#modules/reservations/testing.ts";
import { testCodes } from "#modules/tickets/testing.ts";
import type { Database } from "#platform/database/database.ts";
import type { Id } from "#platform/id.ts";
import { RACES, severalProcesses } from "./several-processes.ts";

const PROCESSES = 5;
const GATES = 64;
const TICKETS = 1_000;
/** So many tickets are presented at the same time, each at all gates. */
const AT_ONCE = 50;
const HOUR_MS = 3_600_000;

test(
  "negative control: looking whether a ticket was presented before it is let in admits it several times",
  RACES,
  async (t) => {
    const { database } = await severalProcesses(t, PROCESSES);
    await database.script("create table platform.naive_scan (ticket integer not null)");
    const tickets = Array.from({ length: AT_ONCE }, (_, ticket) => ticket);
    await Promise.all(
      tickets.flatMap((ticket) =>
        Array.from({ length: GATES }, () => admitNaively(database, ticket)),
      ),
    );
    const [row] = await database.prepared<{ admitted: number }>(
      "naive_admitted",
      "select count(*)::integer as admitted from platform.naive_scan",
      [],
    );
    const admitted = row?.admitted ?? 0;
    assert.ok(admitted > AT_ONCE, `the naive way admitted ${admitted}: nothing was raced for`);
  },
);

/** What most people write: look, then act. */
async function admitNaively(database: Database, ticket: number): Promise<void> {
  const seen = await database.prepared(
    "naive_seen",
    "select from platform.naive_scan where ticket = $1",
    [ticket],
  );
  if (seen.length > 0) return;
  await database.prepared("naive_admit", "insert into platform.naive_scan values ($1)", [ticket]);
}

test(
  "a thousand tickets, each presented at 64 gates of five processes at the same instant, are admitted once each, and each gate is told another number",
  RACES,
  async (t) => {
    const { database, clock, stockFor } = await severalProcesses(t, PROCESSES);
    const sale = await aSale(database, clock, { capacity: TICKETS });
    const { reservation } = await takePlaces(stockFor(0), clock, sale, {
      quantity: TICKETS,
      confirmed: true,
    });
    const codes = await testCodes(database, clock);
    const startsAt = Math.floor(clock.now() / 1000) * 1000;
    const window = { startsAt, endsAt: startsAt + HOUR_MS };
    const event = eventOf(sale.eventId, sale.slotId, window);
    const presented = await Promise.all(
      (reservation?.tickets ?? []).map(({ ticketId, slotId, ticketTypeId }) =>
        codes.codeOf({
          ticketId,
          eventId: sale.eventId,
          slotId,
          ticketTypeId,
          ...window,
          admits: 1,
        }),
      ),
    );
    assert.equal(presented.length, TICKETS);
    const limits = { batchItemsMax: 50, queueItemsMax: 10_000 };
    const redeems: readonly Redeem[] = Array.from({ length: PROCESSES }, () =>
      createRedeem({ database, clock, check: codes.check, limits, onRedeemed: () => {} }),
    );
    for (let from = 0; from < TICKETS; from += AT_ONCE) {
      const tellings = presented.slice(from, from + AT_ONCE).map((code) =>
        Promise.all(
          Array.from({ length: GATES }, (_, gate) => {
            const redeem = redeems[gate % PROCESSES] as Redeem;
            return redeem.redeem(presentation(event, code, gate));
          }),
        ),
      );
      for (const told of await Promise.all(tellings)) {
        const admitted = told.filter(({ outcome }) => outcome === "admitted");
        assert.equal(admitted.length, 1);
        assert.equal(
          told.filter(({ outcome }) => outcome === "already_presented").length,
          GATES - 1,
        );
        assert.equal(admitted[0]?.presentedBefore, 0);
        const numbers = new Set(told.map(({ presentedBefore }) => presentedBefore));
        assert.deepEqual([numbers.size, Math.max(...numbers)], [GATES, GATES - 1]);
      }
    }
    await assertTallied(database);
  },
);

function presentation(event: EventFacts, code: string, gate: number) {
  return {
    event,
    code,
    gate: `gate ${gate}`,
    nonce: null,
    at: null,
    direction: "in",
    slotId: null,
    letThrough: null,
    presenterId: event.eventId,
  } as const;
}

/** What the door knows of an event. */
function eventOf(
  eventId: Id<"evt">,
  slotId: Id<"slt">,
  window: { readonly startsAt: number; readonly endsAt: number },
): EventFacts {
  return {
    eventId,
    revision: 1,
    state: "published",
    organizerId: null,
    tokenGeneration: 0,
    currency: "EUR",
    timeZone: "Europe/Prague",
    holdSeconds: 600,
    holdLifeMaxSeconds: 1200,
    ticketsPerReservationMax: TICKETS,
    cancellationFreeHours: 0,
    cancellationKeptPercent: 100,
    offlineHoldHours: null,
    reEntry: false,
    entryOpensMinutes: 0,
    ticketTypes: new Map(),
    slots: new Map([[slotId, { ...window, capacity: TICKETS }]]),
  };
}
